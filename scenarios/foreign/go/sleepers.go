package main

import "time"

// N units sleep once, all for the same time.
func sleepers(w *work) error {
	late := newLateness(w.tasks)
	w.startAll(func(unit int) error {
		late.sleep(time.Duration(w.delayNs), unit)
		return nil
	})
	w.joinAll()
	late.report(w)
	return nil
}

const sleepsOfTimerStorm = 10

// N units sleep ten times each, for short times drawn by the seed.
func timerStorm(w *work) error {
	late := newLateness(w.tasks * sleepsOfTimerStorm)
	mean := uint64(w.delayNs) / sleepsOfTimerStorm
	w.startAll(func(unit int) error {
		for i := 0; i < sleepsOfTimerStorm; i++ {
			number := unit*sleepsOfTimerStorm + i
			late.sleep(time.Duration(mix(mix(w.seed)+uint64(number))%(2*mean+1)), number)
		}
		return nil
	})
	w.joinAll()
	late.report(w)
	return nil
}
