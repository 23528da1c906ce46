"""Random programs that make tasks in every way (tests/support/task_mix.h), observed as people do it: the ledger is the truth.

VTLAB_SEED=n runs that seed alone; VTLAB_ROUNDS=n how many seeds of each observer."""
import json
import os
import pathlib
import shutil

import pytest

from support import EBPF, cannot


def seeds():
    if one := os.environ.get("VTLAB_SEED"):
        return [int(one)]
    return range(int(os.environ.get("VTLAB_ROUNDS", "40")))


@pytest.fixture
def task_mix(folder):
    """A copy that any user can run."""
    built = pathlib.Path(os.environ.get("VTLAB_BUILD_DIR", "build/dev")) / "bin/task-mix"
    if not built.exists():
        cannot(f"there is no {built}")
    return shutil.copy(built, folder)


def counted(document, observer):
    value = {key: metric.get("value") for key, metric in document["counts"].items()}
    seen = {key: value[key] for key in ("kernel_tasks", "sharing_mm", "exits")}
    if observer == EBPF:
        listed = document["processes"]
        assert sum(p["threads_made"] for p in listed) == value["threads"]
        assert sum(p["processes_made"] for p in listed) == value["processes"] == len(listed) - 1
        assert all(p["ended"] for p in listed)
        seen |= {key: value[key] for key in ("threads", "processes")}
    return seen


def test_the_ledger_of_a_random_program_is_what_it_did(each_observer, task_mix):
    for seed in seeds():
        done = each_observer.run("observe", "--format", "json", "-o", "-", "--", task_mix, seed).ended_with(0)
        truth, _, rest = done.out.partition("\n")
        truth, document = json.loads(truth), json.loads(rest)
        replay = f"to run it again: VTLAB_SEED={seed}"
        assert done.err == "" and document["lost_events"] == 0 and "void_because" not in document, f"{done}\n{replay}"
        tasks = truth["threads"] + truth["processes"]
        expected = {"kernel_tasks": tasks, "sharing_mm": truth["sharing_mm"], "exits": tasks + 1}
        if each_observer.observer == EBPF:
            expected |= {key: truth[key] for key in ("threads", "processes")}
        assert counted(document, each_observer.observer) == expected, replay
