"""An independent witness: strace counts the calls that make tasks, and must agree with what the probes counted."""
import re
import shutil

import pytest

from support import cannot

CALL = re.compile(r"^(\d+) +(?:<\.\.\. )?(clone3?|v?fork|execveat)\b.*= (-?\d+)")


def created_by_the_workload(trace):
    """Tasks made by vtlab-child and all its descendants: it is the one that calls execveat, as vtlab starts it by fd."""
    creations, workload = [], None
    for line in trace.splitlines():
        found = CALL.match(line)
        if not found:
            continue
        caller, call, returned = int(found[1]), found[2], int(found[3])
        if call == "execveat" and returned == 0:
            workload = caller
        elif call != "execveat" and returned > 0:
            creations.append((caller, returned))
    assert workload, "strace saw no execveat\n" + trace[:2000]
    family, before = {workload}, 0
    while before != len(family):  # a line of a child may come before the line that returned it
        before = len(family)
        family |= {child for caller, child in creations if caller in family}
    return sum(caller in family for caller, _ in creations)


@pytest.mark.parametrize("scenario", ["spawn-join", "blocking-io"])
@pytest.mark.parametrize("mode,expected", [("virtual", 3), ("platform", 61), ("fork", 61), ("pool", 3), ("green", 0)])
def test_strace_counts_as_many_new_tasks_as_the_probes(bpf, folder, scenario, mode, expected):
    if shutil.which("strace") is None:
        cannot("strace is not installed")
    delay = ["--delay", "10ms"] if scenario == "blocking-io" else []
    bpf.before = ["strace", "-f", "-e", "trace=clone,clone3,fork,vfork,execveat", "-o", folder / "trace"]
    done = bpf.run("run", scenario, f"--mode={mode}", "--tasks", 61, "--carriers", 3, "--observer", "ebpf",
                   "--format", "json", *delay)
    assert done.code in (0, 1), str(done)  # 1: strace slowed the units so much that a claim about time fell
    [result] = done.document["results"]
    assert result["kernel_tasks"] == created_by_the_workload((folder / "trace").read_text()) == expected
