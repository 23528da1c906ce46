// open.go — what the units of a scenario read, opened before the window.
package main

import (
	"net"
	"os"
	"syscall"
)

func (w *work) open(s scenario) (err error) {
	if s.connects && w.over == "file" {
		w.file, err = makeFile(w.tasks)
		return err
	}
	if s.connects {
		w.connections, err = connect(w.tasks)
	}
	if err != nil || !s.blocking {
		return err
	}
	w.descriptors = make([]int, w.tasks)
	for unit, connection := range w.connections {
		if w.descriptors[unit], err = letBlock(connection.(*net.TCPConn)); err != nil {
			return err
		}
	}
	return nil
}

// A file without a name, of so many bytes.
func makeFile(size int) (*os.File, error) {
	file, err := os.CreateTemp("", "vtlab-")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(file.Name()); err != nil {
		return nil, err
	}
	_, err = file.Write(make([]byte, size))
	return file, err
}

// Its descriptor, as one that a program opened without Go's net: calls on it wait in the kernel. The
// connection still owns it.
func letBlock(connection *net.TCPConn) (descriptor int, err error) {
	raw, err := connection.SyscallConn()
	if err != nil {
		return 0, err
	}
	refused := raw.Control(func(fd uintptr) {
		descriptor = int(fd)
		err = syscall.SetNonblock(descriptor, false)
	})
	if refused != nil {
		return 0, refused
	}
	return descriptor, err
}
