"""runtimes_kind.py: What the lens on Go's runtime and on the JVM costs the program that is looked into, interleaved."""
import pathlib

import lenses

BENCH = lenses.RUNTIMES
OURS = tuple(lenses.LABELS)


def add_options(add, here):
    add("--vtlab", metavar="PATH", type=pathlib.Path, default=here / "build/release/bin/vtlab",
        help="the vtlab that observes (default: build/release/bin/vtlab)")
    add("--go", metavar="PATH", help="the go command to build with (default: of ./vtlabw runtimes, else by PATH)")
    add("--java", metavar="PATH", help="the java command, of a JDK (default: of ./vtlabw runtimes, else by PATH)")


def open_subjects(wanted, options):
    return lenses.Lenses(wanted, options.vtlab, options.go, options.java)


def why_not(here, _):
    """Without one of the runtimes its works are left out; without both there is nothing to measure."""
    if not here.programs:
        return "cannot measure", "; ".join(here.no_runtime.values())
    return None


def measure(subject, work, case, quick, here):
    return lenses.run(subject, work, case, quick, here)
