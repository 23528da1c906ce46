package main

import "fmt"

const (
	steps   = 1 << 26
	stepSum = 0x7f8310511ea31545 // of mix(0) to mix(steps - 1)
)

// One amount of computing, the same whatever N is, cut in N pieces; the sum is checked.
func cpuBound(w *work) error {
	sums := make([]uint64, w.tasks)
	w.startAll(func(unit int) error {
		sums[unit] = compute(steps*uint64(unit)/uint64(w.tasks), steps*uint64(unit+1)/uint64(w.tasks))
		return nil
	})
	w.joinAll()
	var sum uint64
	for _, piece := range sums {
		sum += piece
	}
	if sum != stepSum {
		return fmt.Errorf("the units computed something else: %d", sum)
	}
	w.report("steps", steps)
	return nil
}

func compute(begin, end uint64) uint64 {
	var sum uint64
	for i := begin; i < end; i++ {
		sum += mix(i)
	}
	return sum
}

// As scenarios/mix.h.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb
	return x ^ (x >> 31)
}
