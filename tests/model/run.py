#!/usr/bin/env python3
"""run.py: checks the models of the vthreads protocols exhaustively with spin. docs/vthreads/protocols.md explains them.

    run.py                      every check; the last line is "N passed, N failed, N skipped"
    run.py park idle            those models
    run.py --show NO_FENCE      the shortest run in which a protocol without that precaution goes wrong
    run.py --junit FILE         the results for tests/summary.py as well

A check says what it expects of a model:
    holds    no run, whatever the order of steps, breaks an assertion; and every line of the model is reached,
             so that nothing holds only because it never happens
    ends     no run goes on for ever
    refuted  one precaution is left out (-DBROKEN=…), and spin finds a run that breaks an assertion
"""

import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as xml

HERE = pathlib.Path(__file__).resolve().parent
SECONDS = 300  # for one check; they take 20 on a free core

TWO_MAKERS = ["MAKERS=2", "PUSHES=1", "WAITS=0", "STUCK=0"]

# model, expectation, definitions, lines that these definitions leave unreached
CHECKS = [
    ("park", "holds", [], ""),
    ("park", "ends", ["UNPARKERS=1"], ""),
    ("park", "refuted", ["BROKEN=PARKED_BEFORE_AT_REST", "UNPARKERS=1"], ""),
    ("park", "refuted", ["BROKEN=PARKED_WITHOUT_LOOKING", "UNPARKERS=1"], ""),
    ("park", "refuted", ["BROKEN=EVENT_SEEN_IS_ENOUGH", "UNPARKERS=1"], ""),
    ("park", "refuted", ["BROKEN=EVENT_CLEARED_BY_STORE", "UNPARKERS=1"], ""),
    ("park", "refuted", ["BROKEN=SIGNAL_BEFORE_PUBLISH", "UNPARKERS=1"], ""),
    ("park", "refuted", ["BROKEN=PARKED_CLEARED_BY_STORE", "UNPARKERS=1"], ""),
    ("park", "refuted", ["BROKEN=SIGNAL_AFTER_UNLOCK", "UNPARKERS=1"], ""),
    ("idle", "holds", [], ""),
    ("idle", "holds", TWO_MAKERS, r"stuck\+|waiting\+|\(0\)"),
    ("idle", "ends", [], ""),
    ("idle", "refuted", ["BROKEN=NO_SECOND_LOOK", *TWO_MAKERS], ""),
    ("idle", "refuted", ["BROKEN=NO_FENCE"], ""),
    ("idle", "refuted", ["BROKEN=NO_WATCH"], ""),
    ("idle", "refuted", ["BROKEN=NO_HANDING_OVER"], ""),
    ("idle", "refuted", ["BROKEN=DEEP_UNSEEN"], ""),
    ("idle", "refuted", ["BROKEN=DEEP_AT_ONCE"], ""),
    ("idle", "refuted", ["BROKEN=WATCH_DOES_NOT_POLL"], ""),
    ("biased", "holds", [], ""),
    ("biased", "ends", [], ""),
    ("biased", "refuted", ["BROKEN=NO_MEMBARRIER"], ""),
    ("biased", "refuted", ["BROKEN=LOOK_BEFORE_BUSY"], ""),
    ("biased", "refuted", ["BROKEN=THIEF_DOES_NOT_WAIT"], ""),
]

# How the verifier that spin writes is compiled and run. Breadth first finds a shortest counterexample. -E: where a
# process may rest is said by the models' own process AtRest, not by labels.
COMPILE = {"holds": ["-DSAFETY"], "ends": ["-DNP"], "refuted": ["-DSAFETY", "-DBFS"]}
RUN = {"holds": ["-E"], "ends": ["-E", "-l"], "refuted": ["-E"]}


def name_of(model, expected, definitions):
    return f"{model} {expected}" + (": " + " ".join(definitions).removeprefix("BROKEN=") if definitions else "")


def call(command, where):
    try:
        done = subprocess.run(command, cwd=where, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"{command[0]}: not finished after {SECONDS} s") from None
    return done.returncode, done.stdout


