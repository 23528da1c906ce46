"""catalogue.py: what of vthreads is measured, at which sizes, and what vthreads must reach."""
from benchmark import MORE, Benchmark, Case, Measure, Target, Work
from subjects import LABELS, MOST_PLATFORM_THREADS

MILLION, THOUSAND = (1_000_000, 2_000), (1_000, 100)


def on(carriers, n, ops=(1, 1), seconds=1.0):
    return tuple(Case(n, count, ops, seconds) for count in carriers)


MANY = (2_000_000, 20_000)

WORKS = (
    Work("spawn-join", (Measure("spawn-join", "start one and join it, again and again; ns per unit"),),
         on((1, 2), 1, MANY)),
    Work("spawn-batch", (Measure("spawn-batch", "start 1,000, join 1,000; ns per unit"),),
         on((1, 2), THOUSAND, MANY)),
    Work("alive", (Measure("alive-cold", "all alive at once, stacks touched for the first time; ns per unit"),
                   Measure("alive-warm", "the same again in the same process; ns per unit")),
         on((1, 2), MILLION, seconds=2), cold=True),
    Work("growth", (Measure("growth", "start N, join N; ns per unit (must not grow with N)"),),
         tuple(Case(n, 1, MANY) for n in ((1_000, 100), (10_000, 300), (100_000, 1_000), (1_000_000, 3_000))),
         program="spawn-batch"),
    Work("yield", (Measure("yield", "n units take turns; ns per yield"),),
         (Case(2, 1, (10_000_000, 20_000)), Case(100, 1, (10_000_000, 20_000)))),
    Work("mutex-ping-pong", (Measure("mutex-ping-pong", "mutex and two condition variables; ns per round trip"),),
         on((1, 2), 2, (1_000_000, 5_000))),
    Work("channel-ping-pong", (Measure("channel-ping-pong", "two unbuffered channels; ns per round trip"),),
         on((1, 2), 2, (1_000_000, 5_000))),
    Work("skynet", (Measure("skynet", "tree of n leaves, ten children each; ns per leaf"),),
         on((1, 2), (1_000_000, 1_000), seconds=2), cold=True),
    Work("parked", (Measure("parked", "memory of a parked unit; resident + page-table bytes"),
                    Measure("parked-resident", "of that resident (RssAnon); bytes"),
                    Measure("parked-page-tables", "of that page tables (VmPTE); bytes"),
                    Measure("parked-idle-cpu", "CPU time while all are parked; ms per second")),
         on((1,), MILLION, seconds=4)),
    Work("sleepers", (Measure("sleepers-cold", "n units sleep 1 s, the first time; s until all are joined"),
                      Measure("sleepers-warm", "the same again in the same process; s")),
         (Case(10_000, 1, seconds=3, quick=False), Case((100_000, 500), 1, seconds=3),
          Case(100_000, 2, seconds=3, quick=False), Case(1_000_000, 1, seconds=6, quick=False),
          Case(MILLION, 2, seconds=6)), per_unit=False, cold=True),
    Work("echo", (Measure("echo-requests", "TCP echo, n connections, 64 bytes, closed loop; requests per s", MORE),
                  Measure("echo-p50", "half of the requests take at most; ms"),
                  Measure("echo-p99", "99 of 100 take at most; ms"),
                  Measure("echo-cpu", "CPU time of the server; ns per request")),
         on((1, 2), THOUSAND, ops=(2_000, 200), seconds=4)),
)


def targets():
    for carriers in (1, 2):
        if carriers == 1:
            yield Target("spawn-join", 1, 1, "at least 5x faster than Go", "faster", 5, "go")
            yield Target("spawn-join", 1, 1, "at most 2x raw Boost.Context", "within", 2, "boost-context")
        yield Target("spawn-batch", carriers, 1_000, "at least 4x faster than Go", "faster", 4, "go")
        yield Target("alive-warm", carriers, 1_000_000, "faster than Go", "faster", 1, "go")
        yield Target("alive-warm", carriers, 1_000_000, "faster than the JVM", "faster", 1, "java")
        yield Target("mutex-ping-pong", carriers, 2, "at least 3x faster than Go", "faster", 3, "go")
        yield Target("sleepers-cold", carriers, 1_000_000, "no slower than Go", "faster", 1, "go")
        yield Target("sleepers-warm", carriers, 1_000_000, "at most 1.3 s", "most", 1.3)
    yield Target("growth", 1, (1_000, 1_000_000), "1,000,000 units against 1,000", "flat")
    yield Target("yield", 1, 2, "at most 16 ns", "most", 16)
    yield Target("yield", 1, 2, "at least 4.5x faster than Go", "faster", 4.5, "go")
    # libdill, the best we know on one core, is not among the subjects: 78 ns on the development machine.
    yield Target("channel-ping-pong", 1, 2, "at most 78 ns", "most", 78)
    yield Target("channel-ping-pong", 2, 2, "at least 2x faster than Go", "faster", 2, "go")
    yield Target("parked", 1, 1_000_000, "at most 4,400 bytes", "most", 4400)
    yield Target("parked-idle-cpu", 1, 1_000_000, "none (at most 1 ms per second)", "most", 1)
    yield Target("echo-requests", 1, 1_000, "at least 0.97 of raw epoll", "share", 0.97, "epoll")
    yield Target("echo-p99", 1, 1_000, "at most 1.2 of raw epoll's", "within", 1.2, "epoll")


VTHREADS = Benchmark(
    "vthreads", baseline="vthreads", works=WORKS, targets=tuple(targets()), labels=LABELS,
    ratios=("ratio to vthreads (above 1x vthreads is ahead, for times, bytes and rates)",
            "free memory is touched before alive, skynet and sleepers (the host may take it)"),
    fewer=f"with fewer units: at most {MOST_PLATFORM_THREADS:,} platform threads are tried")
