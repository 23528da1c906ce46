"""./vtlabw bench vthreads: that everything runs, what it prints, and what is left of a run that was ended. Never how fast."""
import json
import os
import pathlib
import signal
import subprocess
import sys

import jsonschema
import pytest

from support import REPOSITORY, Running, cannot, wait_until

BENCH = REPOSITORY / "tests/bench"
sys.path.insert(0, str(BENCH))

import catalogue  # noqa: E402
import report  # noqa: E402

PYTHON = "/usr/bin/python3"


@pytest.fixture(scope="module")
def programs():
    folder = pathlib.Path(os.environ.get("VTLAB_BENCH_BIN", REPOSITORY / "build/bench/bin"))
    if not (folder / "bench-vthreads").exists():
        cannot(f"the programs of the benchmark are not built in {folder}")
    return folder


def command(programs, *arguments):
    return [PYTHON, str(BENCH / "run.py"), "vthreads", "--programs", str(programs), *map(str, arguments)]


def run(programs, *arguments):
    with Running(command(programs, *arguments)) as running:
        return running.finish()


@pytest.fixture(scope="module")
def quick(programs):
    """Every work once, in small, for the two subjects that are everywhere."""
    done = run(programs, "--quick", "--subject", "vthreads,platform", "--format", "json").ended_with(0)
    return done.document


def must_follow_the_schema(document):
    schema = json.loads((REPOSITORY / "docs/vtlab.bench.schema.json").read_text())
    error = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(schema).iter_errors(document))
    assert error is None, f"{error.json_path}: {error.message[:300]}"


# What vthreads can do depends on which primitives it has; platform threads have all.
NEEDS = {"mutex-ping-pong": "mutex.h", "channel-ping-pong": "channel.h"}


@pytest.mark.parametrize("subject", ["vthreads", "platform"])
@pytest.mark.parametrize("work", list(catalogue.VTHREADS.measures))
def test_a_quick_run_has_a_row_for_every_work(quick, work, subject):
    if subject == "vthreads" and not (REPOSITORY / "vthreads/include/vthreads" / NEEDS.get(work, "io.h")).exists():
        pytest.skip(f"vthreads has no {NEEDS[work]} yet")
    rows = [row for row in quick["rows"] if (row["work"], row["subject"]) == (work, subject)]
    assert rows
    assert all(row["median"] > 0 for row in rows if work not in ("parked-page-tables", "parked-idle-cpu"))


def test_the_json_of_a_quick_run_follows_the_published_schema(quick):
    must_follow_the_schema(quick)
    assert quick["quick"] and not quick["partial"]
    assert {each["subject"] for each in quick["subjects"]} == {"vthreads", "platform"}
    assert {target["verdict"] for target in quick["targets"]} == {"not judged"}


def test_a_ratio_above_1_means_that_vthreads_is_ahead_for_times_and_for_rates(quick):
    rows = {(row["work"], row["carriers"], row["subject"]): row for row in quick["rows"]}
    ours, theirs = (rows["spawn-join", 1, subject] for subject in ("vthreads", "platform"))
    assert theirs["ratio_to_vthreads"] == pytest.approx(theirs["median"] / ours["median"])
    assert theirs["ratio_to_vthreads"] > 1  # nowhere does a kernel task start as fast as a vthread
    ours, theirs = (rows["echo-requests", 2, subject] for subject in ("vthreads", "platform"))
    assert theirs["ratio_to_vthreads"] == pytest.approx(ours["median"] / theirs["median"])
    assert ours["ratio_to_vthreads"] == 1


def test_the_table_fits_80_columns_and_names_who_was_measured(programs):
    done = run(programs, "--quick", "--rounds", 2, "--work", "spawn-join,growth,yield", "--subject",
               "platform").ended_with(0)
    assert max(map(len, done.out.splitlines())) <= 80
    assert "platform threads" in done.out and "QUICK" in done.out and "±" in done.out


def test_markdown_has_one_table_for_every_measure(programs):
    out = run(programs, "--quick", "--work", "spawn-join,yield", "--subject", "vthreads", "--format", "markdown").out
    assert out.count("|---|") == 2
    assert "**spawn-join**" in out and "| vthreads | " in out


