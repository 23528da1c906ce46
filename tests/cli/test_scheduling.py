"""--show sched: who had the CPUs, who waited, and who woke whom, in every format."""
import json

from support import PTRACE, by_mode, cannot, must_follow_the_schema, rows_of_csv

TASKS = 31
RUN = ("run", "spawn-join", "--mode=platform,green", "--tasks", TASKS)


def test_each_task_of_the_ledger_is_in_the_group_of_its_action(bpf):
    document = bpf.results(*RUN, "--show", "sched")
    must_follow_the_schema(document)
    results = by_mode(document)
    for mode, tasks in (("platform", TASKS), ("green", 0)):
        scheduling = results[mode]["scheduling"]
        assert scheduling["lost"] == 0 and "void_because" not in scheduling
        assert scheduling["grouped_by"] == "action"
        groups = {group["name"]: group for group in scheduling["groups"]}
        assert groups.get("start-platform-thread", {"tasks": 0})["tasks"] == tasks
        assert groups["first-thread"]["tasks"] == 1
        for group in groups.values():
            for times in ("on_cpu", "waiting", "off_cpu"):
                spread = group[times]
                assert sum(row["count"] for row in spread["histogram"]) == spread["count"]
                assert spread["p50_ns"] <= spread["p99_ns"] <= spread["max_ns"] <= spread["total_ns"]
        assert scheduling["kernel_memory_bytes"]["task_struct"] > 1000


def test_without_show_nothing_is_recorded_and_no_wake_up_is_probed(bpf):
    result = by_mode(bpf.results(*RUN))["green"]
    assert "scheduling" not in result
    assert "wakeups" not in {probe["counter"] for probe in result["probes"]}


def test_of_any_program_tasks_are_grouped_by_name(bpf, folder):
    saved = folder / "observed.json"
    bpf.run("observe", "--show", "sched", "--format", "json", "-o", saved, "--", "sh", "-c",
            "sleep 0.01; sleep 0.01").ended_with(0)
    document = json.loads(saved.read_text())
    must_follow_the_schema(document)
    groups = {group["name"]: group for group in document["scheduling"]["groups"]}
    assert groups["sleep"]["tasks"] == 2
    assert groups["sh"]["tasks"] == 1
    # The shell waits for each of them, and only its child wakes it.
    assert any(waker["by"] == "sleep" for waker in groups["sh"]["woken_by"])


def test_a_saved_run_shows_its_scheduling_again(bpf, folder):
    saved = folder / "run.json"
    saved.write_text(json.dumps(bpf.results(*RUN, "--show", "sched")))
    out = bpf.run("report", saved).ended_with(0).out
    assert "Scheduling" in out and "alive" in out
    rows = rows_of_csv(bpf.run("report", saved, "--format", "csv").ended_with(0).out)
    assert any(row["key"] == "sched_tasks[start-platform-thread]" and row["value"] == str(TASKS) for row in rows)


def test_a_rung_that_cannot_record_switches_says_so(bpf):
    done = bpf.run(*RUN, "--show", "sched", "--rung", "tracepoint", "--format", "json")
    if done.code == 3:
        cannot("classic tracepoints cannot be attached here")
    result = by_mode(done.ended_with(0).document)["green"]
    assert "recorded by tp_btf alone" in result["scheduling_missing_because"]


def test_without_ebpf_the_view_says_why_it_is_empty(nobody):
    assert "not observed: only eBPF" in nobody.run(*RUN, "--show", "sched").ended_with(0).out


def test_the_view_with_the_observer_that_cannot_see_it_is_a_usage_error(anyone):
    done = anyone.run(*RUN, "--show", "sched", "--observer", PTRACE).ended_with(2)
    assert "needs eBPF" in done.err and done.out == ""
