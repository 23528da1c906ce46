// work.go — one running experiment as a scenario sees it: its units, parameters and connections.
package main

import (
	"errors"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

// One record of the unit log, in memory that vtlab made and reads (docs/child-protocol.md).
type unitRecord struct {
	askedNs, finishedNs int64
	firstTid, lastTid   uint32
	err, unused         uint32
}

type unitLog struct {
	finished *uint32
	records  []unitRecord
}

func mapUnitLog(units int) (*unitLog, error) {
	const header = 64
	size := header + units*int(unsafe.Sizeof(unitRecord{}))
	memory, err := syscall.Mmap(unitLogFd, 0, size, syscall.PROT_READ|syscall.PROT_WRITE,
		syscall.MAP_SHARED|syscall.MAP_POPULATE)
	if err != nil {
		return nil, err
	}
	return &unitLog{
		finished: (*uint32)(unsafe.Pointer(&memory[0])),
		records:  unsafe.Slice((*unitRecord)(unsafe.Pointer(&memory[header])), units),
	}, nil
}

type work struct {
	params
	log         *unitLog
	connections []net.Conn
	descriptors []int    // of the connections, where calls on them shall block
	file        *os.File // instead of connections
	units       sync.WaitGroup
	reported    map[string]uint64
}

var begin = time.Now()
var beginNs = readClock()

// CLOCK_MONOTONIC, which time.Now() reads too but does not show.
func readClock() int64 {
	const clockMonotonic = 1
	var now syscall.Timespec
	syscall.Syscall(syscall.SYS_CLOCK_GETTIME, clockMonotonic, uintptr(unsafe.Pointer(&now)), 0)
	return now.Nano()
}

func monotonicNs() int64 {
	return beginNs + int64(time.Since(begin))
}

// Starts all units; each runs `body` once.
func (w *work) startAll(body func(unit int) error) {
	for unit := 0; unit < w.tasks; unit++ {
		w.start(unit, body)
	}
}

// Starts unit number `unit` as a goroutine, and keeps its record.
func (w *work) start(unit int, body func(unit int) error) {
	record := &w.log.records[unit]
	record.askedNs = monotonicNs()
	w.units.Add(1)
	go func() {
		defer w.units.Done()
		atomic.StoreUint32(&record.firstTid, tid())
		if err := body(unit); err != nil {
			record.err = errno(err)
			return
		}
		atomic.StoreUint32(&record.lastTid, tid())
		record.finishedNs = monotonicNs()
		atomic.AddUint32(w.log.finished, 1)
	}()
}

func (w *work) joinAll() { w.units.Wait() }

// All units wait now; returns when they have been looked at.
func (w *work) allWait() {
	say("waiting")
	waitAtGate()
}

// A number that the scenario found out (Scenario::reports). By the goroutine that runs the scenario.
func (w *work) report(key string, value uint64) {
	if w.reported == nil {
		w.reported = map[string]uint64{}
	}
	w.reported[key] = value
}

// One byte there; one comes back when the server answers.
func (w *work) sendRequest(unit int) error {
	_, err := w.connections[unit].Write([]byte{'r'})
	return err
}

// The kernel task that this goroutine runs on now. Raw: the scheduler is not told of the call.
func tid() uint32 {
	id, _, _ := syscall.RawSyscall(syscall.SYS_GETTID, 0, 0, 0)
	return uint32(id)
}

func errno(err error) uint32 {
	var number syscall.Errno
	if errors.As(err, &number) {
		return uint32(number)
	}
	return uint32(syscall.EIO)
}
