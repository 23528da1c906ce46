package main

// N units each send a request and read the answer, which comes after a delay.
func blockingIO(w *work) error {
	for i := 0; i < w.tasks; i++ {
		unit := i
		w.start(unit, func() error { return w.request(unit) })
	}
	w.joinAll()
	return nil
}
