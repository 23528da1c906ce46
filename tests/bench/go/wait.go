package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// RssAnon and VmPTE of this process, in bytes.
func memory() (resident, pageTables float64) {
	file, err := os.Open("/proc/self/status")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var kilobytes float64
		if _, err := fmt.Sscanf(lines.Text(), "RssAnon: %f kB", &kilobytes); err == nil {
			resident = kilobytes * 1024
		}
		if _, err := fmt.Sscanf(lines.Text(), "VmPTE: %f kB", &kilobytes); err == nil {
			pageTables = kilobytes * 1024
		}
	}
	return
}

func cpuSeconds() float64 {
	var used syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	return time.Duration(used.Utime.Nano() + used.Stime.Nano()).Seconds()
}

func parked(o options) {
	var arrived atomic.Int64
	var units sync.WaitGroup
	gate := make(chan struct{})
	memory() // what reading allocates is not what is measured
	runtime.GC()
	resident, pageTables := memory()
	units.Add(o.n)
	for i := 0; i < o.n; i++ {
		go func() {
			arrived.Add(1)
			<-gate
			units.Done()
		}()
	}
	for arrived.Load() < int64(o.n) {
		runtime.Gosched()
	}
	time.Sleep(200 * time.Millisecond)
	cpu := cpuSeconds()
	wall := seconds(func() { time.Sleep(time.Second) })
	report(o, "parked-idle-cpu", (cpuSeconds()-cpu)*1e3/wall, "ms/s")
	residentNow, pageTablesNow := memory()
	resident = (residentNow - resident) / float64(o.n)
	pageTables = (pageTablesNow - pageTables) / float64(o.n)
	report(o, "parked", resident+pageTables, "bytes")
	report(o, "parked-resident", resident, "bytes")
	report(o, "parked-page-tables", pageTables, "bytes")
	close(gate)
	units.Wait()
}

func sleepers(o options) {
	once := func() {
		var units sync.WaitGroup
		units.Add(o.n)
		for i := 0; i < o.n; i++ {
			go func() {
				time.Sleep(time.Second)
				units.Done()
			}()
		}
		units.Wait()
	}
	report(o, "sleepers-cold", seconds(once), "s")
	report(o, "sleepers-warm", seconds(once), "s")
}

func serve(connection net.Conn) {
	defer connection.Close()
	data := make([]byte, 512)
	for {
		bytes, err := connection.Read(data)
		if err != nil {
			return
		}
		if _, err := connection.Write(data[:bytes]); err != nil {
			return
		}
	}
}

// Until run.py ends the process. TCP_NODELAY is Go's default.
func echo(options) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("{\"port\": %d}\n", listener.Addr().(*net.TCPAddr).Port)
	for {
		connection, err := listener.Accept()
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		go serve(connection)
	}
}
