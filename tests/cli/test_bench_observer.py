"""./vtlabw bench observer: that every observer is a row or a reason, and what the numbers mean. Never how dear."""
import json
import os
import pathlib
import signal
import sys

import pytest

from support import REPOSITORY, Running, cannot, wait_until
from test_bench import BENCH, PYTHON, must_follow_the_schema

sys.path.insert(0, str(BENCH))

import report  # noqa: E402
from storms import OBSERVER  # noqa: E402

STORMS = [work.name for work in OBSERVER.works]


@pytest.fixture(scope="module")
def programs():
    made = pathlib.Path(os.environ.get("VTLAB_BENCH_BIN", REPOSITORY / "build/bench/bin"))
    if not (made / "bench-observer").exists():
        cannot(f"the programs of the benchmark are not built in {made}")
    return made


@pytest.fixture
def bench(programs, binaries, tmp_path):
    """Runs it; what it leaves in its temporary folder is a failure."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()

    def start(*arguments, path=None):
        words = [PYTHON, str(BENCH / "run.py"), "observer", "--programs", str(programs), "--vtlab",
                 str(binaries / "vtlab"), *map(str, arguments)]
        path = os.environ["PATH"] if path is None else str(path)
        return Running(words, env={"TMPDIR": str(temporary), "PATH": path})
    yield start
    assert os.listdir(temporary) == []


def run(start, *arguments, code=0, **how):
    with start("--quick", *arguments, **how) as running:
        return running.finish().ended_with(code)


def measured(start, *arguments, **how):
    document = run(start, *arguments, "--format", "json", **how).document
    must_follow_the_schema(document)
    return document


def test_every_observer_is_a_row_of_every_storm_or_a_reason(bench):
    document = measured(bench)
    rows = {(row["work"], row["subject"]) for row in document["rows"]}
    reasons = {(work, skip["subject"]) for skip in document["skipped"] if skip["because"]
               for work in ([skip["work"]] if skip["work"] else STORMS)}
    assert rows | reasons == {(work, key) for work in STORMS for key in OBSERVER.labels}
    assert not rows & reasons
    assert {(work, "unobserved") for work in STORMS} <= rows
    assert {target["verdict"] for target in document["targets"]} == {"not judged"}


def test_counting_with_vtlab_misses_nothing_and_loses_nothing(bench, why_no_bpf):
    if why_no_bpf:
        cannot(why_no_bpf)
    document = measured(bench, "--subject", "vtlab")
    lost = {row["work"]: row["lost"] for row in document["rows"] if row["subject"] == "vtlab"}
    assert lost == {work: 0 for work in STORMS}


def test_a_ratio_is_median_by_median_and_what_is_added_is_spread_over_the_events(bench, tmp_path):
    fake(tmp_path, "perf", '"$@"; echo "(999 samples)" >&2')
    document = measured(bench, "--rounds", 2, "--subject", "perf-record", "--work", "fork-storm", path=tmp_path)
    base, row = document["rows"]
    assert [base["subject"], row["subject"]] == ["unobserved", "perf-record"]
    assert row["ratio_to_unobserved"] == pytest.approx(row["median"] / base["median"])
    assert row["ns_per_event"] == pytest.approx((row["median"] - base["median"]) / row["events_per_op"])
    assert base["ratio_to_unobserved"] == 1 and base["ns_per_event"] is None


# A tool that is not the real one: what is it told, and what becomes of what it says?

def fake(folder, name, script):
    """A program in `folder` that is called as NAME OPTIONS -- WORKLOAD… and runs `script` with $@ the workload."""
    (folder / name).write_text('#!/bin/sh\n[ "$1" = --version ] && echo "fake 1" && exit\n'
                               'while [ $# -gt 0 ] && [ "$1" != -- ]; do shift; done\n[ $# = 0 ] || shift\n' + script)
    (folder / name).chmod(0o755)


def test_a_tool_that_is_not_installed_is_named_with_what_to_install(bench, tmp_path):
    done = run(bench, "--work", "switch-storm", "--subject", "perf-trace,strace", path=tmp_path)
    assert "no perf trace -s: perf is not installed: apt-get install linux-perf" in done.out
    assert "no strace -f -c: strace is not installed: apt-get install strace" in done.out
    assert [line.split() for line in done.out.splitlines() if line.startswith("strace ")] == [
        ["strace", "-f", "-c", "–"]]
    assert max(map(len, done.out.splitlines())) <= 80


def test_a_tool_that_fails_is_reported_with_its_own_words(bench, tmp_path):
    fake(tmp_path, "strace", 'echo "out of luck" >&2; exit 1')
    document = measured(bench, "--subject", "strace", path=tmp_path)
    assert {skip["work"] for skip in document["skipped"] if skip["failed"]} == set(STORMS)
    assert all("out of luck" in skip["because"] for skip in document["skipped"])


def test_what_perf_says_that_it_lost_is_in_the_row(bench, tmp_path):
    fake(tmp_path, "perf", '"$@"; echo "Processed 100000 samples and lost 1%!" >&2; echo "(99993 samples)" >&2')
    document = measured(bench, "--work", "clone-storm", "--rounds", 2, "--subject", "perf-record", path=tmp_path)
    assert [row["lost"] for row in document["rows"]] == [None, 14]


def test_an_observer_that_came_too_late_is_no_measurement(bench, tmp_path):
    fake(tmp_path, "perf", '"$@"; echo "(3 samples)" >&2')
    document = measured(bench, "--work", "switch-storm", "--subject", "perf-record", path=tmp_path)
    assert [skip["because"] for skip in document["skipped"]] == [
        "it saw 3 of 6,000 events, and said nothing of the rest"]


def test_an_interrupted_run_ends_the_observer_and_what_that_observes(bench, tmp_path):
    fake(tmp_path, "strace", "/bin/sleep 1000 & wait")
    with bench("--quick", "--work", "fork-storm", "--subject", "strace", "--format", "json", path=tmp_path) as running:
        wait_until(lambda: any(b"1000" in task._read("cmdline") for task in running.family()), "it observes",
                   of=running.process)
        running.process.send_signal(signal.SIGTERM)
        document = running.finish().ended_with(143).document
        running.leaves_nothing()
    must_follow_the_schema(document)
    assert document["partial"] and [row["subject"] for row in document["rows"]] == ["unobserved"]


def test_markdown_has_a_column_for_everything_that_the_table_has(bench, tmp_path):
    out = run(bench, "--work", "clone-storm", "--subject", "strace", "--format", "markdown", path=tmp_path).out
    tables = [line for line in out.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in tables} == {7}
    assert "| strace -f -c | – |" in out


# Verdicts, without measuring anything.

def at_full_size(lost=0, **medians):
    """A run of the switch storm: one value per observer."""
    made = report.Run(bench=OBSERVER, host=report.read_host(), rounds=1, quick=False)
    for subject, value in medians.items():
        subject = subject.replace("_", "-")
        made.samples["switch-storm", 1, 2, subject] = report.Sample(
            "switch-storm", "switch-storm", 1, 2, 2, subject, "ns", value if isinstance(value, list) else [value], [lost])
    return {(target.ours, target.kind, target.subject): verdict for target, _, verdict in report.verdicts(made)
            if verdict != "not judged"}


@pytest.mark.parametrize("median, verdict", [(106.0, "yes"), (106.1, "no")])
def test_counting_is_judged_against_the_unobserved(median, verdict):
    assert at_full_size(unobserved=100.0, vtlab=median) == {("vtlab", "within", "unobserved"): verdict}


@pytest.mark.parametrize("ours, verdict", [
    ([105.0] * 5, "yes"), ([105.1] * 5, "no"), ([104.0, 104.0, 105.0, 190.0, 190.0], "yes"),
    ([104.0, 104.0, 105.1, 106.0, 106.0], "no")])
def test_counting_is_judged_against_bpftrace_round_by_round(ours, verdict):
    assert at_full_size(bpftrace=[105.0] * 5, vtlab=ours) == {("vtlab", "no_dearer", "bpftrace"): verdict}


def test_of_few_rounds_nothing_is_judged_round_by_round():
    assert at_full_size(bpftrace=[105.0] * 4, vtlab=[100.0] * 4) == {}


@pytest.mark.parametrize("median, lost, within, cheaper, nothing_lost", [
    (110.0, 0, "yes", "yes", "yes"), (110.1, 1, "yes", "no", "no"), (112.1, 0, "no", "no", "yes")])
def test_a_full_record_is_judged_by_its_cost_per_event_and_by_what_it_lost(median, lost, within, cheaper, nothing_lost):
    assert at_full_size(lost, unobserved=100.0, vtlab_events=median, perf_sched=140.0) == {
        ("vtlab-events", "within", "unobserved"): within, ("vtlab-events", "none", ""): nothing_lost,
        ("vtlab-events", "cheaper", "perf-sched"): cheaper}


def test_the_schema_refuses_an_observer_without_what_was_lost():
    made = report.Run(bench=OBSERVER, host=report.read_host(), rounds=1, quick=False)
    made.samples["switch-storm", 1, 2, "strace"] = report.Sample(
        "switch-storm", "switch-storm", 1, 2, 2, "strace", "ns", [100.0], [None])
    document = json.loads(report.as_json(made))
    must_follow_the_schema(document)
    del document["rows"][0]["lost"]
    with pytest.raises(AssertionError):
        must_follow_the_schema(document)