@pytest.mark.parametrize("arguments, named", [
    (["--work", "nothing"], "spawn-join, spawn-batch"), (["--subject", "nobody"], "boost-fiber"),
    (["--rounds", "0"], "from 1 to 1000"), (["--format", "yaml"], "markdown"),
    (["-o", "/no/such/folder/x"], "/no/such/folder"),
])
def test_what_it_does_not_know_is_exit_code_2_and_says_what_there_is(programs, arguments, named):
    done = run(programs, *arguments).ended_with(2)
    assert named in done.err
    assert done.out == ""


@pytest.mark.parametrize("arguments", [["nothing"], []])
def test_vtlabw_names_the_benchmarks_that_there_are_before_it_builds_anything(tmp_path, arguments):
    wrapper = tmp_path / "vtlabw"
    wrapper.write_bytes((REPOSITORY / "vtlabw").read_bytes())
    done = subprocess.run(["bash", wrapper, "bench", *arguments], capture_output=True, text=True, timeout=60,
                          check=False)
    assert done.returncode == 2
    assert "there are: vthreads, observer" in done.stderr
    assert done.stdout == "" and not (tmp_path / "build").exists()


def test_without_the_programs_it_says_how_to_build_them_and_exits_3(tmp_path):
    done = run(tmp_path, "--quick").ended_with(3)
    assert "./vtlabw bench vthreads" in done.err


def test_a_runtime_that_is_missing_is_named_with_what_to_do_and_the_rest_is_measured(programs, tmp_path):
    done = run(programs, "--quick", "--work", "spawn-join", "--subject", "go,java", "--runtime-root", tmp_path,
               "--format", "json").ended_with(0)
    document = done.document
    must_follow_the_schema(document)
    assert {row["subject"] for row in document["rows"]} == {"vthreads"}
    assert {skip["subject"] for skip in document["skipped"] if skip["work"] is None} == {"go", "java"}
    assert "--go PATH" in done.err and "--java PATH" in done.err


def replaced(programs, folder, name, script):
    """The programs, one of them replaced by a script."""
    for program in programs.iterdir():
        (folder / program.name).symlink_to(program)
    (folder / name).unlink()
    (folder / name).write_text("#!/bin/sh\n" + script)
    (folder / name).chmod(0o755)
    return folder


WORKS_OR_FAIL = 'case $1 in works) echo spawn-join;; version) echo stub;; *) echo "out of luck" >&2; exit 1;; esac\n'


@pytest.mark.parametrize("name, code", [("bench-platform", 0), ("bench-vthreads", 1)])
def test_a_program_that_fails_is_reported_with_its_words_and_is_an_error_only_if_it_is_ours(
        programs, tmp_path, name, code):
    folder = replaced(programs, tmp_path, name, WORKS_OR_FAIL)
    done = run(folder, "--quick", "--work", "spawn-join", "--subject", "platform", "--format", "json").ended_with(code)
    must_follow_the_schema(done.document)
    failed = [skip for skip in done.document["skipped"] if skip["failed"]]
    assert {skip["subject"] for skip in failed} == {name.removeprefix("bench-")}
    assert all("out of luck" in skip["because"] for skip in failed)


def work_of(task):
    """What a program of the benchmark was told to do: PROGRAM WORK --n …; not a run.py that has yet to become one."""
    words = pathlib.Path(f"/proc/{task.tgid}/cmdline")
    try:
        return words.read_text().split("\0")[1]
    except (OSError, IndexError):
        return None


