package main

import "runtime"

// N units each say a hundred times "let others run".
func yieldStorm(w *work) error {
	const yields = 100
	w.startAll(func(int) error {
		for i := 0; i < yields; i++ {
			runtime.Gosched()
		}
		return nil
	})
	w.joinAll()
	w.report("yields", uint64(w.tasks)*yields)
	return nil
}
