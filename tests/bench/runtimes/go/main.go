// The works of ./vtlabw bench runtimes on goroutines: main WORK --ops N --carriers P.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"sync"
	"syscall"
	"time"
)

const (
	batch  = 100
	period = time.Millisecond // of a batch: 100,000 in a second
)

var works = map[string]func(ops int){
	"go-storm": func(ops int) { inBatches(ops, 0, justEnd) },
	"go-paced": func(ops int) { inBatches(ops, period, justEnd) },
	"go-parks": func(ops int) { inBatches(ops, period, parkOnce) },
}

func justEnd(units int) {
	var all sync.WaitGroup
	all.Add(units)
	for i := 0; i < units; i++ {
		go all.Done()
	}
	all.Wait()
}

// Each of them parks: nobody sends before all have begun.
func parkOnce(units int) {
	var begun, ended sync.WaitGroup
	begun.Add(units)
	ended.Add(units)
	messages := make(chan struct{})
	for i := 0; i < units; i++ {
		go func() {
			begun.Done()
			<-messages
			ended.Done()
		}()
	}
	begun.Wait()
	for i := 0; i < units; i++ {
		messages <- struct{}{}
	}
	ended.Wait()
}

// Who is late does not sleep.
func inBatches(ops int, each time.Duration, work func(units int)) {
	due := time.Now()
	for done := 0; done < ops; done += batch {
		work(batch)
		due = due.Add(each)
		if left := time.Until(due); left > 0 {
			time.Sleep(left)
		}
	}
}

func cpu() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func report(measure string, taken time.Duration, ops int) {
	fmt.Printf("{\"work\": %q, \"value\": %.6g, \"unit\": \"ns\"}\n", measure, float64(taken)/float64(ops))
}

func main() {
	name := os.Args[1]
	work, known := works[name]
	options := flag.NewFlagSet(name, flag.ExitOnError)
	ops := options.Int("ops", 1000, "how many units")
	carriers := options.Int("carriers", 1, "GOMAXPROCS")
	_ = options.Parse(os.Args[2:])
	if !known {
		fmt.Fprintf(os.Stderr, "unknown work %s\n", name)
		os.Exit(2)
	}
	runtime.GOMAXPROCS(*carriers)
	work(*ops / 10)
	used, start := cpu(), time.Now()
	work(*ops)
	report(name, time.Since(start), *ops)
	report(name+"-cpu", cpu()-used, *ops)
}
