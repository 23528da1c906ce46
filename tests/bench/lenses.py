"""lenses.py: the works of ./vtlabw bench runtimes, who observes them, and what must be reached.

Rule      Whoever observes less than happened is no measurement: Failed.
"""
import json
import pathlib
import re

import observers
from benchmark import Benchmark, Case, Measure, Target, Work, size
from processes import Failed, Missing, numbers
from subjects import GO_PLACES, HERE, JAVA_PLACES, build_go, compile_java, find, output, places_in

SOURCES = HERE / "runtimes"
FETCHED = HERE.parents[1] / "build/runtimes"
CARRIERS = 2


class Ledger(observers.VtlabCounts):
    key, label = "ledger", "vtlab, no lens"


class Lens(observers.VtlabCounts):
    """`runtime`: passes of the runtime's functions, counted."""
    key, label, options = "runtime", "vtlab, lens", ["--show", "runtime"]

    def saw(self, err):
        lost = super().saw(err).lost
        view = json.loads(pathlib.Path(self.file).read_text()).get("runtime")
        if view is None:
            raise Failed("it did not recognise the runtime")
        if "void_because" in view:
            raise Failed(view["void_because"])
        return observers.Saw(sum(count.get("count", 0) for count in view["counts"].values()), lost)


class Timeline(Lens):
    """And each of them kept."""
    key, label, options = "timeline", "vtlab, lens, timeline", ["--show", "runtime,timeline"]

    def saw(self, err):
        saw = super().saw(err)
        lost = json.loads(pathlib.Path(self.file).read_text())["timeline"]["lost"]
        return observers.Saw(saw.events, saw.lost + sum(each["count"] for each in lost))


ALL = (observers.Observer, Ledger, Lens, Timeline)
LABELS = {each.key: each.label for each in ALL}


def storm(name, title, passes, ops, seconds):
    return Work(name, (Measure(name, f"{title}; ns each", events=passes),
                       Measure(f"{name}-cpu", "the same; ns of CPU time each", events=passes)),
                (Case(CARRIERS, CARRIERS, ops, seconds=seconds),))


# Passes: of functions that the lens counts, for one unit.
WORKS = (
    storm("go-storm", "goroutines that end at once, as fast as they can be made", 3, (500_000, 2_000), 2),
    storm("go-paced", "the same, 100,000 in a second", 3, (100_000, 1_000), 2),
    storm("go-parks", "goroutines that park once, 100,000 in a second", 6, (100_000, 1_000), 2),
    storm("jvm-paced", "virtual threads that yield once, 100,000 in a second", 1, (100_000, 1_000), 2),
    storm("jvm-parks", "two virtual threads wake each other and park, both once", 2, (200_000, 2_000), 2),
)

RUNTIMES = Benchmark(
    "runtimes", baseline="unobserved", works=WORKS, labels=LABELS,
    targets=tuple(Target(work, CARRIERS, CARRIERS, "at 100,000 a second slowed by less than 2x", "within", 2, "unobserved",
                         "runtime") for work in ("go-paced", "go-parks", "jvm-paced")),
    ratios=("ratio to unobserved; ns/event: what is added, by the passes that the lens counts",
            "lost: passes, in all rounds, as vtlab says"),
    events=True)


class Lenses(observers.Observers):
    """Every observer that was asked for and is here, and the programs that they observe."""

    def __init__(self, wanted, vtlab, go, java):
        self.places = {"go": go, "jvm": java}
        self.programs, self.no_runtime, self.versions = {}, {}, {}
        super().__init__(ALL, wanted, vtlab)
        for observer in self.found:
            observer.cannot = self._cannot
            observer.version = "; ".join(filter(None, [observer.version, *self.versions.values()]))

    def prepare(self):
        self.folder.chmod(0o755)  # under sudo, the programs are run by the user
        for language, build in (("go", self._build_go), ("jvm", self._build_java)):
            try:
                self.programs[language] = build(self.places[language])
            except Missing as why:
                self.no_runtime[language] = f"{why}; ./vtlabw runtimes gets one"

    def _cannot(self, work, *_):
        return self.no_runtime.get(language_of(work))

    def _build_go(self, go):
        go = go or find("go", FETCHED.glob("go-*/bin/go"), None, places_in("/", *GO_PLACES))
        program = self.folder / "bench-go"
        build_go(go, SOURCES / "go", program, f"GOCACHE={self.folder / 'cache'}")
        self.versions["go"] = re.sub(r"go version go(\S+).*", r"Go \1", output([go, "version"]).strip())
        return lambda work, ops: [str(program), work, "--ops", str(ops), "--carriers", str(CARRIERS)]

    def _build_java(self, java):
        java = java or find("java", FETCHED.glob("jdk-*/bin/java"), None, places_in("/", *JAVA_PLACES))
        said = compile_java([], java, SOURCES / "java", ["Storms.java"], self.folder / "classes")
        self.versions["jvm"] = "JDK " + re.search(r"\d[\d.]*", said)[0]
        scheduler = "-Djdk.virtualThreadScheduler"
        return lambda work, ops: [java, f"{scheduler}.parallelism={CARRIERS}", f"{scheduler}.maxPoolSize={CARRIERS}", "-cp",
                                  str(self.folder / "classes"), "Storms", work, "--ops", str(ops)]


def language_of(work):
    return work.name.partition("-")[0]


def run(observer, work, case, quick, here):
    """One observer, one case, once: {measure: (value, unit, lost)}."""
    ops = size(case.ops, quick)
    try:
        out, saw = observer.observe(here.programs[language_of(work)](work.name, ops))
    finally:
        pathlib.Path(observer.file).unlink(missing_ok=True)
    happened = ops * work.measures[0].events
    if isinstance(observer, Lens) and saw.events + saw.lost < happened:
        raise Failed(f"it saw {saw.events:,} of {happened:,} passes, and said nothing of the rest")
    return {name: (value, unit, saw.lost) for name, (value, unit) in numbers(out).items()}
