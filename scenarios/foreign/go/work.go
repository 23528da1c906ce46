// work.go — one running experiment as a scenario sees it: its units, parameters and connections.
package main

import (
	"errors"
	"net"
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

// Starts unit number `unit` as a goroutine, and keeps its record.
func (w *work) start(unit int, body func() error) {
	record := &w.log.records[unit]
	record.askedNs = monotonicNs()
	w.units.Add(1)
	go func() {
		defer w.units.Done()
		atomic.StoreUint32(&record.firstTid, tid())
		if err := body(); err != nil {
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

// One byte there, and one byte back when the server answers.
func (w *work) request(unit int) error {
	one := []byte{'r'}
	if _, err := w.connections[unit].Write(one); err != nil {
		return err
	}
	_, err := w.connections[unit].Read(one)
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
