"""--show runtime: what Go's runtime and the JVM did, by probes on their own functions, against what was done.

Go and Java come from wherever `vtlab doctor` would find them too: PATH, JAVA_HOME, `./vtlabw runtimes`.
"""
import collections
import os
import pathlib
import shutil
import subprocess

import pytest

from support import REPOSITORY, cannot, must_follow_the_schema, rows_of_csv

UNITS = 100_000
FETCHED = pathlib.Path(os.environ.get("VTLAB_RUNTIMES", REPOSITORY / "build/runtimes"))

GO_PROGRAM = """package main

import (
	"os"
	"runtime"
	"strconv"
	"sync"
)

func main() {
	units, _ := strconv.Atoi(os.Args[1])
	var all sync.WaitGroup
	for i := 0; i < units; i++ {
		all.Add(1)
		go all.Done()
	}
	all.Wait()
	for runtime.NumGoroutine() > 1 { // those that are done, but not yet at their end
		runtime.Gosched()
	}
}
"""

JAVA_PROGRAM = """public class Many {
  public static void main(String[] words) throws Exception {
    Thread[] all = new Thread[Integer.parseInt(words[0])];
    boolean sleeps = words.length > 1;
    for (int i = 0; i < all.length; i++) all[i] = Thread.ofVirtual().start(() -> {
      if (sleeps) java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
      Thread.yield();
    });
    for (Thread each : all) each.join();
  }
}
"""
# By these a JVM tells of each virtual thread, also from compiled code (docs/timeline.md).
TELL_ALWAYS = ["-XX:+UnlockDiagnosticVMOptions"] + [
    f"-XX:DisableIntrinsic=_notifyJvmtiVThread{what}" for what in ("Start", "End", "Mount", "Unmount")]


def found(name, homes):
    """A program of a runtime, or None. What was fetched first: a JDK in PATH may be too old."""
    fetched = [str(home / "bin" / name) for home in homes if (home / "bin" / name).exists()]
    return next(iter(fetched), None) or shutil.which(name)


def built_go(folder, source, names):
    """A folder with the program, once for each name with those flags of `go build`."""
    go = found("go", sorted(FETCHED.glob("go*")))
    if not go:
        cannot("there is no Go: ./vtlabw runtimes gets one")
    (folder / "main.go").write_text(source)
    surroundings = dict(os.environ, GOCACHE=str(folder / "cache"), HOME=str(folder), GO111MODULE="off", CGO_ENABLED="0")
    for name, flags in names.items():
        subprocess.run([go, "build", *flags, "-o", name, "main.go"], cwd=folder, env=surroundings, check=True)
    return folder


def compiled_java(folder, name, source):
    """A folder with the class."""
    compiler = found("javac", sorted(FETCHED.glob("jdk*")))
    if not compiler:
        cannot("there is no JDK: ./vtlabw runtimes gets two")
    (folder / f"{name}.java").write_text(source)
    subprocess.run([compiler, "--release", "21", "-d", str(folder), str(folder / f"{name}.java")], check=True)
    return folder


@pytest.fixture(name="go_program", scope="session")
def many_goroutines(tmp_path_factory):
    return built_go(tmp_path_factory.mktemp("go"), GO_PROGRAM, {"many": [], "stripped": ["-ldflags=-s -w"]})


@pytest.fixture(name="javas", scope="session")
def all_javas(tmp_path_factory):
    """(java, folder of the class) of each JDK."""
    homes = sorted(FETCHED.glob("jdk*"))
    javas = [str(home / "bin/java") for home in homes] or [java for java in [shutil.which("java")] if java]
    if not javas:
        cannot("there is no JDK: ./vtlabw runtimes gets two")
    return javas, compiled_java(tmp_path_factory.mktemp("java"), "Many", JAVA_PROGRAM)


def observed(bpf, *words):
    document = bpf.run("observe", "-o", "-", "--format", "json", *words).ended_with(0).document
    must_follow_the_schema(document)
    return document


def count(document, key):
    return document["runtime"]["counts"][key]["count"]


@pytest.mark.parametrize("name", ["many", "stripped"])
def test_goroutines_are_counted_exactly_and_ms_are_the_kernels_tasks(bpf, go_program, name):
    none = observed(bpf, "--", str(go_program / name), "0")
    many = observed(bpf, "--", str(go_program / name), str(UNITS))
    assert many["runtime"]["runtime"].startswith("Go 1.")
    assert count(many, "units_ended") == UNITS and count(none, "units_ended") == 0
    # Beside them only goroutines of the runtime itself: those of its start, and a GC worker for each CPU.
    system = count(many, "units_made") - UNITS
    assert count(none, "units_made") <= system <= count(none, "units_made") + os.cpu_count()
    assert count(many, "mounts") >= UNITS
    for document in (none, many):
        tasks = document["counts"]["kernel_tasks"]["value"]
        assert count(document, "os_threads") == document["runtime"]["kernel_tasks"] == tasks
        parks = document["runtime"]["counts"]["parks"]
        assert sum(reason["count"] for reason in parks.get("reasons", [])) == parks["count"]


def test_goroutines_wait_for_reasons_in_the_runtimes_own_words(bpf, go_program):
    document = observed(bpf, "--", str(go_program / "many"), "1000")
    assert "chan receive" in [reason["name"] for reason in document["runtime"]["counts"]["parks"]["reasons"]]