def verify(model, expected, definitions, where):
    """What the verifier printed."""
    shutil.copy(HERE / f"{model}.pml", where)
    for command in (["spin", "-a", *("-D" + d for d in definitions), f"{model}.pml"],
                    ["cc", "-O2", "-w", *COMPILE[expected], "-o", "pan", "pan.c"]):
        code, output = call(command, where)
        if code != 0:
            raise RuntimeError(f"{command[0]}: {output}")
    return call(["./pan", "-m1000000", "-w23", *RUN[expected]], where)[1]


def judge(expected, unreached_allowed, output):
    """What is wrong (empty: nothing), and what was seen, in a few words."""
    errors = re.search(r"errors: (\d+)", output)
    states = re.search(r"(\d+) states, stored", output)
    if errors is None or states is None:
        return output.strip() or "no output", ""
    complaint = re.search(r"^pan:1: (.*?)(?: \(at depth (\d+)\))?$", output, re.M)
    if expected == "refuted":
        if errors.group(1) == "0":
            return "no assertion was broken", ""
        if not complaint.group(1).startswith("assertion violated") or "invalid array index" in complaint.group(1):
            return complaint.group(1), ""
        return "", f"in {complaint.group(2)} steps"
    if errors.group(1) != "0":
        return complaint.group(1), ""
    if re.search(r"max search depth too small|out of memory|hash array full|Search not completed", output):
        return "the search was cut short", ""
    if expected == "holds":
        for line in re.findall(r"^\t\S+\.pml:\d+, state \d+, .*$", output, re.M):
            if "-end-" not in line and not (unreached_allowed and re.search(unreached_allowed, line)):
                return "never reached:" + line, ""
    return "", f"{int(states.group(1)):,} states"


def show(broken):
    for model, expected, definitions, _ in CHECKS:
        if expected != "refuted" or f"BROKEN={broken}" not in definitions:
            continue
        with tempfile.TemporaryDirectory() as where:
            verify(model, expected, definitions, where)
            options = ["-D" + d for d in definitions]
            print(call(["spin", "-t", "-p", "-g", "-l", *options, f"{model}.pml"], where)[1])
        return 0
    known = [d.removeprefix("BROKEN=") for check in CHECKS for d in check[2] if d.startswith("BROKEN=")]
    print(f"run.py: no check leaves out {broken}; there are: {', '.join(known)}", file=sys.stderr)
    return 2


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("models", nargs="*", metavar="MODEL", choices=["park", "idle", "biased", []])
    arguments.add_argument("--show", metavar="BROKEN")
    arguments.add_argument("--junit", metavar="FILE")
    asked = arguments.parse_args()
    if asked.show:
        return show(asked.show)

    missing = [tool for tool in ("spin", "cc") if shutil.which(tool) is None]
    suite = xml.Element("testsuite", name="model")
    passed = failed = skipped = 0
    for model, expected, definitions, unreached_allowed in CHECKS:
        if asked.models and model not in asked.models:
            continue
        name = name_of(model, expected, definitions)
        case = xml.SubElement(suite, "testcase", classname="model", name=name)
        if missing:
            skipped += 1
            xml.SubElement(case, "skipped", message=f"{' and '.join(missing)} not installed (Debian: spin, gcc)")
            continue
        began = time.monotonic()
        try:
            with tempfile.TemporaryDirectory() as where:
                wrong, seen = judge(expected, unreached_allowed, verify(model, expected, definitions, where))
        except RuntimeError as error:
            wrong, seen = str(error), ""
        seconds = time.monotonic() - began
        case.set("time", f"{seconds:.3f}")
        if wrong:
            failed += 1
            xml.SubElement(case, "failure", message=wrong)
            print(f"FAILED  {name}: {wrong}")
        else:
            passed += 1
            print(f"{name:<66} {seen:>18} {seconds:6.1f} s", flush=True)
    if missing:
        print(f"skipped: {' and '.join(missing)} not installed (Debian: spin, gcc)")
    if asked.junit:
        xml.ElementTree(suite).write(asked.junit, encoding="utf-8", xml_declaration=True)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
