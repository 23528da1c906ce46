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

from catalogue import BY_NAME, LESS, MEASURES, TARGETS
from subjects import LABELS, MOST_PLATFORM_THREADS

SCHEMA = "vtlab.bench/1"
WIDTH, NAME_WIDTH = 80, 23
OURS = "vthreads"


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

    @property
    def median(self):
        return statistics.median(self.values)


@dataclass
class Run:
    """Everything that a report says."""
    host: dict
    rounds: int
    quick: bool
    partial: bool = False
    subjects: dict = field(default_factory=dict)  # key → (label, version)
    samples: dict = field(default_factory=dict)   # (measure, carriers, asked, subject) → Sample
    skipped: list = field(default_factory=list)   # {subject, work or None, …, because}

    def sample(self, measure, carriers, asked, subject):
        return self.samples.get((measure, carriers, asked, subject))

    def ratio(self, sample):
        """Above 1: vthreads is ahead. None if vthreads was not measured there, or used nothing at all."""
        ours = self.sample(sample.measure, sample.carriers, sample.asked, OURS)
        if ours is None:
            return None
        above, below = sample.median, ours.median
        if MEASURES[sample.measure].better != LESS:
            above, below = below, above
        return above / below if above > 0 and below > 0 else None


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
    for target in TARGETS:
        value = None if run.quick else value_of(run, target)
        if value is None:
            yield target, None, "not judged"
        elif target.kind == "flat":
            yield target, value, "shown"
        else:
            met = value >= target.bound if target.kind in ("faster", "share") else value <= target.bound
            yield target, value, "yes" if met else "no"


def value_of(run, target):
    if target.kind == "flat":
        few, many = (run.sample(target.measure, target.carriers, n, OURS) for n in target.n)
        return many.median / few.median if few and many else None
    ours = run.sample(target.measure, target.carriers, target.n, OURS)
    if ours is None or target.kind == "most":
        return ours and ours.median
    other = run.sample(target.measure, target.carriers, target.n, target.subject)
    if other is None or not (ours.median and other.median):
        return None
    return other.median / ours.median if target.kind == "faster" else ours.median / other.median


# JSON

