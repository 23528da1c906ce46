"""--show syscalls: which system calls, how often, how long, and what they waited for, of our modes and of any program."""
import json
import re
import shutil
import subprocess

from support import PTRACE, by_mode, cannot, must_follow_the_schema, rows_of_csv

TASKS = 31
RUN = ("run", "blocking-io", "--mode=virtual,platform", "--tasks", TASKS, "--delay", "20ms", "--show", "syscalls")
COUNTER = """
import os, threading
def call():
    for _ in range(997):
        os.getppid()
    for _ in range(89):
        try:
            os.close(-1)
        except OSError:
            pass
threads = [threading.Thread(target=call) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def entered(rows, **which):
    return sum(row["returned"] + row["unreturned"] + row["in_progress"] for row in rows
               if all(row.get(key) == value for key, value in which.items()))


def test_a_unit_of_platform_blocks_in_its_read_and_one_of_virtual_does_not(bpf):
    document = bpf.results(*RUN)
    must_follow_the_schema(document)
    results = by_mode(document)
    rows = {mode: result["syscalls"]["rows"] for mode, result in results.items()}
    for result in results.values():
        assert result["syscalls"]["lost"] == 0 and result["syscalls"]["units"] == TASKS
        counted = {probe["counter"]: probe["count"] for probe in result["probes"]}
        assert sum(row["returned"] for row in result["syscalls"]["rows"]) >= counted["returns"]
    # The main thread's wait for the word to begin, in a pipe, can be another one.
    blocked = [row for row in rows["platform"] if row["call"] == "read" and row.get("waited_for", "pipe") != "pipe"]
    assert sum(row["returned"] for row in blocked) == TASKS
    assert {row["waited_for"] for row in blocked} == {"unix stream socket"}
    assert {row["made_by"] for row in blocked} == {"start-platform-thread"}
    assert all(row["max_ns"] > 0 and sum(b["count"] for b in row["latency"]) == row["returned"] for row in blocked)
    assert entered(rows["platform"], call="clone3") + entered(rows["platform"], call="clone") == TASKS
    # A virtual thread's read comes back at once, with EAGAIN if nothing is there yet.
    by_carriers = [row for row in rows["virtual"] if row["call"] == "read" and row["made_by"] == "start-carrier"]
    assert by_carriers and not any("waited_for" in row for row in by_carriers)


def test_the_table_names_what_blocked_and_who_called(bpf):
    out = bpf.run(*RUN).ended_with(0).out
    assert f"read (unix stream socket): {TASKS} times, median" in out
    assert "while it did start platform thread" in out and "tasks made by start carrier" in out
    assert all(len(line) <= 80 for line in out.splitlines())


def test_without_show_no_probe_of_system_calls_is_attached(bpf):
    result = by_mode(bpf.results(*RUN[:-2]))["platform"]
    assert "syscalls" not in result
    assert not {"calls", "returns"} & {probe["counter"] for probe in result["probes"]}


def test_a_saved_run_shows_its_calls_again_in_every_format(bpf, folder):
    saved = folder / "run.json"
    saved.write_text(json.dumps(bpf.results(*RUN)))
    assert "System calls" in bpf.run("report", saved).ended_with(0).out
    assert "Those that blocked" in bpf.run("report", saved, "--format", "markdown").ended_with(0).out
    rows = rows_of_csv(bpf.run("report", saved, "--format", "csv").ended_with(0).out)
    blocked = [row for row in rows if row["key"] == "syscalls_blocked[read/unix stream socket]"]
    assert [row["value"] for row in blocked if row["mode"] == "platform"] == [str(TASKS)]


def test_any_program_is_counted_exactly_by_the_names_of_its_tasks(bpf, folder):
    document = folder / "seen.json"
    bpf.run("observe", "--show", "syscalls", "-o", document, "--", "/usr/bin/python3", "-c", COUNTER).ended_with(0)
    rows = json.loads(document.read_text())["syscalls"]["rows"]
    assert entered(rows, call="getppid") == 3 * 997
    assert entered(rows, call="close", error="EBADF") == 3 * 89
    assert {row["caller"] for row in rows if row["call"] == "getppid"} == {"python3"}
    assert sum(row["unreturned"] for row in rows if row["call"] == "exit_group") == 1
    assert not any(row["in_progress"] for row in rows)


def test_strace_counts_the_same_calls_of_the_same_program(bpf, folder):
    if not shutil.which("strace"):
        cannot("strace is not installed")
    summary, document = folder / "strace.txt", folder / "seen.json"
    program = ["/bin/ls", "-n", "/usr/bin"]  # nothing in it depends on time
    if subprocess.run(["strace", "-c", "-f", "-o", summary, *program], capture_output=True, check=False).returncode:
        cannot("strace may not trace here")
    bpf.run("observe", "--show", "syscalls", "-o", document, "--", *program).ended_with(0)
    witness = {match[2]: int(match[1])  # % time, seconds, usecs/call, calls, errors if any, name
               for match in re.finditer(r"^ *[\d.]+ +[\d.]+ +\d+ +(\d+) +(?:\d+ +)?(\w+)$", summary.read_text(), re.M)}
    witness.pop("total", None)
    rows = json.loads(document.read_text())["syscalls"]["rows"]
    # vtlab sees the execve of the gate as well; strace counts only calls that return.
    ours = {row["call"]: entered(rows, call=row["call"]) for row in rows if row["call"] not in ("execve", "exit_group")}
    witness.pop("execve")
    assert len(witness) > 5 and ours == witness


def test_without_ebpf_the_view_says_why_it_is_empty(nobody):
    result = by_mode(nobody.results(*RUN))["platform"]
    assert "only eBPF" in result["syscalls_missing_because"]
    assert "not observed: only eBPF" in nobody.run(*RUN).ended_with(0).out


def test_the_view_with_the_observer_that_cannot_see_it_is_a_usage_error(anyone):
    done = anyone.run(*RUN, "--observer", PTRACE).ended_with(2)
    assert "needs eBPF" in done.err and done.out == ""
