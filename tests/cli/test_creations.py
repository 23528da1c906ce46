"""--show path and sharing: how single tasks came to be, in every format, and what is said where it cannot be seen."""
import json

from support import PTRACE, by_mode, must_follow_the_schema, rows_of_csv

TASKS = 31
RUN = ("run", "spawn-join", "--mode=platform,fork", "--tasks", TASKS)


def test_each_task_of_the_ledger_has_one_record_with_its_call_and_what_it_shares(bpf):
    document = bpf.results(*RUN, "--show", "path")
    must_follow_the_schema(document)
    results = by_mode(document)
    for mode, shared in (("platform", "shared"), ("fork", "own")):
        creations = results[mode]["creations"]
        assert creations["lost"] == 0
        records = creations["records"]
        assert len(records) == results[mode]["kernel_tasks"] == TASKS
        assert len({record["tid"] for record in records}) == TASKS
        for record in records:
            assert record["sharing"]["mm"] == record["sharing"]["files"] == record["sharing"]["signal"] == shared
            times = list(record["time_ns"].values())
            assert times == sorted(times), record
            # A busy kernel does not show every switch to a probe (docs/creation-path.md), so first_run may be absent.
            assert set(record["time_ns"]) >= {"system_call", "copy_process", "wake_up_new_task"}, record
        assert {record["unit"] for record in records} == set(range(TASKS))


def test_without_show_there_are_no_records_and_no_probe_of_system_calls(bpf):
    result = by_mode(bpf.results(*RUN))["fork"]
    assert "creations" not in result
    assert not {"sys_enter", "sys_exit"} & {probe["counter"] for probe in result["probes"]}


def test_only_the_views_that_were_asked_for_are_printed(bpf):
    headings = {"ledger": "kernel task_structs created", "path": "Creation path", "sharing": "What a new task shares"}
    for words in ("ledger", "path", "sharing", "path,sharing", "all"):
        out = bpf.run(*RUN, "--show", words).ended_with(0).out
        for view, heading in headings.items():
            assert (heading in out) == (view in words.split(",") or words == "all"), (words, view)


def test_a_saved_run_shows_its_views_again(bpf, folder):
    saved = folder / "run.json"
    saved.write_text(json.dumps(bpf.results(*RUN, "--show", "sharing")))
    out = bpf.run("report", saved).ended_with(0).out
    assert "Creation path" in out and "What a new task shares" in out
    rows = rows_of_csv(bpf.run("report", saved, "--format", "csv").ended_with(0).out)
    assert any(row["key"].startswith("sharing[fork/clone/") and row["value"] == "own" for row in rows)


def test_without_ebpf_the_views_say_why_they_are_empty(nobody):
    result = by_mode(nobody.results(*RUN, "--show", "all"))["fork"]
    assert "only eBPF" in result["creations_missing_because"]
    assert "not observed: only eBPF" in nobody.run(*RUN, "--show", "path").ended_with(0).out


def test_the_views_with_the_observer_that_cannot_see_them_are_a_usage_error(anyone):
    done = anyone.run(*RUN, "--show", "path", "--observer", PTRACE).ended_with(2)
    assert "needs eBPF" in done.err and done.out == ""
