"""report.py: what was measured → rows, verdicts, and the three formats.

Rule      Pure functions of a Run; nothing is measured here but read_host().
"""
import datetime
import json
import os
import pathlib
import platform
import re
import statistics
from dataclasses import dataclass, field

from benchmark import LESS, Benchmark

SCHEMA = "vtlab.bench/1"
WIDTH, NAME_WIDTH = 80, 23
FEWEST_ROUNDS = 5  # for a verdict that goes round by round
EVENT_TITLES, EVENT_WIDTHS = ("ns", "", "ratio", "ns/event", "lost"), (12, 7, 9, 11, 14)


@dataclass
class Sample:
    """Every value of one subject at one case, in the order of the rounds."""
    work: str      # of the catalogue
    measure: str
    carriers: int
    asked: int     # units of the case
    n: int         # units that the subject was given
    subject: str
    unit: str
    values: list = field(default_factory=list)
    lost: list = field(default_factory=list)  # events, as an observer says; None if it says nothing

    @property
    def median(self):
        return statistics.median(self.values)

    @property
    def lost_in_all(self):
        """Events that were lost in all rounds; None if it was not said of each."""
        return None if not self.lost or None in self.lost else sum(self.lost)


@dataclass
class Run:
    """Everything that a report says."""
    bench: Benchmark
    host: dict
    rounds: int
    quick: bool
    partial: bool = False
    subjects: dict = field(default_factory=dict)  # key → (label, version)
    samples: dict = field(default_factory=dict)   # (measure, carriers, asked, subject) → Sample
    skipped: list = field(default_factory=list)   # {subject, work or None, …, because}

    def sample(self, measure, carriers, asked, subject):
        return self.samples.get((measure, carriers, asked, subject))

    def base(self, sample):
        return self.sample(sample.measure, sample.carriers, sample.asked, self.bench.baseline)

    def ratio(self, sample):
        """Above 1: the baseline is ahead. None if that was not measured there, or used nothing at all."""
        base = self.base(sample)
        if base is None:
            return None
        above, below = sample.median, base.median
        if self.bench.measures[sample.measure].better != LESS:
            above, below = below, above
        return above / below if above > 0 and below > 0 else None

    def ns_per_event(self, sample):
        """What the observer adds to each event that it observes."""
        base, events = self.base(sample), self.bench.measures[sample.measure].events
        if base is None or sample is base or not events:
            return None
        return (sample.median - base.median) / events


