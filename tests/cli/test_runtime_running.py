"""vtlab observe --pid of a Go program and of a JVM that run already: their runtime is found, counts begin when vtlab says
that it observes, and who made tasks is named.
"""
import collections
import subprocess

import pytest

from support import must_follow_the_schema
from test_runtime_view import all_javas, built_go, compiled_java, count  # noqa: F401  (all_javas is a fixture)

UNITS, THREADS, TIMES = 1009, 7, 3

GO_PROGRAM = """package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"sync"
)

// Each keeps its M while it waits for the others.
func lockThreads(count int) {
	var begun, ended sync.WaitGroup
	begun.Add(count)
	ended.Add(count)
	for i := 0; i < count; i++ {
		go func() {
			runtime.LockOSThread()
			begun.Done()
			begun.Wait()
			ended.Done()
		}()
	}
	ended.Wait()
}

func main() {
	requests := bufio.NewScanner(os.Stdin)
	fmt.Println("ready")
	for requests.Scan() {
		var all sync.WaitGroup
		for i := 0; i < %d; i++ {
			all.Add(1)
			go all.Done()
		}
		all.Wait()
		lockThreads(%d)
		for runtime.NumGoroutine() > 1 { // those that are done, but not yet at their end
			runtime.Gosched()
		}
		fmt.Println("made")
	}
}
""" % (UNITS, THREADS)

JAVA_PROGRAM = """import java.util.Scanner;
public class OnRequest {
  static void make(Thread.Builder kind, int count, Runnable work) throws InterruptedException {
    Thread[] all = new Thread[count];
    for (int i = 0; i < count; i++) all[i] = kind.start(work);
    for (Thread each : all) each.join();
  }
  public static void main(String[] words) throws Exception {
    Scanner requests = new Scanner(System.in);
    System.out.println("ready");
    while (requests.hasNextLine()) {
      requests.nextLine();
      make(Thread.ofVirtual(), %d, Thread::yield);
      make(Thread.ofPlatform(), %d, () -> { });
      System.out.println("made");
    }
  }
}
""" % (UNITS, THREADS)


class OnRequest:
    """A program that makes units and threads when it is told to. It has done so once."""

    def __init__(self, *command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        assert self.process.stdout.readline() == "ready\n"
        self.make()

    def make(self):
        self.process.stdin.write("\n")
        assert self.process.stdout.readline() == "made\n"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture(name="go_program", scope="module")
def goroutines_on_request(tmp_path_factory):
    return built_go(tmp_path_factory.mktemp("go"), GO_PROGRAM, {"on-request": [], "stripped": ["-ldflags=-s -w"]})


@pytest.fixture(name="classes", scope="module")
def virtual_threads_on_request(tmp_path_factory, javas):
    return compiled_java(tmp_path_factory.mktemp("java"), "OnRequest", JAVA_PROGRAM)


def observed(bpf, program, *options):
    with bpf.start("observe", "--format", "json", *options, "--pid", program.process.pid) as running:
        assert "observing process" in running.process.stderr.readline()
        for _ in range(TIMES):
            program.make()
        program.process.stdin.close()
        document = running.finish().ended_with(0).document
    must_follow_the_schema(document)
    assert not document["partial"] and document["pid"] == program.process.pid
    return document


def makers(document):
    """Tasks by each function that was on the way to them."""
    made = collections.Counter()
    for place in document["creators"]["places"]:
        for function in {frame.get("function") for frame in place.get("frames", [])}:
            made[function] += place["threads"]
    return made


@pytest.mark.parametrize("name", ["on-request", "stripped"])
def test_a_go_program_that_runs_has_its_goroutines_counted_from_then_on(bpf, go_program, name):
    with OnRequest(str(go_program / name)) as program:
        document = observed(bpf, program)
    assert document["runtime"]["runtime"].startswith("Go 1.")
    assert count(document, "units_ended") == TIMES * (UNITS + THREADS)
    assert 0 <= count(document, "units_made") - TIMES * (UNITS + THREADS) < 20  # of the runtime itself
    tasks = document["counts"]["kernel_tasks"]["value"]
    # Ms whose goroutine ends without unlocking end, too: each time there are new ones.
    assert tasks >= TIMES and count(document, "os_threads") == document["runtime"]["kernel_tasks"] == tasks
    # Which function of the runtime wanted it: templateThread for goroutines that keep their M, else handoffp, wakep, …
    assert sum(place["threads"] for place in document["creators"]["places"]) == tasks
    assert makers(document)["runtime.templateThread"] >= TIMES
    assert all(place["frames"][0]["function"].startswith("runtime.") for place in document["creators"]["places"])


def test_a_jvm_that_runs_has_its_virtual_threads_counted_from_then_on(bpf, javas, classes):
    for java in javas[0]:
        with OnRequest(java, "-cp", str(classes), "OnRequest") as program:
            document = observed(bpf, program)
        assert document["runtime"]["runtime"].startswith("JDK ")
        assert count(document, "unmounts") == TIMES * UNITS
        assert count(document, "platform_threads") == TIMES * THREADS
        tasks = document["counts"]["kernel_tasks"]["value"]
        assert count(document, "os_threads") == tasks >= TIMES * THREADS
        assert makers(document)["JVM_StartThread"] == TIMES * THREADS


def test_on_a_timeline_goroutines_that_were_there_are_followed_on(bpf, go_program):
    with OnRequest(str(go_program / "on-request")) as program:
        document = observed(bpf, program, "--show", "timeline,runtime")
    timeline = document["timeline"]
    assert not timeline["lost"]
    kinds, columns = timeline["kinds"], timeline["events"]["columns"]
    assert [kinds[kind] for kind in columns["kind"]].count("done") == count(document, "units_ended") == TIMES * (UNITS + THREADS)