def test_every_format_shows_the_view(bpf, go_program):
    words = ["observe", "--show", "runtime", "-o", "-"]
    program = ["--", str(go_program / "many"), "1000"]
    table = bpf.run(*words, *program).ended_with(0).out
    assert "What the runtime says" in table and "goroutines made" in table and "new kernel tasks" in table
    assert max(map(len, table.splitlines())) <= 80
    assert "| goroutines ended | 1,000 |" in bpf.run(*words, "--format", "markdown", *program).ended_with(0).out
    rows = rows_of_csv(bpf.run(*words, "--format", "csv", *program).ended_with(0).out)
    assert [row["value"] for row in rows if row["key"] == "runtime.units_ended"] == ["1000"]


def test_virtual_threads_that_yield_once_leave_their_carrier_once_each(bpf, javas):
    for java in javas[0]:
        document = observed(bpf, "--", java, "-cp", str(javas[1]), "Many", str(UNITS))
        view = document["runtime"]
        assert view["runtime"].startswith("JDK "), view
        assert count(document, "unmounts") == UNITS
        # All but the thread that `java` itself makes to run the JVM in.
        assert count(document, "os_threads") + 1 == document["counts"]["kernel_tasks"]["value"]
        assert view["counts"]["units_made"]["missing_because"]


def test_a_program_without_a_runtime_that_is_known_has_no_such_view(bpf):
    document = observed(bpf, "--", "/bin/true")
    assert "runtime" not in document and "runtime_missing_because" not in document
    document = observed(bpf, "--show", "runtime", "--", "/bin/true")
    assert "no Go program and no java" in document["runtime_missing_because"]


def test_a_java_behind_a_script_is_said_not_to_be_looked_into(bpf, javas, tmp_path):
    script = tmp_path / "start"
    script.write_text(f"#!/bin/sh\n{javas[0][0]} -version\n")
    script.chmod(0o755)
    document = observed(bpf, "--", str(script))
    assert "runtime" not in document
    assert any("did not look into" in note for note in document["notes"])


def rows(table):
    columns = table["columns"]
    return [dict(zip(columns, row)) for row in zip(*columns.values())]


def test_a_timeline_has_each_goroutine_on_the_ms_that_ran_it(bpf, go_program):
    units = 1009
    document = observed(bpf, "--show", "timeline,runtime", "--", str(go_program / "many"), str(units))
    timeline = document["timeline"]
    assert not timeline["lost"], timeline["lost"]
    mounts, events = rows(timeline["mounts"]), rows(timeline["events"])
    kind = {word: number for number, word in enumerate(timeline["kinds"])}
    end = {word: number for number, word in enumerate(timeline["mount_ends"])}
    # The same passes, counted and told one by one.
    assert len(mounts) == count(document, "mounts")
    assert sum(event["kind"] == kind["done"] for event in events) == count(document, "units_ended") == units
    assert sum(mount["end"] == end["done"] for mount in mounts) == units
    parks = [event for event in events if event["kind"] == kind["park"]]
    assert len(parks) == count(document, "parks")
    assert "chan receive" in {timeline["words"][event["reason"]] for event in parks}
    # Nobody is on two Ms at once, and no M has two.
    for who in ("unit", "task"):
        last = {}
        for mount in mounts:
            assert mount["from_ns"] >= last.get(mount[who], 0)
            last[mount[who]] = mount["to_ns"]


def sleepers_of_a_jvm(bpf, java, classes, *options):
    units = 1009
    document = observed(bpf, "--show", "timeline,runtime", "--", java, *options, "-cp", str(classes), "Many", str(units), "sleep")
    timeline = document["timeline"]
    assert not timeline["lost"], timeline["lost"]
    # Nobody is on two carriers at once, and no carrier has two.
    for who in ("unit", "task"):
        last = {}
        for mount in rows(timeline["mounts"]):
            assert mount["from_ns"] >= last.get(mount[who], 0)
            last[mount[who]] = mount["to_ns"]
    return units, document, timeline


def ends(timeline):
    return collections.Counter(timeline["mount_ends"][mount["end"]] for mount in rows(timeline["mounts"]))


def events(timeline):
    return collections.Counter(timeline["kinds"][event["kind"]] for event in rows(timeline["events"]))


def test_a_jvm_that_was_told_to_tells_of_each_virtual_thread_where_it_was(bpf, javas):
    for java in javas[0]:
        units, document, timeline = sleepers_of_a_jvm(bpf, java, javas[1], *TELL_ALWAYS)
        assert "mounts_missing_because" not in timeline
        # Each sleeps, yields and ends. The JVM has virtual threads of its own, which never end.
        found, happened = ends(timeline), events(timeline)
        assert found["done"] == happened["done"] == units
        assert found["parked"] >= units and found["yielded"] >= units
        assert found["parked"] + found["yielded"] == count(document, "unmounts")
        assert "with a deadline" in timeline["words"]
        by_unit = collections.Counter(mount["unit"] for mount in rows(timeline["mounts"]))
        done = [mount["unit"] for mount in rows(timeline["mounts"]) if timeline["mount_ends"][mount["end"]] == "done"]
        assert len(set(done)) == units and all(by_unit[unit] == 3 for unit in done)


def test_of_any_other_jvm_it_is_seen_when_virtual_threads_leave_and_come_back(bpf, javas):
    for java in javas[0]:
        _, document, timeline = sleepers_of_a_jvm(bpf, java, javas[1])
        assert "DisableIntrinsic" in timeline["mounts_missing_because"]
        # Each leaves its carrier twice, and comes back in between: a mount of which both ends were seen.
        assert events(timeline)["park"] + events(timeline)["pin"] == count(document, "unmounts")
        # Whoever is on a carrier has no name but that carrier's.
        on = {(mount["unit"], mount["task"]) for mount in rows(timeline["mounts"])}
        assert len(on) == len({unit for unit, _ in on}) == len({task for _, task in on})
        assert ends(timeline)["parked"] == len(rows(timeline["mounts"])) > 0
