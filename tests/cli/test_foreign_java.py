"""The same scenarios in the real JVM: every unit is done, the JVM counts as many as were asked for, and the kernel sees
what the kind of thread and the release of the JDK say.

Releases JDK 21 and 25 are compared; `./vtlabw runtimes` fetches both.
"""
import pathlib

import pytest

from support import REPOSITORY, cannot, ledger

FETCHED = REPOSITORY / "build/runtimes"
SCENARIOS = ["spawn-join", "parked-memory", "sleepers", "blocking-io", "echo-server", "cpu-bound", "pinned", "blocking-syscall"]
WITH_DELAY = ["blocking-io", "sleepers", "pinned", "blocking-syscall"]
COUNTED = "--runtime-count"  # by the JVM: takes seconds, so not in each run
SIZES = [(1, 1), (97, 2), (211, 1, COUNTED)]
# An unparker or two, pollers, a compiler thread: whatever the number of units.
MOST_OF_ITS_OWN = 10


def jdk(release):
    home = FETCHED / f"jdk-{release}"
    if not (home / "bin/java").exists():
        cannot(f"there is no JDK {release} in {FETCHED}: ./vtlabw runtimes")
    return str(home)


@pytest.fixture(params=[21, 25])
def release(request):
    jdk(request.param)
    return request.param


def run(lab, release, scenario, mode, tasks, carriers, *more):
    delay = ["--delay", "5ms"] if scenario in WITH_DELAY and "--delay" not in more else []
    [result] = lab.results("run", scenario, f"--mode={mode}", "--java", jdk(release), "--tasks", tasks,
                           "--carriers", carriers, *delay, *more)["results"]
    assert result["lost_events"] == 0
    assert sum(ledger(result).values()) == result["kernel_tasks"]
    assert "unattributed" not in ledger(result)
    assert value(result, "units_done") == tasks
    for key in ("runtime_units_started", "runtime_units_ended"):
        assert (key in result["metrics"]) == (COUNTED in more)
        assert COUNTED not in more or value(result, key) == tasks, key
    return result


def value(result, key):
    return result["metrics"][key]["value"]


def claims(result):
    return {claim["id"]: claim["verdict"] for claim in result["claims"]}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_virtual_threads_are_all_counted_by_the_jvm_and_none_is_a_task(bpf, release, scenario):
    for tasks, carriers, *more in SIZES:
        result = run(bpf, release, scenario, "java-virtual", tasks, carriers, *more)
        made = ledger(result)
        if (scenario, release) != ("blocking-syscall", 21):  # it adds carriers
            assert made.get("start-carrier", 0) <= carriers
        assert made.get("start-runtime-thread", 0) <= MOST_OF_ITS_OWN
        assert made.get("start-platform-thread", 0) == made["start-virtual-thread"] == 0
        assert claims(result)["exist.java-virtual"] == "holds"


@pytest.mark.parametrize("scenario", SCENARIOS + ["priorities"])
def test_each_platform_thread_is_a_task_with_its_name(bpf, release, scenario):
    result = run(bpf, release, scenario, "java-platform", 97, 2, COUNTED)
    assert ledger(result)["start-platform-thread"] == 97
    assert claims(result)["exist.java-platform"] == "holds"


def pinned(lab, release, pin, carriers=2):
    return run(lab, release, "pinned", "java-virtual", 23, carriers, "--pin", pin, "--delay", "300ms", COUNTED)


@pytest.mark.parametrize("carriers", [1, 2])
def test_synchronized_kept_the_carrier_until_jdk_23(bpf, carriers):
    old, new = (pinned(bpf, release, "synchronized", carriers) for release in (21, 25))
    # On a busy machine some may have been answered before the last one asks; one on each carrier is all that 21 can.
    assert value(old, "most_units_waiting") == carriers and value(new, "most_units_waiting") > 11
    assert value(old, "runtime_pins") > 11  # one whose answer is there already does not wait
    assert value(new, "runtime_pins") < 11  # who is the first to need a class waits for its initialiser
    assert old["wall_ns"] > new["wall_ns"]  # how much: `vtlab prove park.java-pin`