# Sleepers end by themselves, a server does not: it must be ended.
@pytest.mark.parametrize("number, code, during", [(signal.SIGINT, 130, "sleepers"), (signal.SIGTERM, 143, "echo")])
def test_an_interrupted_run_leaves_a_whole_file_marked_partial_and_no_process(programs, folder, number, code, during):
    output = folder / "bench.json"
    output.write_text("of an earlier run")
    with Running(command(programs, "--quick", "--work", f"spawn-join,{during}", "--subject", "vthreads",
                         "--format", "json", "-o", output)) as running:
        # The second work has begun and is far from its end, so exactly the first is measured.
        wait_until(lambda: during in map(work_of, running.family()), f"{during} runs", of=running.process)
        assert output.read_text() == "of an earlier run"
        running.process.send_signal(number)
        assert running.finish().ended_with(code).out == ""
        running.leaves_nothing()
    document = json.loads(output.read_text())
    must_follow_the_schema(document)
    assert document["partial"]
    assert {row["work"] for row in document["rows"]} == {"spawn-join"}
    assert os.listdir(folder) == [output.name]


# Verdicts, without measuring anything.

def measured(**medians):
    """A run at full size with one value per subject: measured(vthreads=…, go=…)."""
    made = report.Run(bench=catalogue.VTHREADS, host=report.read_host(), rounds=1, quick=False)
    made.subjects = {subject.replace("_", "-"): (subject, "") for subject in medians}

    def add(measure, carriers, n, unit="ns"):
        for subject, value in medians.items():
            subject = subject.replace("_", "-")
            made.samples[measure, carriers, n, subject] = report.Sample(
                measure, measure, carriers, n, n, subject, unit, [value])
        return made
    return add


def verdicts(made, measure):
    return {target.text: verdict for target, _, verdict in report.verdicts(made) if target.measure == measure
            and verdict != "not judged"}


@pytest.mark.parametrize("ours, verdict", [(20.0, "yes"), (20.1, "no")])
def test_five_times_faster_than_go_is_reached_at_exactly_five_times(ours, verdict):
    made = measured(vthreads=ours, go=100.0)("spawn-join", 1, 1)
    assert verdicts(made, "spawn-join") == {"at least 5x faster than Go": verdict}


@pytest.mark.parametrize("ours, verdict", [(97.0, "yes"), (96.9, "no")])
def test_a_share_of_epoll_is_judged_by_requests_and_not_by_time(ours, verdict):
    made = measured(vthreads=ours, epoll=100.0)("echo-requests", 1, 1_000, "1/s")
    assert verdicts(made, "echo-requests") == {"at least 0.97 of raw epoll": verdict}
    assert made.ratio(made.sample("echo-requests", 1, 1_000, "epoll")) == ours / 100


@pytest.mark.parametrize("ours, verdict", [(16.0, "yes"), (16.1, "no")])
def test_an_absolute_target_needs_nobody_else(ours, verdict):
    assert verdicts(measured(vthreads=ours)("yield", 1, 2), "yield") == {"at most 16 ns": verdict}


def test_where_vthreads_was_not_measured_there_is_no_ratio_and_no_verdict():
    made = measured(go=100.0)("spawn-join", 1, 1)
    assert made.ratio(made.sample("spawn-join", 1, 1, "go")) is None
    assert verdicts(made, "spawn-join") == {}


def touched_by(program):
    """The most memory, in bytes, that a child of this program had; what the program had itself."""
    done = subprocess.run(
        [PYTHON, "-c", "import resource, host_memory as memory\n" + program + "\n"
         "print(*(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF)))"],
        cwd=BENCH, stdout=subprocess.PIPE, text=True, check=True, timeout=100)
    return [int(size) << 10 for size in done.stdout.split()]


def test_what_a_cold_work_may_need_is_touched_before_by_another_process():
    child, itself = touched_by("memory.be_there_for(40_000)")
    assert child > 40_000 * 6 * 1024
    assert itself < 100 << 20


def test_of_the_memory_that_is_left_half_is_never_touched():
    child, _ = touched_by("memory.available_memory = lambda: 300 << 20\nmemory.be_there_for(1_000_000)")
    assert 150 << 20 < child < 220 << 20


def test_for_few_units_no_memory_is_touched():
    child, _ = touched_by("memory.be_there_for(1_000)")
    assert child == 0


def test_the_works_that_touch_much_memory_are_marked_as_cold():
    assert {work.name for work in catalogue.VTHREADS.works if work.cold} == {"alive", "skynet", "sleepers"}
