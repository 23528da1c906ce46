package main

import (
	"runtime"
	"sync"
)

// Runs the bodies at the same time and waits for all.
func together(bodies ...func()) {
	var units sync.WaitGroup
	units.Add(len(bodies))
	for _, body := range bodies {
		body := body
		go func() {
			body()
			units.Done()
		}()
	}
	units.Wait()
}

func yield(o options) {
	some := func(yields int) {
		bodies := make([]func(), o.n)
		for i := range bodies {
			bodies[i] = func() {
				for j := 0; j < yields; j++ {
					runtime.Gosched()
				}
			}
		}
		together(bodies...)
	}
	each := o.ops / o.n
	some(each / 10)
	report(o, "yield", nsEach(each*o.n, func() { some(each) }), "ns")
}

func mutexPingPong(o options) {
	some := func(rounds int) {
		var mutex sync.Mutex
		changed := [2]*sync.Cond{sync.NewCond(&mutex), sync.NewCond(&mutex)}
		turn := 0
		player := func(me int) func() {
			return func() {
				for i := 0; i < rounds; i++ {
					mutex.Lock()
					for turn != me {
						changed[me].Wait()
					}
					turn = 1 - me
					changed[turn].Signal()
					mutex.Unlock()
				}
			}
		}
		together(player(0), player(1))
	}
	some(o.ops / 10)
	report(o, "mutex-ping-pong", nsEach(o.ops, func() { some(o.ops) }), "ns")
}

func channelPingPong(o options) {
	some := func(rounds int) {
		there, back := make(chan int), make(chan int)
		together(func() {
			for i := 0; i < rounds; i++ {
				back <- <-there
			}
		}, func() {
			for i := 0; i < rounds; i++ {
				there <- 1
				<-back
			}
		})
	}
	some(o.ops / 10)
	report(o, "channel-ping-pong", nsEach(o.ops, func() { some(o.ops) }), "ns")
}
