package main

// Start N units that do nothing, then wait for all of them.
func spawnJoin(w *work) error {
	for unit := 0; unit < w.tasks; unit++ {
		w.start(unit, func() error { return nil })
	}
	w.joinAll()
	return nil
}
