// vtlab.go — the gate, the report and the connections: how this program and vtlab talk (docs/child-protocol.md).
package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
)

const (
	gateFd        = 3
	reportFd      = 4
	unitLogFd     = 5
	connectionsFd = 7
)

// If vtlab has gone there is nobody to work for.
func say(line string) {
	if _, err := syscall.Write(reportFd, []byte(line+"\n")); err != nil {
		os.Exit(3)
	}
}

func waitAtGate() {
	var one [1]byte
	for {
		got, err := syscall.Read(gateFd, one[:])
		if err == syscall.EINTR {
			continue
		}
		if got != 1 {
			os.Exit(3)
		}
		return
	}
}

// One connection per unit, by TCP: descriptor 7 says "PORT TOKEN", and each connection begins with the token.
func connect(count int) ([]net.Conn, error) {
	var words [64]byte
	got, err := syscall.Read(connectionsFd, words[:])
	if err != nil {
		return nil, err
	}
	port, token, found := strings.Cut(strings.TrimSpace(string(words[:got])), " ")
	if !found {
		return nil, errors.New("no port to connect to")
	}
	connections := make([]net.Conn, count)
	for i := range connections {
		if connections[i], err = net.Dial("tcp", "127.0.0.1:"+port); err != nil {
			return nil, err
		}
		if _, err = connections[i].Write([]byte(token)); err != nil {
			return nil, err
		}
	}
	return connections, nil
}

type params struct {
	scenario     string
	tasks, procs int
	delayNs      int64
	seed         uint64
	over         string
}

func parseParams(words []string) (params, error) {
	var p params
	if len(words) < 3 {
		return p, errors.New("arguments: SCENARIO MODE SLOTS KEY=VALUE…")
	}
	p.scenario, p.procs = words[0], 1
	for _, word := range words[3:] {
		key, value, _ := strings.Cut(word, "=")
		var err error
		switch key {
		case "tasks":
			p.tasks, err = strconv.Atoi(value)
		case "carriers":
			p.procs, err = strconv.Atoi(value)
		case "delay_ns":
			p.delayNs, err = strconv.ParseInt(value, 10, 64)
		case "seed":
			p.seed, err = strconv.ParseUint(value, 10, 64)
		case "over":
			p.over = value
		case "poller", "event_log", "pin": // have one meaning here
		default:
			err = fmt.Errorf("%s: no such parameter", word)
		}
		if err != nil {
			return p, err
		}
	}
	return p, nil
}