def read_host():
    def first(file, pattern):
        try:
            found = re.search(pattern, pathlib.Path(file).read_text(), re.M)
        except OSError:
            found = None
        return found[1] if found else ""
    return {
        "kernel": platform.release(), "machine": platform.machine(),
        "distribution": first("/etc/os-release", r'^PRETTY_NAME="?([^"\n]*)'),
        "cpu": first("/proc/cpuinfo", r"^model name\s*:\s*(.*)$"),
        "cpus": len(os.sched_getaffinity(0)),
        "memory_bytes": int(first("/proc/meminfo", r"^MemTotal:\s+(\d+)") or 0) * 1024,
        "load_at_start": os.getloadavg()[0],
        "started_at": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


# Verdicts

def verdicts(run):
    """(target, value or None, "yes" | "no" | "not judged"), for targets whose work was asked for and measured."""
    for target in run.bench.targets:
        value = None if run.quick else value_of(run, target)
        if value is None:
            yield target, None, "not judged"
        elif target.kind == "flat":
            yield target, value, "shown"
        elif target.kind == "no_dearer":
            rounds = dearer(run, target)[1]
            yield target, value, "not judged" if rounds < FEWEST_ROUNDS else "yes" if value <= target.bound else "no"
        else:
            met = value >= target.bound if target.kind in ("faster", "share", "cheaper") else value <= target.bound
            yield target, value, "yes" if met else "no"


def value_of(run, target):
    our_name = target.ours or run.bench.baseline
    if target.kind == "flat":
        few, many = (run.sample(target.measure, target.carriers, n, our_name) for n in target.n)
        return many.median / few.median if few and many else None
    ours = run.sample(target.measure, target.carriers, target.n, our_name)
    if ours is None or target.kind == "most":
        return ours and ours.median
    if target.kind == "none":
        return ours.lost_in_all
    other = run.sample(target.measure, target.carriers, target.n, target.subject)
    if other is None or not (ours.median and other.median):
        return None
    if target.kind == "no_dearer":
        return statistics.median(mine / theirs for mine, theirs in zip(ours.values, other.values))
    if target.kind == "cheaper":
        mine, theirs = run.ns_per_event(ours), run.ns_per_event(other)
        return theirs / mine if mine and theirs and mine > 0 else None
    return other.median / ours.median if target.kind == "faster" else ours.median / other.median


def dearer(run, target):
    """In how many rounds ours took longer than the other, and of how many."""
    ours, other = (run.sample(target.measure, target.carriers, target.n, name) for name in (target.ours, target.subject))
    rounds = [*zip(ours.values, other.values)]
    return sum(mine > theirs for mine, theirs in rounds), len(rounds)


# JSON

def document(run):
    rows = []
    for sample in run.samples.values():
        row = {"work": sample.measure, "carriers": sample.carriers, "n": sample.n, "subject": sample.subject,
               "median": sample.median, "unit": sample.unit, f"ratio_to_{run.bench.baseline}": run.ratio(sample),
               "min": min(sample.values), "max": max(sample.values), "rounds": len(sample.values),
               f"n_of_{run.bench.baseline}": sample.asked}
        if run.bench.events:
            row |= {"events_per_op": run.bench.measures[sample.measure].events,
                    "ns_per_event": run.ns_per_event(sample), "lost": sample.lost_in_all}
        rows.append(row)
    return {
        "schema": SCHEMA, "benchmark": run.bench.name, "host": run.host, "partial": run.partial, "quick": run.quick, "rounds": run.rounds,
        "subjects": [{"subject": key, "name": label, "version": version}
                     for key, (label, version) in run.subjects.items()],
        "rows": rows,
        "targets": [{"work": target.measure, "carriers": target.carriers, "text": target.text,
                     "subject": target.ours or run.bench.baseline, "value": value,
                     "verdict": verdict} for target, value, verdict in verdicts(run)],
        "skipped": run.skipped,
    }


def as_json(run):
    return json.dumps(document(run), indent=2) + "\n"


# For people

def number(value):
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def blocks(run):
    """(measure, its cases, the subjects that have a row) in the order of the catalogue."""
    for work in run.bench.works:
        for measure in work.measures:
            samples = [sample for sample in run.samples.values() if sample.measure == measure.name]
            cases = list(dict.fromkeys((sample.carriers, sample.asked) for sample in samples))
            have = {sample.subject for sample in samples}
            if run.bench.events:  # who is not there is a row, too
                have |= {skip["subject"] for skip in run.skipped if skip["work"] in (None, work.name)}
            keys = [key for key in run.bench.labels if key in have]
            if cases:
                yield measure, cases, keys


def case_title(cases, carriers, n):
    """What sets this case apart from the others of its block."""
    parts = [f"n={short(n)}"] if len({case[1] for case in cases}) > 1 else []
    if len({case[0] for case in cases}) > 1 or not parts:
        parts.append(carriers_of(carriers) if len(cases) <= 2 else f"c={carriers}")
    return " ".join(parts)


def block_title(run, cases):
    """What all cases of a block have in common."""
    if run.bench.events:
        return ""
    parts = [f"n={short(cases[0][1])}"] if len({case[1] for case in cases}) == 1 else []
    if not parts and len({case[0] for case in cases}) == 1:
        parts.append(carriers_of(cases[0][0]))
    return " ".join(parts)


def carriers_of(count):
    return f"{count} carrier{'s' * (count > 1)}"


def short(n):
    for unit, name in ((1_000_000, "M"), (1_000, "k")):
        if n >= unit and n % unit == 0:
            return f"{n // unit}{name}"
    return str(n)


def spread(sample):
    """Half of the distance between the smallest and the largest value."""
    if len(sample.values) < 2 or sample.median == 0:
        return ""
    return f"±{(max(sample.values) - min(sample.values)) / 2 / sample.median * 100:.0f}%"


def cells(run, sample, wide):
    """What stands in the columns of a case: median, spread (if there is room), ratio; of an observer what it costs, too."""
    if sample is None:
        return ["–" if run.bench.events else ""]
    ratio, is_base = run.ratio(sample), sample.subject == run.bench.baseline
    shown = "" if ratio is None or is_base else f"{ratio:,.0f}x" if ratio >= 10 else f"{ratio:.2f}x"
    words = [number(sample.median) + ("*" if sample.n != sample.asked else "")]
    words += [spread(sample), shown] if wide else [shown]
    if run.bench.events and not is_base:
        each, lost = run.ns_per_event(sample), sample.lost_in_all
        words += ["" if each is None else f"{each:,.0f}", "–" if lost is None else f"{lost:,}"]
    return words


def widths(run, count):
    if run.bench.events:
        return EVENT_WIDTHS
    room = (WIDTH - NAME_WIDTH) // count
    return [13, 6, 9] if count <= 2 else [room - 6, 6]


def column_titles(run, cases):
    """One of each case; one of each column where there is only one case anyway."""
    if run.bench.events:
        return EVENT_TITLES, EVENT_WIDTHS
    return [case_title(cases, *case) for case in cases], [sum(widths(run, len(cases)))] * len(cases)


def in_columns(words, columns):
    return "".join(word.rjust(width) for word, width in zip(words, columns))


def as_table(run):
    lines = heading(run)
    for measure, cases, keys in blocks(run):
        wide, columns = len(cases) <= 2, widths(run, len(cases))
        titles = in_columns(*column_titles(run, cases))
        lines += ["", f"{measure.name}: {measure.title}", block_title(run, cases).ljust(NAME_WIDTH) + titles, "─" * WIDTH]
        for key in keys:
            text = name_of(run, key).ljust(NAME_WIDTH)
            for carriers, asked in cases:
                words = cells(run, run.sample(measure.name, carriers, asked, key), wide)
                text += in_columns(words, columns).ljust(sum(columns))
            lines.append(text.rstrip())
        for target, value, verdict in verdicts(run):
            if target.measure == measure.name and value is not None:
                lines += wrapped(verdict_line(run, target, value, verdict, len(cases) > 1), "  ")
    return "\n".join(lines + [""] + notes(run)) + "\n"


def name_of(run, key):
    return run.subjects[key][0] if key in run.subjects else run.bench.labels[key]


def verdict_line(run, target, value, verdict, several):
    where = f" on {carriers_of(target.carriers)}" if several and target.kind != "flat" else ""
    times = "" if target.kind in ("most", "none") else "x"
    found = f"{value:,}" if target.kind == "none" else f"{value:.3f}" if target.bound < 1.5 and times else number(value)
    if target.kind == "no_dearer":
        times += ", dearer in {} of {} rounds:".format(*dearer(run, target))
    return f"{target.text}{where}: {found}{times}" + ("" if verdict == "shown" else f" {verdict}")


def heading(run):
    host = run.host
    memory = f"{host['memory_bytes'] / 2**30:.0f} GiB"
    rounds = f"{run.rounds} interleaved round{'s' * (run.rounds > 1)}"
    lines = [f"Linux {host['kernel']}, {host['cpus']} CPUs, {memory}, {host['started_at']}",
             f"median of {rounds}; ± half of smallest to largest",
             *run.bench.ratios]
    if run.partial:
        lines.append("PARTIAL: the run was ended before everything was measured")
    if run.quick:
        lines.append("QUICK: sizes and times are too small for these numbers to mean anything")
    if host["load_at_start"] > 0.5:
        lines.append(f"something else was running at the start (load {host['load_at_start']:.1f}): do not trust these")
    return [line[:WIDTH] for line in lines]


def notes(run):
    lines = []
    if any(sample.n != sample.asked for sample in run.samples.values()):
        lines.append(f"* {run.bench.fewer}")
    judged = [verdict for _, value, verdict in verdicts(run) if verdict in ("yes", "no")]
    if judged:
        others = len(run.bench.targets) - len(judged)
        lines.append(f"targets: {judged.count('yes')} of {len(judged)} reached, {others} not judged")
    for skip in once_each(run) if run.bench.events else run.skipped:
        if skip["work"] is None:
            lines += wrapped(f"no {run.bench.labels[skip['subject']]}: {skip['because']}")
        elif skip["failed"] or skip["subject"] == run.bench.baseline or skip["because"].startswith("needs"):
            lines += wrapped(f"{skip['subject']}, {skip['work']}, n={short(skip['n'])}, "
                             f"{carriers_of(skip['carriers'])}: {skip['because']}")
    return lines


def once_each(run):
    """A tool that cannot be used at all says so once, and not of every work."""
    measured, kept = {sample.subject for sample in run.samples.values()}, {}
    for skip in run.skipped:
        if skip["subject"] in measured:
            kept[skip["subject"], skip["work"]] = skip
        else:
            kept.setdefault(skip["subject"], {**skip, "work": None})
    return kept.values()


def wrapped(text, indent=""):
    lines, line = [], indent
    for word in text.split():
        if line.strip() and len(line) + 1 + len(word) > WIDTH:
            lines.append(line)
            line = f"{indent}  {word}"
        else:
            line += f" {word}" if line.strip() else word
    return [*lines, line]


def as_markdown(run):
    """What stands under "Numbers" in docs/benchmarks.md and docs/benchmarks-observer.md."""
    lines = ["; ".join(line.rstrip(":") for line in heading(run)) + ".", ""]
    for measure, cases, keys in blocks(run):
        titles = column_titles(run, cases)[0]
        lines += [f"**{measure.name}**: {measure.title}", "", f"| {block_title(run, cases)} | {' | '.join(titles)} |",
                  "|---|" + "---:|" * len(titles)]
        for key in keys:
            row = []
            for carriers, asked in cases:
                sample = run.sample(measure.name, carriers, asked, key)
                words = cells(run, sample, True)
                if run.bench.events:  # a column each
                    row += words + [""] * (len(titles) - len(words))
                else:
                    row.append(" ".join(word for word in words if word))
            lines.append(f"| {name_of(run, key)} | " + " | ".join(row) + " |")
        judged = [verdict_line(run, target, value, verdict, len(cases) > 1)
                  for target, value, verdict in verdicts(run) if target.measure == measure.name and value is not None]
        lines += ["", *(f"- {line}" for line in judged), *([""] if judged else [])]
    return "\n".join(lines + notes(run)) + "\n"


FORMATS = {"table": as_table, "json": as_json, "markdown": as_markdown}