@pytest.mark.parametrize("carriers", [1, 2])
def test_a_native_frame_keeps_the_carrier_in_every_release(bpf, release, carriers):
    result = pinned(bpf, release, "native", carriers)
    assert value(result, "most_units_waiting") == carriers
    assert value(result, "runtime_pins") > 11  # JDK 25: 22 to 24 of 23


def test_of_file_reads_jdk_21_tells_its_scheduler_and_jdk_25_does_not(bpf):
    old, new = (pinned(bpf, release, "file") for release in (21, 25))
    assert value(old, "most_units_waiting") > 2
    assert ledger(old)["start-carrier"] >= value(old, "most_units_waiting")
    assert value(new, "most_units_waiting") == ledger(new)["start-carrier"] == 2


def test_all_virtual_threads_wait_for_a_socket_at_once_on_one_carrier(bpf, release):
    result = run(bpf, release, "blocking-io", "java-virtual", 211, 1, "--delay", "1s")
    assert value(result, "most_units_waiting") == 211


def test_the_jvm_does_nothing_about_priorities(bpf, release):
    result = run(bpf, release, "priorities", "java-platform", 23, 2)
    assert [value(result, f"nice_{priority}") for priority in range(1, 11)] == [0] * 10


def test_the_jvm_sets_nice_values_if_it_is_told_to_and_may(bpf, release, monkeypatch):
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", "-XX:ThreadPriorityPolicy=1")
    result = run(bpf, release, "priorities", "java-platform", 23, 2)
    # Who has no capabilities, as everybody whom vtlab starts, may be nicer, and not less so.
    assert [value(result, f"nice_{priority}") for priority in range(1, 11)] == [4, 3, 2, 1] + [0] * 6


def test_nobody_asked_for_a_priority_is_not_zero(bpf):
    result = run(bpf, 25, "priorities", "java-platform", 3, 2)
    assert [value(result, f"nice_{priority}") for priority in (1, 2, 3)] == [0] * 3
    assert result["metrics"]["nice_4"].get("value") is None
    assert "no unit asked for it" in result["metrics"]["nice_4"]["missing_because"]


def test_virtual_threads_have_no_priority_to_ask_for(anyone):
    refused = anyone.run("run", "priorities", "--mode=java-virtual").ended_with(2)
    assert "no priority" in refused.err
    assert "no priority" in anyone.run("run", "priorities", "--mode=virtual").ended_with(2).err


def test_what_a_scenario_reports_is_the_same_in_java_as_in_cpp(bpf, release):
    for scenario, key in (("cpu-bound", "steps"), ("echo-server", "requests")):
        both = bpf.results("run", scenario, "--mode=virtual,java-virtual", "--java", jdk(release), "--tasks", 20)["results"]
        assert len({value(result, key) for result in both}) == 1, scenario
    late = run(bpf, release, "sleepers", "java-virtual", 97, 2)
    assert 0 <= value(late, "late_p50_ns") <= value(late, "late_p99_ns") <= value(late, "late_max_ns")


def test_a_hundred_thousand_virtual_threads_are_counted_exactly(bpf, release):
    result = run(bpf, release, "spawn-join", "java-virtual", 100_000, 2, COUNTED)
    assert ledger(result).get("start-carrier", 0) <= 2
    assert result["kernel_tasks"] <= 2 + MOST_OF_ITS_OWN


@pytest.mark.parametrize("words,says", [
    (["pinned", "--mode=virtual", "--pin", "native"], "java-virtual"),
    (["pinned", "--mode=java-virtual", "--pin", "needle"], "synchronized"),
    (["sleepers", "--mode=java-virtual", "--pin", "native"], "no --pin"),
    (["sleepers", "--mode=virtual", "--runtime-count"], "java-virtual"),
])
def test_an_option_that_means_nothing_is_refused(anyone, words, says):
    assert says in anyone.run("run", *words).ended_with(2).err


