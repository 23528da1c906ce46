#!/usr/bin/env python3
"""run.py: runs one of the benchmarks. Interleaves the subjects over several rounds, prints medians and ratios.

Called by ./vtlabw bench NAME, which builds the programs first; docs/benchmarks.md, docs/benchmarks-observer.md
and docs/benchmarks-runtimes.md say what each work measures. Exit codes: 0 done, 1 our own subject failed somewhere, 2 usage, 3 cannot begin,
130 interrupted (143 terminated).
"""
import sys

sys.dont_write_bytecode = True  # the checkout may belong to somebody else

import argparse  # noqa: E402
import os  # noqa: E402
import pathlib  # noqa: E402
import signal  # noqa: E402
import tempfile  # noqa: E402
import time  # noqa: E402

import host_memory  # noqa: E402
import observer_kind  # noqa: E402
import processes  # noqa: E402
import report  # noqa: E402
import runtimes_kind  # noqa: E402
import vthreads_kind  # noqa: E402
from benchmark import size  # noqa: E402

KINDS = {"vthreads": vthreads_kind, "observer": observer_kind, "runtimes": runtimes_kind}
CALLED = os.environ["VTLAB_CALLED_AS"] + " bench" if "VTLAB_CALLED_AS" in os.environ else "run.py"
ASCII = str.maketrans({"─": "-", "±": "~"})


class Interrupted(BaseException):
    def __init__(self, number):
        super().__init__(number)
        self.number = number


def interrupt(number, _):
    # A second one would only lose what there is.
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    raise Interrupted(number)


def some_of(known):
    def parse(text):
        names = text.split(",")
        unknown = [name for name in names if name not in known]
        if unknown:
            raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}; there are: {', '.join(known)}")
        return names
    return parse


def rounds(text):
    if not text.isdigit() or not 1 <= int(text) <= 1000:
        raise argparse.ArgumentTypeError("a whole number from 1 to 1000")
    return int(text)


def parse(kind, words):
    bench = kind.BENCH
    works, labels = list(bench.by_name), list(bench.labels)
    parser = argparse.ArgumentParser(
        prog=f"{CALLED} {bench.name}", description=kind.__doc__.partition(": ")[2],
        epilog="works: " + ", ".join(works) + ". subjects: " + ", ".join(labels) + ".")
    here = pathlib.Path(__file__).resolve().parents[2]
    add = parser.add_argument
    add("--work", metavar="NAME,…", type=some_of(works), default=works, help="only these works")
    add("--subject", metavar="NAME,…", type=some_of(labels), default=labels,
        help=f"only these subjects; {bench.baseline} is measured always")
    add("--rounds", metavar="N", type=rounds, help="how often each is measured (default 5; 1 with --quick)")
    add("--quick", action="store_true", help="small sizes, to see that everything runs; the numbers mean nothing")
    add("--format", choices=list(report.FORMATS), default="table")
    add("-o", "--output", metavar="FILE", type=pathlib.Path, help="write there, complete or not at all")
    kind.add_options(add, here)
    add("--programs", metavar="DIR", type=pathlib.Path, default=here / "build/bench/bin",
        help="the built programs (default: build/bench/bin)")
    options = parser.parse_args(words)
    if options.output and not options.output.absolute().parent.is_dir():
        parser.error(f"-o {options.output}: there is no folder {options.output.absolute().parent}")
    options.rounds = options.rounds or (1 if options.quick else 5)
    options.kind = kind
    return options


class Progress:
    """One line on a terminal: what is measured now, and about how long the rest takes."""

    def __init__(self, total):
        self.total, self.done, self.start = total, 0.0, time.monotonic()
        self.shown = sys.stderr.isatty()

    def say(self, text):
        if not self.shown:
            return
        left = ""
        spent = time.monotonic() - self.start
        if self.done and spent > 3:
            seconds = spent / self.done * (self.total - self.done)
            left = f", about {seconds / 60:.0f} min left" if seconds > 90 else f", about {seconds:.0f} s left"
        sys.stderr.write(f"\r\033[K  {text}{left}")
        sys.stderr.flush()

    def step(self, seconds):
        self.done += seconds

    def clear(self):
        if self.shown:
            sys.stderr.write("\r\033[K")


