"""vtlab compare: modes in turns, what is said of the difference, saved runs, and what is refused."""
import json
import os
import signal

import pytest

from support import must_follow_the_schema, on_a_terminal, rows_of_csv, wait_until

TINY = ("compare", "spawn-join", "--mode=platform,virtual", "--tasks", 11, "--repeat", 3)


def quantity(document, key):
    return next(each for each in document["quantities"] if each["key"] == key)


def estimates(document, key, size=0):
    return {each["contender"]: each for each in quantity(document, key)["sizes"][size]["estimates"]}


@pytest.fixture
def saved(anyone, folder):
    """Two runs of `vtlab run`, each of both modes."""
    files = [folder / "a.json", folder / "b.json"]
    for file in files:
        anyone.run("run", "spawn-join", "--mode=platform,virtual", "--tasks", 11, "--repeat", 3, "-o", file).ended_with(0)
    return files


def test_counts_are_compared_exactly_and_times_need_six_rounds(each_observer):
    document = each_observer.results(*TINY, "--carriers", 2)
    tasks = estimates(document, "kernel_tasks")
    assert tasks["platform"]["values"] == [11, 11, 11] and tasks["virtual"]["values"] == [2, 2, 2]
    assert tasks["virtual"]["against"]["difference"] == "lower"
    wall = estimates(document, "wall_ns")
    assert wall["virtual"]["rounds"] == [1, 2, 3]
    assert wall["virtual"]["against"]["difference"] == "none-shown"
    assert "6 are enough" in wall["virtual"]["against"]["because"]
    assert document["baseline"] == "platform" and document["rounds"] == 3 and document["warm_up"] == 1
    assert len(document["runs"]) == 6


def test_every_absent_quantity_has_its_reason(anyone):
    mounts = estimates(anyone.results(*TINY, "--metric", "all"), "unit_switches_per_unit")
    assert "median" in mounts["virtual"]
    assert "kernel switches the units" in mounts["platform"]["missing_because"]


def test_the_baseline_is_chosen(anyone):
    document = anyone.results(*TINY, "--baseline", "virtual", "--metric", "tasks")
    found = estimates(document, "kernel_tasks")
    assert found["platform"]["against"]["difference"] == "higher" and "against" not in found["virtual"]


def test_a_sweep_shows_how_costs_grow(anyone):
    document = anyone.results("compare", "spawn-join", "--tasks", "31,11", "--repeat", 2, "--metric", "tasks")
    tasks = quantity(document, "kernel_tasks")
    assert [size["tasks"] for size in tasks["sizes"]] == [11, 31]
    growth = {each["contender"]: each for each in tasks["growth"]}
    assert growth["platform"]["per_unit"] == 1 and growth["virtual"]["per_unit"] == 0


def test_every_format_says_it_and_a_pipe_gets_no_progress(anyone, folder):
    file = folder / "comparison.json"
    anyone.run(*TINY, "--metric", "tasks", "-o", file).ended_with(0)
    must_follow_the_schema(json.loads(file.read_text()))
    shown = anyone.run("report", file).ended_with(0)
    assert "fewer kernel tasks than platform, in every run" in shown.out and shown.err == ""
    assert all(len(line) <= 80 for line in shown.out.splitlines())
    assert "| platform | 11 |" in anyone.run("report", file, "--format", "markdown").ended_with(0).out
    rows = rows_of_csv(anyone.run("report", file, "--format", "csv").ended_with(0).out)
    assert [row["value"] for row in rows if row["key"] == "kernel_tasks[11]"][0] == "11"


def test_a_terminal_sees_how_far_it_is(anyone):
    code, written = on_a_terminal(anyone, "compare", "blocking-io", "--tasks", 5, "--delay", "130ms", "--repeat", 1, "--warm-up", 0)
    assert code == 0
    assert "run 1 of 2" in written and "run 2 of 2" in written


def test_saved_runs_are_compared_with_their_conditions(anyone, saved):
    one = anyone.results("compare", saved[0])
    assert one["paired"] is True and estimates(one, "wall_ns")["virtual"]["against"]
    assert "median" in estimates(one, "cpu_ns_per_unit")["virtual"]
    document = json.loads(saved[1].read_text())
    document["host"]["kernel"] = "5.10.0-test"
    saved[1].write_text(json.dumps(document))
    both = anyone.results("compare", *saved, "--baseline", "virtual@a")
    assert [each["name"] for each in both["contenders"]] == ["platform@a", "virtual@a", "platform@b", "virtual@b"]
    assert both["paired"] is False
    assert any("other conditions" in note and "5.10.0-test" in note for note in both["notes"])


@pytest.mark.parametrize("arguments,complaint", [
    (("spawn-join", "--mode=virtual"), "only one mode"),
    (("spawn-join", "--baseline", "fork"), "is not among those"),
    (("spawn-join", "--metric", "wal"), "did you mean 'wall'"),
    (("spawn-join", "--tasks", "10,ten"), "--tasks cannot be 'ten'"),
    (("spawn-join", "--repeat", "0"), "--repeat cannot be '0'"),
    (("spawn-joint",), "did you mean 'spawn-join'"),
    (("no-such.json",), "cannot read no-such.json"),
    (("no-such.json", "--tasks", "7"), "says how to run"),
])
def test_bad_input_is_refused_with_what_is_right(anyone, arguments, complaint):
    refused = anyone.run("compare", *arguments).ended_with(2)
    assert complaint in refused.err and refused.out == ""


def test_files_that_are_no_runs_are_refused(anyone, folder, saved):
    comparison, other, nonsense = folder / "comparison.json", folder / "other.json", folder / "nonsense.json"
    anyone.run(*TINY, "--metric", "tasks", "-o", comparison).ended_with(0)
    assert "vtlab report" in anyone.run("compare", comparison, saved[0]).ended_with(2).err
    nonsense.write_text("{}")
    assert "is not a vtlab result" in anyone.run("compare", nonsense).ended_with(2).err
    anyone.run("run", "blocking-io", "--tasks", 3, "--delay", "1ms", "-o", other).ended_with(0)
    assert "only runs of one scenario" in anyone.run("compare", saved[0], other).ended_with(2).err
    assert "only one mode" in anyone.run("compare", other).ended_with(2).err


def test_an_interrupt_saves_the_rounds_that_were_measured(nobody, folder):
    file = folder / "comparison.json"
    with nobody.start("compare", "blocking-io", "--mode=platform,virtual", "--tasks", 7, "--delay", "60s", "--carriers", 2,
                      "-o", file) as running:
        wait_until(running.workload, "a workload is there", of=running.process)
        running.process.send_signal(signal.SIGINT)
        running.finish().ended_with(130)
        running.leaves_nothing()
    document = json.loads(file.read_text())
    must_follow_the_schema(document)
    assert document["partial"] is True and document["partial_because"] == "interrupted"
    assert document["runs"] == []
    assert os.listdir(folder) == [file.name]
