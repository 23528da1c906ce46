"""document.py: docs/kernel-support.md, from what the VMs said. The same results make the same bytes."""
import dataclasses
import re

import kernels
import machine

# As tests/kernel/rungs_test.cpp prints it.
RUNG = re.compile(r"^rung: (\S+) (\S+) (\S+) (.+)$", re.M)

HEAD = """# Kernel support

Written by `./vtlabw test vm`; do not edit. It boots Debian's kernels in VMs and runs the
[kernel suite](../tests/README.md) in each, with every [rung](../probes/README.md) of every question
forced once.

## Kernels

| column | kernel | Debian's package | preemption | suite |
|---|---|---|---|---|
"""

RUNGS = """
"Preemption" is what the kernel says of itself; "not told": it was fixed when the kernel was built. A
column "full" is the same kernel booted with `preempt=full`.

## Rungs

- **exact**: attached, and counted what the program did, to the task: forks, threads and failing
  clones in prime numbers, and each switch that the kernel itself has counted in procfs. The kernel
  skipped no run of it.
- **no**: refused, **attached**: not counted, **wrong**: counted something else; the number says why.

"""


@dataclasses.dataclass
class Boot:
    kernel: kernels.Kernel
    report: machine.Report
    full: bool

    @property
    def label(self):
        return self.kernel.release + (" full" if self.full else "")

    @property
    def rungs(self):
        """{(question, rung, hook): exact, or the reason why not}."""
        return {match[:3]: match[3] for match in RUNG.findall(self.report.output)}

    @property
    def exact(self):
        return sum(answer == "exact" for answer in self.rungs.values())

    @property
    def passed(self):
        return sum(not machine.problems(case) for case in self.report.cases)


def row(*cells):
    return "| " + " | ".join(cells) + " |\n"


def text(done):
    out = HEAD
    for boot in done:
        out += row(boot.label, boot.report.release, f"`{boot.kernel.package}` {boot.kernel.version}",
                   boot.report.preempt or "not told", f"{boot.passed} of {len(boot.report.cases)} tests passed")
    out += RUNGS
    out += row("question", "rung", "hook", *(boot.label for boot in done))
    out += "|---" * (3 + len(done)) + "|\n"
    reasons = []

    def cell(boot, key):
        answer = boot.rungs.get(key, "no answer")
        if answer == "exact":
            return answer
        if answer not in reasons:
            reasons.append(answer)
        word = answer.partition(",")[0] if answer == "wrong" or answer.startswith("attached,") else "no"
        return f"**{word}** {reasons.index(answer) + 1}"

    # The test goes through the rungs; people ask about a question.
    keys = list(dict.fromkeys(key for boot in done for key in boot.rungs))
    questions = list(dict.fromkeys(question for question, _, _ in keys))
    for question, rung, hook in sorted(keys, key=lambda key: questions.index(key[0])):
        out += row(f"`{question}`", rung, f"`{hook}`", *(cell(boot, (question, rung, hook)) for boot in done))
    if reasons:
        out += "\n" + "".join(f"{number}. {reason}\n" for number, reason in enumerate(reasons, 1))
    return out
