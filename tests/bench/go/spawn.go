package main

import (
	"os"
	"sync"
)

// One after another: a goroutine has no join, so its end is told through a channel, made once.
func spawnJoin(o options) {
	done := make(chan struct{})
	some := func(units int) {
		for i := 0; i < units; i++ {
			go func() { done <- struct{}{} }()
			<-done
		}
	}
	some(o.ops / 10)
	report(o, "spawn-join", nsEach(o.ops, func() { some(o.ops) }), "ns")
}

func spawnBatch(o options) {
	var units sync.WaitGroup
	batches := func(count int) {
		for i := 0; i < count; i++ {
			units.Add(o.n)
			for j := 0; j < o.n; j++ {
				go units.Done()
			}
			units.Wait()
		}
	}
	count := atLeastOne(o.ops / o.n)
	batches(atLeastOne(count / 10))
	report(o, "spawn-batch", nsEach(count*o.n, func() { batches(count) }), "ns")
}

func alive(o options) {
	once := func() {
		var units sync.WaitGroup
		gate := make(chan struct{})
		units.Add(o.n)
		for i := 0; i < o.n; i++ {
			go func() {
				<-gate
				units.Done()
			}()
		}
		close(gate)
		units.Wait()
	}
	report(o, "alive-cold", nsEach(o.n, once), "ns")
	report(o, "alive-warm", nsEach(o.n, once), "ns")
}

const children = 10

func node(parent chan<- int, first, size int) {
	if size == 1 {
		parent <- first
		return
	}
	sums := make(chan int, children)
	for i := 0; i < children; i++ {
		go node(sums, first+i*(size/children), size/children)
	}
	sum := 0
	for i := 0; i < children; i++ {
		sum += <-sums
	}
	parent <- sum
}

func skynet(o options) {
	once := func() {
		sum := make(chan int)
		go node(sum, 0, o.n)
		if <-sum != o.n*(o.n-1)/2 {
			os.Stderr.WriteString("skynet: the sum is wrong\n")
			os.Exit(1)
		}
	}
	once()
	report(o, "skynet", nsEach(o.n, once), "ns")
}
