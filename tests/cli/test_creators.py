"""--show creators: the functions from which tasks are made, in every format, and what is said where they cannot be seen."""
import json
import os
import pathlib
import re

import pytest

from support import PTRACE, by_mode, cannot, must_follow_the_schema, rows_of_csv

# tests/support/makes_tasks.c, built without frame pointers and stripped, its debug file beside it.
TRUTH = {"threads_here": (1009, 0), "threads_there": (503, 0), "forks": (0, 31), "vforks": (0, 29), "raw_clones": (0, 23),
         "spawns": (0, 19), "thread_that_forks": (1, 0), "forks_deep_down": (0, 17)}
TASKS = sum(threads + processes for threads, processes in TRUTH.values())


@pytest.fixture(name="program")
def makes_tasks():
    program = pathlib.Path(os.environ.get("VTLAB_BUILD_DIR", "build/dev")) / "bin/makes-tasks-stripped"
    if not program.exists():
        cannot(f"there is no {program}: the kernel suite builds it")
    return str(program)


def observed(bpf, *words):
    return json.loads(bpf.run("observe", "-o", "-", "--format", "json", *words).ended_with(0).out)


def test_each_task_is_put_down_to_the_function_that_made_it(bpf, program):
    document = observed(bpf, "--", program)
    must_follow_the_schema(document)
    creators = document["creators"]
    assert creators["tasks"] == document["counts"]["kernel_tasks"]["value"] == TASKS
    made = {}
    for place in creators["places"]:
        for frame in place.get("frames", []):
            if frame.get("function") in TRUTH:
                threads, processes = made.get(frame["function"], (0, 0))
                made[frame["function"]] = threads + place["threads"], processes + place["processes"]
    assert made == TRUTH
    assert sum(place["threads"] + place["processes"] for place in creators["places"]) + creators["not_recorded"] == TASKS


def test_who_made_most_stands_first_and_the_table_adds_up(bpf, program):
    table = bpf.run("observe", "-o", "-", "--show", "creators", "--", program).ended_with(0).out
    assert "new kernel tasks" not in table
    counts = [sum(int(number.replace(",", "")) for number in re.findall(r"([\d,]+) (?:thread|process)", line))
              for line in table.splitlines() if re.search(r"\d (threads?|process(es)?)$", line)]
    assert counts == sorted(counts, reverse=True) and sum(counts) == TASKS
    assert re.search(r"together +1,632$", table, re.M)
    assert max(len(line) for line in table.splitlines()) <= 80


def test_observe_shows_creators_by_itself_and_not_when_only_the_ledger_is_wanted(bpf):
    shown = bpf.run("observe", "-o", "-", "--", "sh", "-c", "true & wait").ended_with(0).out
    assert "Who creates tasks" in shown and "new kernel tasks" in shown
    shown = bpf.run("observe", "-o", "-", "--show", "ledger", "--", "sh", "-c", "true & wait").ended_with(0).out
    assert "Who creates tasks" not in shown
    assert "creators" not in observed(bpf, "--show", "ledger", "--", "true")


def test_a_run_and_its_saved_document_have_creators_too(bpf, folder):
    results = bpf.results("run", "spawn-join", "--mode=platform", "--tasks", 31, "--show", "creators")
    must_follow_the_schema(results)
    creators = by_mode(results)["platform"]["creators"]
    assert creators["tasks"] == 31
    functions = {frame.get("function") for place in creators["places"] for frame in place.get("frames", [])}
    assert "pthread_create" in functions
    saved = folder / "run.json"
    saved.write_text(json.dumps(results))
    assert "Who creates tasks" in bpf.run("report", saved).ended_with(0).out
    rows = rows_of_csv(bpf.run("report", saved, "--format", "csv").ended_with(0).out)
    assert sum(int(row["value"]) for row in rows if re.fullmatch(r"creators\[\d+\]\.(threads|processes)", row["key"])) == 31


def test_without_ebpf_it_says_why_nobody_is_named(nobody):
    done = nobody.run("observe", "-o", "-", "--", "true").ended_with(0)
    assert "only eBPF sees where in its program a creator stands" in " ".join(done.out.split())


def test_with_ptrace_creators_are_not_shown_unless_they_are_asked_for_which_is_an_error(anyone):
    assert "Who creates" not in anyone.run("observe", "-o", "-", "--observer", PTRACE, "--", "true").ended_with(0).out
    anyone.run("observe", "--show", "creators", "--observer", PTRACE, "--", "true").ended_with(2)
