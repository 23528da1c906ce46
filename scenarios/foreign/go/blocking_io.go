package main

// N units each send a request and read the answer, which comes after a delay. Over a file: each reads a
// byte of it, which is there.
func blockingIO(w *work) error {
	if w.file != nil {
		w.startAll(func(unit int) error {
			_, err := w.file.ReadAt(make([]byte, 1), int64(unit))
			return err
		})
	} else {
		w.startAll(func(unit int) error {
			if err := w.sendRequest(unit); err != nil {
				return err
			}
			_, err := w.connections[unit].Read(make([]byte, 1))
			return err
		})
	}
	w.joinAll()
	return nil
}
