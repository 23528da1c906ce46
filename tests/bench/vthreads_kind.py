"""vthreads_kind.py: The same work in vthreads and its peers, interleaved: medians and ratios."""
import os

import measure as one
import subjects
from catalogue import VTHREADS

BENCH = VTHREADS
OURS = ("vthreads",)  # if one of these fails, so does the command


def add_options(add, _):
    add("--go", metavar="PATH", help="the go command to build with")
    add("--java", metavar="PATH", help="the java command, of a JDK")
    add("--runtime-root", metavar="DIR", help="the root of a system that has Go and a JDK (chroot: as root), as by "
        "debootstrap --variant=minbase --include=openjdk-25-jdk-headless,golang-1.24-go trixie DIR")


def open_subjects(wanted, options):
    return subjects.Subjects(wanted, options.programs, options.go, options.java, options.runtime_root)


def why_not(here, options):
    """(what cannot be measured, why) if it cannot begin."""
    if "vthreads" in here.missing:
        return "cannot measure vthreads", here.missing["vthreads"]
    if not os.access(here.client, os.X_OK) and "echo" in options.work:
        return "cannot measure echo", f"{here.client} is not built"
    return None


def measure(subject, work, case, quick, here):
    return one.run(subject, work, case, quick, here.client)
