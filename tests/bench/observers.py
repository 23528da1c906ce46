"""observers.py: who observes. One class per way to use a tool: its command line, and what it says that it saw and lost.

Rule      Each runs as people run it: its own defaults, its own start of the program, so that it is attached before the
          first operation (or it says that it is ready, and the program is started then). What it writes goes to files.
Rule      An observer that saw less than happened, and says of nothing that it was lost, is no measurement: Failed.
"""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass

from benchmark import size
from processes import Failed, Missing, finished, numbers, started

WORKLOAD = "bench-observer"
TRACEFS = pathlib.Path("/sys/kernel/tracing")
EVENTS = ("sched_switch", "sched_wakeup_new", "sched_process_fork", "sched_process_exit")


@dataclass(frozen=True)
class Saw:
    events: int | None = None  # of the four; None: it does not say
    lost: int | None = None


class Observer:
    """Nobody: the program alone. `share` is of the `ops` of a case, so that a slow one takes as long as a fast one."""
    key, label, program, package, share = "unobserved", "unobserved", None, None, 1.0
    version_option = "--version"

    def __init__(self, folder):
        self.file = str(folder / self.key)
        self.version = self.begin()

    def begin(self):
        """What exactly takes part; Missing if it cannot."""
        if self.program is None:
            return ""
        if shutil.which(self.program) is None:
            raise Missing(f"{self.program} is not installed: apt-get install {self.package}")
        return said_first([self.program, self.version_option]) if self.version_option else ""

    def cannot(self, *_):
        return None

    def units(self, n):
        return n

    def observe(self, workload):
        """Runs the workload; what that printed, and what was seen."""
        out, err = finished(self.words(workload))
        return out, self.saw(err)

    def words(self, workload):
        return workload

    def saw(self, err):
        return Saw()


class VtlabCounts(Observer):
    key, label, options = "vtlab", "vtlab, counts only", ["--show", "ledger"]
    vtlab = "vtlab"  # set from --vtlab

    def begin(self):
        says = said([self.vtlab, "observe", *self.options, "--dry-run"])
        if says[0] != "observer: ebpf":
            raise Missing(": ".join(says[:2]).removeprefix("vtlab: "))
        return said_first([self.vtlab, "--version"])

    def words(self, workload):
        return [self.vtlab, "observe", *self.options, "--format", "json", "-o", self.file, "--", *workload]

    def saw(self, err):
        seen = json.loads(pathlib.Path(self.file).read_text())
        if seen["observer"] != "ebpf":
            raise Failed("it observed with " + seen["observer"])
        misses = sum(probe.get("recursion_misses", 0) for probe in seen["probes"])
        counts = {name: count["value"] for name, count in seen["counts"].items() if "value" in count}
        if {"switches", "kernel_tasks", "exits"} - counts.keys():
            raise Failed("it could not count everything here: see vtlab doctor")
        switches, lost = self.switches(seen, counts["switches"])
        # A new task passes two of the four events.
        return Saw(switches + 2 * counts["kernel_tasks"] + counts["exits"], seen["lost_events"] + misses + lost)

    def switches(self, seen, counted):
        """(kept, lost)"""
        return counted, 0


class VtlabEvents(VtlabCounts):
    key, label, options = "vtlab-events", "vtlab, every event", ["--show", "sched"]

    def switches(self, seen, counted):
        if "scheduling" not in seen:
            raise Failed("it recorded no switches")
        return seen["scheduling"]["switches"], seen["scheduling"]["lost"]


class BpftraceCounts(Observer):
    key, label, program, package = "bpftrace", "bpftrace, counts only", "bpftrace", "bpftrace"
    action = "@{0} = count();"

    def words(self, workload):
        script = " ".join(f"tracepoint:sched:{event} {{ {self.action.format(event)} }}" for event in EVENTS)
        return [self.program, "-o", self.file, "-e", script, "-c", " ".join(workload)]

    def saw(self, err):
        return Saw(sum(map(int, re.findall(r"^@\w+: (\d+)$", pathlib.Path(self.file).read_text(), re.M))))


class BpftracePrints(BpftraceCounts):
    key, label, share = "bpftrace-printf", "bpftrace, one printf", 0.1
    action = 'printf("%llu %d {0}\\n", nsecs, tid);'

    def saw(self, err):
        lost = printed = 0
        with open(self.file, encoding="utf-8") as file:
            for line in file:
                found = re.match(r"Lost (\d+) events", line)
                lost += int(found[1]) if found else 0
                printed += " sched_" in line
        return Saw(printed, lost + sum(map(int, re.findall(r"Lost (\d+) events", err))))


class PerfRecord(Observer):
    key, label, program, package = "perf-record", "perf record", "perf", "linux-perf"

    def words(self, workload):
        events = ",".join(f"sched:{event}" for event in EVENTS)
        return [self.program, "record", "-a", "-o", self.file, "-e", events, "--", *workload]

    def saw(self, err):
        kept = re.search(r"\((\d+) samples\)", err)
        if kept is None:
            raise Failed("it did not say how much it recorded")
        with_lost = re.search(r"Processed (\d+) samples and lost", err)
        return Saw(int(kept[1]), int(with_lost[1]) - int(kept[1]) if with_lost else 0)


