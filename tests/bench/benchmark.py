"""benchmark.py: what a benchmark is made of: works, sizes, what must be reached, and what its numbers are compared with.

Rule      One Work is the same work in every subject. `n` is how many units exist at the same time, `ops` how
          often that is done which is timed. A slow subject may do it less often, but not with another n unless
          the row says so.
"""
from dataclasses import dataclass

LESS, MORE = "less is better", "more is better"


@dataclass(frozen=True)
class Measure:
    name: str   # the "work" of a row
    title: str  # ends in its unit
    better: str = LESS
    events: int = 0  # of the scheduler, in one operation; 0: nobody asks


@dataclass(frozen=True)
class Case:
    n: object  # an int that stays what it is under --quick, or the pair (full size, --quick); so is ops
    carriers: int
    ops: object = (1, 1)
    seconds: float = 1.0  # for the estimate of the time left only
    quick: bool = True    # also under --quick


@dataclass(frozen=True)
class Work:
    name: str
    measures: tuple
    cases: tuple
    program: str = ""       # what the programs call it, if not the same
    per_unit: bool = True   # so that fewer units give a comparable number
    cold: bool = False      # touches memory of all units for the first time (host_memory.py)

    @property
    def asks_for(self):
        return self.program or self.name


def size(value, quick):
    return value[1 if quick else 0] if isinstance(value, tuple) else value


@dataclass(frozen=True)
class Target:
    """What must be reached at full size, from measurements of one run.

    ours     the subject that must reach it; "": the baseline
    kind     faster   subject's time / ours >= bound           within   ours / subject's <= bound
             share    ours / subject's rate >= bound           most     ours <= bound, whatever the others do
             cheaper  what an event costs with subject / with ours >= bound
             none     ours has lost nothing
             no_dearer  ours / subject's, round by round: the median <= bound
             flat     ours / ours at the size `n[0]` is shown and not judged: caches decide how much is right
    """
    measure: str
    carriers: int
    n: object
    text: str
    kind: str
    bound: float = 0.0
    subject: str = ""
    ours: str = ""


@dataclass(frozen=True)
class Benchmark:
    name: str
    baseline: str  # the subject that the ratios refer to; measured always
    works: tuple
    targets: tuple
    labels: dict   # subject → how people call it, in the order of the tables
    ratios: tuple  # what a ratio says, in lines of the heading
    fewer: str = ""         # what the star behind a number means
    events: bool = False    # observers: what an event costs, and how many were lost

    @property
    def by_name(self):
        return {work.name: work for work in self.works}

    @property
    def measures(self):
        return {measure.name: measure for work in self.works for measure in work.measures}
