// lateness.go — how much later than they asked for sleepers are woken: measured by themselves.
package main

import (
	"math"
	"sort"
	"time"
)

type lateness struct {
	ns []uint64 // of each sleep
}

func newLateness(sleeps int) *lateness {
	return &lateness{make([]uint64, sleeps)}
}

func (l *lateness) sleep(duration time.Duration, number int) {
	begin := time.Now()
	time.Sleep(duration)
	if late := time.Since(begin) - duration; late > 0 {
		l.ns[number] = uint64(late)
	}
}

// Once all sleeps are over.
func (l *lateness) report(w *work) {
	sort.Slice(l.ns, func(a, b int) bool { return l.ns[a] < l.ns[b] })
	w.report("late_p50_ns", l.percentile(0.50))
	w.report("late_p99_ns", l.percentile(0.99))
	w.report("late_max_ns", l.percentile(1.00))
}

// By nearest rank, as in C++ (percentile.h).
func (l *lateness) percentile(fraction float64) uint64 {
	rank := int(math.Ceil(fraction * float64(len(l.ns))))
	if rank < 1 {
		rank = 1
	}
	return l.ns[rank-1]
}