def steps(options, taking_part, run):
    """(work, case, the subjects that can do it); what somebody cannot is noted in the run."""
    for name in options.work:
        work = run.bench.by_name[name]
        for case in work.cases:
            if options.quick and not case.quick:
                continue
            n, able = size(case.n, options.quick), []
            for subject in taking_part:
                why = subject.cannot(work, n, case.carriers)
                if why is None:
                    able.append(subject)
                else:
                    skip(run, subject.key, why, work=name, n=n, carriers=case.carriers)
            yield work, case, able


def skip(run, subject, because, failed=False, **where):
    run.skipped.append({"subject": subject, "work": None, **where, "because": because, "failed": failed})


def measure_all(options, here, run):
    plan = list(steps(options, here.found, run))
    progress = Progress(sum(case.seconds * len(able) for _, case, able in plan) * options.rounds)
    try:
        for work, case, able in plan:
            able = list(able)
            for number in range(options.rounds):
                # Who begins changes, so that nobody always follows the same neighbour.
                first = number % max(1, len(able))
                for subject in able[first:] + able[:first]:
                    progress.say(f"{work.name} in {subject.key}, round {number + 1} of {options.rounds}")
                    if not measure_once(options, here, run, work, case, subject):
                        able.remove(subject)
                    progress.step(case.seconds)
    finally:
        progress.clear()


def measure_once(options, here, run, work, case, subject):
    asked = size(case.n, options.quick)
    try:
        if work.cold:
            host_memory.be_there_for(asked)
        found = options.kind.measure(subject, work, case, options.quick, here)
    except (processes.Failed, ValueError, OSError) as why:
        skip(run, subject.key, str(why), failed=True, work=work.name, n=asked, carriers=case.carriers)
        return False
    for measured in work.measures:
        if measured.name in found:
            value, unit, *lost = found[measured.name]
            sample = run.samples.setdefault(
                (measured.name, case.carriers, asked, subject.key),
                report.Sample(work.name, measured.name, case.carriers, asked, subject.units(asked), subject.key, unit))
            sample.values.append(value)
            sample.lost.extend(lost)
    return True


def write(text, output):
    if output is None:
        if sys.stdout.encoding.lower().replace("-", "") != "utf8":
            text = text.translate(ASCII)
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    handle, name = tempfile.mkstemp(dir=output.absolute().parent, prefix=f".{output.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(name, 0o666 & ~umask)
        os.replace(name, output)
    except BaseException:
        pathlib.Path(name).unlink(missing_ok=True)
        raise


def cannot(bench, what, why, *to_type):
    sys.stderr.write(f"{CALLED} {bench.name}: {what}\n  {why}\n" + "".join(f"  type    {line}\n" for line in to_type))
    return 3


def main(words):
    if not words or words[0] not in KINDS:
        sys.stderr.write(f"{CALLED}: which benchmark? There are: {', '.join(KINDS)}\n")
        return 2
    kind = KINDS[words[0]]
    bench, options = kind.BENCH, parse(kind, words[1:])
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    run = report.Run(bench, report.read_host(), options.rounds, options.quick)
    code = 0
    try:
        with kind.open_subjects({*options.subject, bench.baseline}, options) as here:
            for key, why in here.missing.items():
                skip(run, key, why)
                if key != bench.baseline:
                    sys.stderr.write(f"{CALLED} {bench.name}: without {bench.labels[key]}: {why}\n")
            why_not = kind.why_not(here, options)
            if why_not:
                return cannot(bench, *why_not, f"./vtlabw bench {bench.name}")
            run.subjects = {subject.key: (subject.label, subject.version) for subject in here.found}
            measure_all(options, here, run)
    except Interrupted as signal_:
        run.partial = True
        code = 128 + signal_.number
    try:
        write(report.FORMATS[options.format](run), options.output)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # whoever read has seen enough
    except OSError as error:
        return cannot(bench, f"cannot write {options.output or 'the result'}", str(error))
    ours_failed = any(each["failed"] and each["subject"] in kind.OURS for each in run.skipped)
    return code or (1 if ours_failed else 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