def document(run):
    rows = []
    for sample in run.samples.values():
        rows.append({"work": sample.measure, "carriers": sample.carriers, "n": sample.n, "subject": sample.subject,
                     "median": sample.median, "unit": sample.unit, "ratio_to_vthreads": run.ratio(sample),
                     "min": min(sample.values), "max": max(sample.values), "rounds": len(sample.values),
                     "n_of_vthreads": sample.asked})
    return {
        "schema": SCHEMA, "host": run.host, "partial": run.partial, "quick": run.quick, "rounds": run.rounds,
        "subjects": [{"subject": key, "name": label, "version": version}
                     for key, (label, version) in run.subjects.items()],
        "rows": rows,
        "targets": [{"work": target.measure, "carriers": target.carriers, "text": target.text, "value": value,
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
    """(measure, its cases, the subjects that have a number for any) in the order of the catalogue."""
    for work in BY_NAME.values():
        for measure in work.measures:
            samples = [sample for sample in run.samples.values() if sample.measure == measure.name]
            cases = list(dict.fromkeys((sample.carriers, sample.asked) for sample in samples))
            keys = [key for key in LABELS if any(sample.subject == key for sample in samples)]
            if cases:
                yield measure, cases, keys


def case_title(cases, carriers, n):
    """What sets this case apart from the others of its block."""
    parts = [f"n={short(n)}"] if len({case[1] for case in cases}) > 1 else []
    if len({case[0] for case in cases}) > 1 or not parts:
        parts.append(carriers_of(carriers) if len(cases) <= 2 else f"c={carriers}")
    return " ".join(parts)


def block_title(cases):
    """What all cases of a block have in common."""
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
    """What stands in the columns of a case: median, spread (if there is room), ratio."""
    if sample is None:
        return ["", "", ""] if wide else ["", ""]
    ratio = run.ratio(sample)
    shown = "" if ratio is None or sample.subject == OURS else f"{ratio:,.0f}x" if ratio >= 10 else f"{ratio:.2f}x"
    median = number(sample.median) + ("*" if sample.n != sample.asked else "")
    return [median, spread(sample), shown] if wide else [median, shown]


def widths(count):
    room = (WIDTH - NAME_WIDTH) // count
    return [13, 6, 9] if count <= 2 else [room - 6, 6]


def as_table(run):
    lines = heading(run)
    for measure, cases, keys in blocks(run):
        wide, columns = len(cases) <= 2, widths(len(cases))
        titles = "".join(case_title(cases, *case).rjust(sum(columns)) for case in cases)
        lines += ["", f"{measure.name}: {measure.title}", block_title(cases).ljust(NAME_WIDTH) + titles, "─" * WIDTH]
        for key in keys:
            text = run.subjects[key][0].ljust(NAME_WIDTH)
            for carriers, asked in cases:
                words = cells(run, run.sample(measure.name, carriers, asked, key), wide)
                text += "".join(word.rjust(width) for word, width in zip(words, columns))
            lines.append(text.rstrip())
        for target, value, verdict in verdicts(run):
            if target.measure == measure.name and value is not None:
                lines.append(verdict_line(target, value, verdict, len(cases) > 1))
    return "\n".join(lines + [""] + notes(run)) + "\n"


def verdict_line(target, value, verdict, several):
    where = f" on {carriers_of(target.carriers)}" if several and target.kind != "flat" else ""
    times = "" if target.kind == "most" else "x"
    return f"  {target.text}{where}: {number(value)}{times}" + ("" if verdict == "shown" else f" {verdict}")


def heading(run):
    host = run.host
    memory = f"{host['memory_bytes'] / 2**30:.0f} GiB"
    rounds = f"{run.rounds} interleaved round{'s' * (run.rounds > 1)}"
    lines = [f"Linux {host['kernel']}, {host['cpus']} CPUs, {memory}, {host['started_at']}",
             f"median of {rounds}; ± half of smallest to largest; ratio to vthreads",
             "(above 1x vthreads is ahead, for times, bytes and rates)"]
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
        lines.append(f"* with fewer units: at most {MOST_PLATFORM_THREADS:,} platform threads are tried")
    judged = [verdict for _, value, verdict in verdicts(run) if verdict in ("yes", "no")]
    if judged:
        others = len(TARGETS) - len(judged)
        lines.append(f"targets: {judged.count('yes')} of {len(judged)} reached, {others} not judged")
    for skip in run.skipped:
        if skip["work"] is None:
            lines += wrapped(f"no {LABELS[skip['subject']]}: {skip['because']}")
        elif skip["failed"] or skip["subject"] == OURS or skip["because"].startswith("needs"):
            lines += wrapped(f"{skip['subject']}, {skip['work']}, n={short(skip['n'])}, "
                             f"{carriers_of(skip['carriers'])}: {skip['because']}")
    return lines


def wrapped(text):
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > WIDTH:
            lines.append(line)
            line = "  " + word
        else:
            line = f"{line} {word}".lstrip() if not lines else f"{line} {word}"
    return [*lines, line]


def as_markdown(run):
    """What stands under "Numbers" in docs/benchmarks.md."""
    lines = ["; ".join(line.rstrip(":") for line in heading(run)) + ".", ""]
    for measure, cases, keys in blocks(run):
        titles = " | ".join(case_title(cases, *case) for case in cases)
        lines += [f"**{measure.name}**: {measure.title}", "", f"| {block_title(cases)} | {titles} |",
                  "|---|" + "---:|" * len(cases)]
        for key in keys:
            row = []
            for carriers, asked in cases:
                sample = run.sample(measure.name, carriers, asked, key)
                row.append(" ".join(word for word in cells(run, sample, True) if word))
            lines.append(f"| {run.subjects[key][0]} | " + " | ".join(row) + " |")
        judged = [verdict_line(target, value, verdict, len(cases) > 1).strip()
                  for target, value, verdict in verdicts(run) if target.measure == measure.name and value is not None]
        lines += ["", *(f"- {line}" for line in judged), *([""] if judged else [])]
    return "\n".join(lines + notes(run)) + "\n"


FORMATS = {"table": as_table, "json": as_json, "markdown": as_markdown}
