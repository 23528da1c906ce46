package main

import "sync/atomic"

// N units add to one counter and nobody synchronises: reads and writes are atomic, the addition is not.
func lostUpdates(w *work) error {
	const updates = 1000 // of each unit
	var counter uint64
	w.startAll(func(int) error {
		for i := 0; i < updates; i++ {
			seen := atomic.LoadUint64(&counter)
			spin()
			atomic.StoreUint64(&counter, seen+1)
		}
		return nil
	})
	w.joinAll()
	made := uint64(w.tasks) * updates
	w.report("updates", made)
	w.report("lost_updates", made-counter)
	return nil
}

var spun uint32 // keeps the loop below from being optimised away

// Some 100 ns in which the others can come between.
func spin() {
	for i := uint64(0); i < 50; i++ {
		if mix(i) == 0 {
			atomic.AddUint32(&spun, 1)
		}
	}
}
