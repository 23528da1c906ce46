"""storms.py: what observing is measured on, and what vtlab must reach."""
from benchmark import Benchmark, Case, Measure, Target, Work
from observers import LABELS

COUNTS, EVENTS = "vtlab", "vtlab-events"


def storm(name, title, n, events, ops):
    return Work(name, (Measure(name, title, events=events),), (Case(n, 1, ops, seconds=3),))


# Events: passings of sched_switch, sched_wakeup_new, sched_process_fork and sched_process_exit in one operation.
WORKS = (
    storm("clone-storm", "pthread_create and join; ns", 1, 5, (50_000, 300)),
    storm("fork-storm", "fork, _exit and wait; ns", 1, 5, (10_000, 100)),
    storm("switch-storm", "a byte through two pipes and back, between two threads; ns", 2, 2, (500_000, 3_000)),
    storm("full-storm", "a word handed to and fro between two threads that yield, on every CPU at once; ns", 2, 1,
          (3_000_000, 1_000)),
)


def targets():
    for storm_name, n, bound in (("clone-storm", 1, 1.06), ("fork-storm", 1, 1.03), ("switch-storm", 2, 1.06)):
        yield Target(storm_name, 1, n, f"counting costs at most {bound}x", "within", bound, "unobserved", COUNTS)
        yield Target(storm_name, 1, n, "counting is no dearer than with bpftrace", "no_dearer", 1, "bpftrace",
                     COUNTS)
    for storm_name, n, bound in (("clone-storm", 1, 1.10), ("switch-storm", 2, 1.12)):
        yield Target(storm_name, 1, n, f"every event costs at most {bound:.2f}x", "within", bound, "unobserved", EVENTS)
        yield Target(storm_name, 1, n, "of every event, lost", "none", ours=EVENTS)
    yield Target("full-storm", 1, 2, "every event, a million of them in a second: at most 1,000 ns each", "most", 1000,
                 ours=EVENTS)
    yield Target("full-storm", 1, 2, "of every event, lost", "none", ours=EVENTS)
    for subject, bound in (("perf-sched", 4), ("perf-record", 2)):
        yield Target("switch-storm", 1, 2, f"at least {bound}x cheaper per event than {LABELS[subject]}", "cheaper",
                     bound, subject, EVENTS)


OBSERVER = Benchmark(
    "observer", baseline="unobserved", works=WORKS, targets=tuple(targets()), labels=LABELS,
    ratios=("ratio to unobserved; ns/event: what is added, by the events in an operation",
            "lost: in all rounds, as each says of itself; –: it does not say, or is not there"),
    events=True)
