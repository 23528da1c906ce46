"""observer_kind.py: What observing costs the one who is observed, by vtlab and its peers, interleaved."""
import os
import pathlib

import observers
from storms import OBSERVER

BENCH = OBSERVER
OURS = ("unobserved", "vtlab", "vtlab-events")


def add_options(add, here):
    add("--vtlab", metavar="PATH", type=pathlib.Path, default=here / "build/release/bin/vtlab",
        help="the vtlab that observes (default: build/release/bin/vtlab)")


def open_subjects(wanted, options):
    return observers.OfStorms(wanted, options.programs, options.vtlab)


def why_not(here, _):
    if not os.access(here.workload, os.X_OK):
        return "cannot measure", f"{here.workload} is not built"
    return None


def measure(subject, work, case, quick, here):
    return observers.run(subject, work, case, quick, here.workload)