def test_the_flight_recorder_leaves_no_file(bpf, tmp_path, monkeypatch):
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", f"-Djava.io.tmpdir={tmp_path}")
    run(bpf, 25, "spawn-join", "java-virtual", 97, 2)
    assert list(pathlib.Path(tmp_path).iterdir()) == []


def rows(table):
    columns = table["columns"]
    return [dict(zip(columns, row)) for row in zip(*columns.values())]


def timeline_of(lab, release, scenario, tasks, *more, mode="java-virtual"):
    result = run(lab, release, scenario, mode, tasks, 2, "--show", "timeline", *more)
    timeline = result["timeline"]
    assert timeline["lost"] == [] and "mounts_missing_because" not in timeline
    kinds = timeline["kinds"]
    events = [dict(event, kind=kinds[event["kind"]]) for event in rows(timeline["events"])]
    # Every unit of the scenario is known by its number, and is done once; others are the JVM's own.
    units = rows(timeline["units"])
    done = [units[event["unit"]]["number"] for event in events if event["kind"] == "done"]
    assert sorted(done) == list(range(tasks))
    return timeline, events


def test_each_virtual_thread_is_on_its_carriers_on_the_kernels_clock(bpf, release):
    timeline, events = timeline_of(bpf, release, "blocking-io", 97)
    tasks, mounts, units = (rows(timeline[table]) for table in ("tasks", "mounts", "units"))
    ends = timeline["mount_ends"]
    assert all(tasks[mount["task"]]["role"].startswith("carrier ") for mount in mounts)
    assert {mount["task"] for mount in mounts} <= {each["task"] for each in rows(timeline["runs"])}
    for who in ("unit", "task"):
        last = {}
        for mount in mounts:
            assert mount["from_ns"] >= last.get(mount[who], 0)
            last[mount[who]] = mount["to_ns"]
    # The answer takes 5 ms, so they park, but for a few whose answer is there before they look.
    parks = [event["unit"] for event in events if event["kind"] == "park"]
    assert len({units[unit]["number"] for unit in parks} & set(range(97))) > 48
    assert len(parks) == sum(ends[mount["end"]] == "parked" for mount in mounts)


def test_pinned_virtual_threads_wait_on_their_carrier_and_the_kernel_sees_it_sleep(bpf):
    old, events = timeline_of(bpf, 21, "pinned", 7, "--delay", "300ms")
    pins = [event for event in events if event["kind"] == "pin"]
    assert pins
    mounts, runs = rows(old["mounts"]), rows(old["runs"])
    blocked = old["run_ends"].index("blocked")
    for pin in pins:
        [mount] = [each for each in mounts if each["unit"] == pin["unit"] and each["from_ns"] <= pin["at_ns"] < each["to_ns"]]
        assert any(each["task"] == mount["task"] and each["end"] == blocked and pin["at_ns"] < each["to_ns"] < mount["to_ns"]
                   for each in runs)
    new, events = timeline_of(bpf, 25, "pinned", 7, "--delay", "300ms")
    parks = {event["unit"] for event in events if event["kind"] == "park"}
    assert {rows(new["units"])[unit]["number"] for unit in parks} >= set(range(7))


def test_on_a_timeline_platform_threads_are_units_by_their_names(bpf, release):
    timeline, _ = timeline_of(bpf, release, "sleepers", 97, mode="java-platform")
    tasks, units = rows(timeline["tasks"]), rows(timeline["units"])
    assert {task["name"] for task in tasks if task["unit"] is not None} == {f"unit-{number}" for number in range(97)}
    assert all(task["name"] == f"unit-{units[task['unit']]['number']}" for task in tasks if task["unit"] is not None)
