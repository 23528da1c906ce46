// vtlab-go: the observed Go program. Waits at the gate, runs one scenario, reports.
//
// Started by vtlab only (docs/child-protocol.md). Arguments: SCENARIO MODE SLOTS KEY=VALUE…
package main

import (
	"fmt"
	"os"
	"runtime"
)

// The work of a scenario in Go. To add one: a file, and a line here.
type scenario struct {
	run      func(*work) error
	connects bool // vtlab stands at the other end of a connection for each unit
	blocking bool // its units wait in system calls of their own: what they read must let them
}

var scenarios = map[string]scenario{
	"spawn-join":       {run: spawnJoin},
	"blocking-io":      {run: blockingIO, connects: true},
	"same-call":        {run: blockingIO, connects: true},
	"pinned":           {run: pinned, connects: true, blocking: true},
	"blocking-syscall": {run: blockingSyscall, connects: true, blocking: true},
	"echo-server":      {run: echoServer, connects: true},
	"sleepers":         {run: sleepers},
	"timer-storm":      {run: timerStorm},
	"cpu-bound":        {run: cpuBound},
	"parked-memory":    {run: parkedMemory},
	"ping-pong":        {run: pingPong},
	"yield-storm":      {run: yieldStorm},
	"lost-updates":     {run: lostUpdates},
}

func run(words []string) error {
	params, err := parseParams(words)
	if err != nil {
		return err
	}
	chosen, known := scenarios[params.scenario]
	if !known {
		return fmt.Errorf("scenario %s", params.scenario)
	}
	runtime.GOMAXPROCS(params.procs)
	log, err := mapUnitLog(params.tasks)
	if err != nil {
		return err
	}
	work := &work{params: params, log: log}
	if err := work.open(chosen); err != nil {
		return err
	}

	say("ready")
	waitAtGate()
	start := monotonicNs()
	if err := chosen.run(work); err != nil {
		return err
	}
	end := monotonicNs()
	say(fmt.Sprint("window ", start, " ", end))
	for key, value := range work.reported {
		say(fmt.Sprint("metric ", key, " ", value))
	}
	say("done")
	waitAtGate()
	return nil
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		say("error " + err.Error())
		os.Exit(1)
	}
}
