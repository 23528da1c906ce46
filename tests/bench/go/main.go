// bench-go: the works of the benchmark on goroutines, with the command line of bench.h.
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"time"
)

type options struct {
	work             string
	n, ops, carriers int
}

// In the order in which they are listed.
var works = []struct {
	name string
	run  func(options)
}{
	{"spawn-join", spawnJoin},
	{"spawn-batch", spawnBatch},
	{"alive", alive},
	{"yield", yield},
	{"mutex-ping-pong", mutexPingPong},
	{"channel-ping-pong", channelPingPong},
	{"parked", parked},
	{"sleepers", sleepers},
	{"echo", echo},
	{"skynet", skynet},
}

func report(o options, measure string, value float64, unit string) {
	fmt.Printf("{\"work\": %q, \"carriers\": %d, \"n\": %d, \"ops\": %d, \"value\": %.6g, \"unit\": %q}\n",
		measure, o.carriers, o.n, o.ops, value, unit)
}

func seconds(work func()) float64 {
	start := time.Now()
	work()
	return time.Since(start).Seconds()
}

func nsEach(ops int, work func()) float64 {
	return seconds(work) * 1e9 / float64(ops)
}

func atLeastOne(count int) int {
	if count < 1 {
		return 1
	}
	return count
}

func usage(why string) {
	fmt.Fprintf(os.Stderr, "%s: %s\n", os.Args[0], why)
	os.Exit(2)
}

func parse(words []string) options {
	o := options{work: words[0], n: 1, ops: 100000, carriers: 1}
	places := map[string]*int{"--n": &o.n, "--ops": &o.ops, "--carriers": &o.carriers}
	for i := 1; i < len(words); i += 2 {
		place, known := places[words[i]]
		if !known {
			usage("unknown option " + words[i])
		}
		if i+1 == len(words) {
			usage(words[i] + " needs a value")
		}
		value, err := strconv.Atoi(words[i+1])
		if err != nil || value <= 0 {
			usage(words[i] + " needs a whole number above 0")
		}
		*place = value
	}
	return o
}

func main() {
	if len(os.Args) < 2 {
		usage("which work? 'works' lists them; then --n N --carriers C --ops K")
	}
	switch os.Args[1] {
	case "version":
		fmt.Println("Go", runtime.Version()[len("go"):])
		return
	case "works":
		for _, work := range works {
			fmt.Println(work.name)
		}
		return
	}
	o := parse(os.Args[1:])
	for _, work := range works {
		if work.name == o.work {
			runtime.GOMAXPROCS(o.carriers)
			// Not on the main goroutine, which is bound to nothing but is the first: as every other.
			done := make(chan struct{})
			go func() {
				work.run(o)
				close(done)
			}()
			<-done
			return
		}
	}
	usage("this program has no work '" + o.work + "'")
}