class PerfSched(PerfRecord):
    key, label = "perf-sched", "perf sched record"

    def words(self, workload):
        return [self.program, "sched", "record", "-o", self.file, "--", *workload]


class PerfTrace(PerfRecord):
    key, label, share = "perf-trace", "perf trace -s", 0.02

    def words(self, workload):
        return [self.program, "trace", "-s", "-o", self.file, "--", *workload]

    def saw(self, err):  # system calls, not events of the scheduler
        lost = re.findall(r"LOST (\d+) events", pathlib.Path(self.file).read_text() + err)
        return Saw(None, sum(map(int, lost)))


class Strace(Observer):
    key, label, program, package, share = "strace", "strace -f -c", "strace", "strace", 0.02

    def words(self, workload):
        return [self.program, "-f", "-c", "-o", self.file, *workload]


class Bcc(Observer):
    key, label, program, package = "bcc", "bcc funccount", "funccount-bpfcc", "bpfcc-tools"
    version_option = None  # it has none

    def observe(self, workload):
        words = [self.program, "-r", f"t:sched:({'|'.join(EVENTS)})$"]
        with started(words, env={**os.environ, "PYTHONUNBUFFERED": "1"}) as tool:
            said = tool.stdout.readline()
            if "Hit Ctrl-C" not in said:
                if said:  # something else, and it goes on
                    tool.kill()
                raise Failed(last_words(said + tool.communicate()[1]))
            out, _ = finished(workload)
            tool.send_signal(signal.SIGINT)
            counted, _ = tool.communicate()
        return out, Saw(sum(map(int, re.findall(r"sched_\w+\s+(\d+)$", counted, re.M))))


class Tracefs(Observer):
    """An instance of its own, with the buffer that instances have; nobody reads it meanwhile."""
    key, label = "tracefs", "tracefs events"

    def begin(self):
        if not (TRACEFS / "events").is_dir():
            raise Missing(f"tracefs is not mounted at {TRACEFS}, or not for this user")
        return ""

    def observe(self, workload):
        try:
            instance = pathlib.Path(tempfile.mkdtemp(prefix="vtlab-bench-", dir=TRACEFS / "instances"))
        except OSError as why:
            raise Failed(str(why)) from None
        try:
            for event in EVENTS:
                (instance / f"events/sched/{event}/enable").write_text("1")
            out, _ = finished(workload)
            (instance / "tracing_on").write_text("0")
            said = [stats.read_text() for stats in instance.glob("per_cpu/cpu*/stats")]
        finally:
            instance.rmdir()
        def total(name):
            return sum(int(number) for text in said for number in re.findall(rf"^{name}: (\d+)$", text, re.M))
        return out, Saw(total("entries"), total("overrun") + total("commit overrun") + total("dropped events"))


ALL = (Observer, VtlabCounts, VtlabEvents, BpftraceCounts, Bcc, PerfRecord, PerfSched, Tracefs, BpftracePrints,
       PerfTrace, Strace)
LABELS = {each.key: each.label for each in ALL}


def said_first(words):
    return said(words)[0]


def said(words):
    try:
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Missing(str(error)) from None
    return [line.strip() for line in (done.stdout or done.stderr).strip().splitlines()] or [""]


def last_words(text):
    return "; ".join(line.strip() for line in text.strip().splitlines()[-3:]) or "it ended and did not say why"


class Observers:
    """Every observer of `kinds` that was asked for and is here, with a folder of their own; `missing` says why others are not."""

    def __init__(self, kinds, wanted, vtlab):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="vtlab-bench-"))
        self.found, self.missing = [], {}
        VtlabCounts.vtlab = str(vtlab)
        try:
            self.prepare()
            for each in kinds:
                if each.key in wanted:
                    try:
                        self.found.append(each(self.folder))
                    except Missing as why:
                        self.missing[each.key] = str(why)
        except BaseException:
            self.close()
            raise

    def prepare(self):
        """What is needed before an observer is looked for: nothing."""

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class OfStorms(Observers):
    """Those of the storms, which are one program."""

    def __init__(self, wanted, programs, vtlab):
        self.workload = str(programs / WORKLOAD)
        super().__init__(ALL, wanted, vtlab)


def run(observer, work, case, quick, workload):
    """One observer, one case, once: {measure: (value, unit, lost)}."""
    ops = max(10, int(size(case.ops, quick) * observer.share))
    words = [workload, work.asks_for, "--n", str(case.n), "--carriers", "1", "--ops", str(ops)]
    try:
        out, saw = observer.observe(words)
    finally:
        pathlib.Path(observer.file).unlink(missing_ok=True)
    happened = ops * work.measures[0].events
    if saw.events is not None and saw.events + (saw.lost or 0) < happened:
        raise Failed(f"it saw {saw.events:,} of {happened:,} events, and said nothing of the rest")
    return {name: (value, unit, saw.lost) for name, (value, unit) in numbers(out).items()}
