package main

import (
	"errors"
	"io"
)

// One unit per connection writes back what its client sends, until the client closes.
func echoServer(w *work) error {
	w.startAll(func(unit int) error {
		connection, buffer := w.connections[unit], make([]byte, 256)
		for {
			got, err := connection.Read(buffer)
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			if _, err = connection.Write(buffer[:got]); err != nil {
				return err
			}
		}
	})
	w.joinAll()
	return nil
}
