package main

const rounds = 50

// Pairs of units hand a token to and fro.
func pingPong(w *work) error {
	paired := w.tasks / 2 * 2
	token := make([]chan struct{}, paired)
	for unit := range token {
		token[unit] = make(chan struct{}, 1) // to give never waits
	}
	w.startAll(func(unit int) error {
		if unit == paired {
			return nil // the odd one out has nobody to play with
		}
		mine, partners, serves := token[unit], token[unit^1], unit%2 == 0
		for i := 0; i < rounds; i++ {
			if serves {
				partners <- struct{}{}
			}
			<-mine
			if !serves {
				partners <- struct{}{}
			}
		}
		return nil
	})
	w.joinAll()
	w.report("round_trips", uint64(w.tasks/2)*rounds)
	return nil
}
