package main

import "sync/atomic"

// N units wait together, until all are there and vtlab has looked at the process.
func parkedMemory(w *work) error {
	var arrived int32
	gate := make(chan struct{})
	w.startAll(func(int) error {
		if int(atomic.AddInt32(&arrived, 1)) < w.tasks {
			<-gate
			return nil
		}
		w.allWait()
		close(gate)
		return nil
	})
	w.joinAll()
	return nil
}
