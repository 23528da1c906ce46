package main

import (
	"io"
	"syscall"
	"unsafe"
)

// N units each ask and wait by raw system calls, as a library would that knows nothing of Go: the
// scheduler is not told, and the M keeps its P.
func pinned(w *work) error {
	return w.requestByCalls(func(call uintptr, descriptor int, one *byte) (uintptr, syscall.Errno) {
		done, _, errno := syscall.RawSyscall(call, uintptr(descriptor), uintptr(unsafe.Pointer(one)), 1)
		return done, errno
	})
}

// The same by calls that tell the scheduler before and after: sysmon may hand the P to another M
// meanwhile.
func blockingSyscall(w *work) error {
	return w.requestByCalls(func(call uintptr, descriptor int, one *byte) (uintptr, syscall.Errno) {
		done, _, errno := syscall.Syscall(call, uintptr(descriptor), uintptr(unsafe.Pointer(one)), 1)
		return done, errno
	})
}

type byteCall func(call uintptr, descriptor int, one *byte) (done uintptr, errno syscall.Errno)

func (w *work) requestByCalls(do byteCall) error {
	w.startAll(func(unit int) error {
		one := byte('r')
		for _, call := range []uintptr{syscall.SYS_WRITE, syscall.SYS_READ} {
			done, errno := do(call, w.descriptors[unit], &one)
			for errno == syscall.EINTR {
				done, errno = do(call, w.descriptors[unit], &one)
			}
			if errno != 0 {
				return errno
			}
			if done == 0 {
				return io.ErrUnexpectedEOF
			}
		}
		return nil
	})
	w.joinAll()
	return nil
}
