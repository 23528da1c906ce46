"""What goes wrong in the middle: nothing measured is lost, nothing is left running, and the exit code tells."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import time

import pytest

from support import SAFETY_NET_S, must_follow_the_schema, wait_until

TASKS = 7
MODES = ["virtual", "platform", "fork"]


def long_run(lab, mode, *more):
    """A run whose units wait for a minute: longer than any test."""
    return lab.start("run", "blocking-io", f"--mode={mode}", "--delay", "60s", "--tasks", TASKS, "--carriers", 2, *more)


def must_be_partial(file, because):
    document = json.loads(file.read_text())
    must_follow_the_schema(document)
    assert document["partial"] is True
    result = document["results"][0]
    assert result["partial"] is True and because in result["partial_because"], result["partial_because"]
    assert result["metrics"]["units_done"]["value"] < TASKS
    assert {claim["verdict"] for claim in result["claims"]} == {"not-testable-here"}
    return document


@pytest.mark.parametrize("mode", MODES)
def test_a_workload_that_is_killed_leaves_a_partial_result(each_observer, folder, mode):
    file = folder / "run.json"
    with long_run(each_observer, mode, "-o", file) as running:
        child = running.units_wait(mode, TASKS)
        os.kill(child.tgid, signal.SIGKILL)
        running.finish().ended_with(3)
        running.leaves_nothing()
    result = must_be_partial(file, "SIGKILL")["results"][0]
    assert result["kernel_tasks"] == (2 if mode == "virtual" else TASKS)
    assert os.listdir(folder) == [file.name]


@pytest.mark.parametrize("mode", ["virtual", "fork"])
def test_a_workload_that_stands_still_is_given_up_after_the_timeout(each_observer, folder, mode):
    file = folder / "run.json"
    with long_run(each_observer, mode, "--timeout", "3s", "-o", file) as running:
        child = running.units_wait(mode, TASKS)
        os.kill(child.tgid, signal.SIGSTOP)
        running.finish().ended_with(3)
        running.leaves_nothing()
    must_be_partial(file, "no end after 3 s")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda s: s.name)
def test_an_interrupt_saves_what_was_measured_and_ends_with_130(each_observer, folder, mode, stop):
    file = folder / "run.json"
    with long_run(each_observer, mode, "-o", file) as running:
        running.units_wait(mode, TASKS)
        running.process.send_signal(stop)
        running.finish().ended_with(130)
        running.leaves_nothing()
    result = must_be_partial(file, "interrupted")["results"][0]
    assert result["kernel_tasks"] == (2 if mode == "virtual" else TASKS)
    assert os.listdir(folder) == [file.name]


def test_what_did_not_get_its_turn_is_listed_as_skipped(each_observer, folder):
    file = folder / "run.json"
    with long_run(each_observer, "fork,platform,virtual", "-o", file) as running:
        running.units_wait("fork", TASKS)
        running.process.send_signal(signal.SIGINT)
        running.finish().ended_with(130)
    document = must_be_partial(file, "interrupted")
    assert [result["mode"] for result in document["results"]] == ["fork"]
    assert [skip["mode"] for skip in document["skipped"]] == ["platform", "virtual"]


@pytest.mark.parametrize("format,marks", [("table", "PARTIAL"), ("markdown", "artial"), ("csv", "interrupted")])
def test_a_partial_result_is_marked_in_every_format(nobody, format, marks):
    with long_run(nobody, "platform", "--format", format) as running:
        running.units_wait("platform", TASKS)
        running.process.send_signal(signal.SIGINT)
        done = running.finish().ended_with(130)
    assert marks in done.out


def test_an_impatient_second_interrupt_changes_nothing(nobody, folder):
    file = folder / "run.json"
    with long_run(nobody, "fork", "-o", file) as running:
        running.units_wait("fork", TASKS)
        running.process.send_signal(signal.SIGINT)
        try:
            running.process.send_signal(signal.SIGINT)
        except ProcessLookupError:
            pass
        running.finish().ended_with(130)
        running.leaves_nothing()
    must_be_partial(file, "interrupted")


def test_ctrl_c_on_the_terminal_reaches_vtlab_and_not_its_workload(anyone):
    # A terminal signals the foreground process group.
    with long_run(anyone, "platform", "--format", "json") as running:
        running.units_wait("platform", TASKS)
        os.killpg(os.getpgid(running.process.pid), signal.SIGINT)
        done = running.finish().ended_with(130)
    assert "interrupted" in done.document["results"][0]["partial_because"]


@pytest.mark.parametrize("mode", MODES)
def test_nothing_outlives_a_vtlab_that_is_killed(each_observer, folder, mode):
    with long_run(each_observer, mode, "-o", folder / "run.json") as running:
        running.units_wait(mode, TASKS)
        running.process.kill()
        running.process.wait(timeout=SAFETY_NET_S)
        running.leaves_nothing()
    assert not (folder / "run.json").exists()


@pytest.mark.parametrize("mode", MODES)
def test_nothing_outlives_a_vtlab_that_is_killed_while_its_workload_stands_still(each_observer, mode):
    with long_run(each_observer, mode) as running:
        running.units_wait(mode, TASKS)
        for task in running.family():
            os.kill(task.tgid, signal.SIGSTOP)
        running.process.kill()
        running.leaves_nothing()


def test_units_that_hear_nothing_of_vtlab_die_with_it_too(each_observer):
    # No server closes their connection, and nobody whom they wait for has gone: they would sleep on.
    with each_observer.start("run", "sleepers", "--mode=fork", "--delay", "1000s", "--tasks", TASKS) as running:
        running.units_wait("fork", TASKS)
        running.process.kill()
        running.leaves_nothing()


def test_one_unit_that_dies_is_not_taken_for_done(each_observer, folder):
    file = folder / "run.json"
    with each_observer.start("run", "blocking-io", "--mode=fork", "--delay", "2s", "--tasks", TASKS, "-o", file) as running:
        child = running.units_wait("fork", TASKS)
        unit = next(task for task in running.family() if task.parent() == child.tgid)
        os.kill(unit.tgid, signal.SIGKILL)
        running.finish().ended_with(3)
    document = must_be_partial(file, f"only {TASKS - 1} of {TASKS} units finished")
    assert document["results"][0]["metrics"]["units_done"]["value"] == TASKS - 1
    assert document["results"][0]["kernel_tasks"] == TASKS


def test_a_reader_that_leaves_after_one_line_is_no_error(each_observer):
    command = " ".join(map(str, each_observer.command("run", "spawn-join", "--tasks", 31)))
    done = subprocess.run(["bash", "-c", f"{command} | head -1; echo ${{PIPESTATUS[0]}}"], capture_output=True, text=True,
                          timeout=SAFETY_NET_S, check=True)
    first, code = done.stdout.splitlines()
    assert "spawn-join" in first and code == "0"
    assert done.stderr == ""


@pytest.mark.parametrize("arguments", [("run", "spawn-join", "--tasks", 31), ("list",), ("doctor",), ("--help",)])
def test_a_reader_that_has_left_before_is_no_crash(anyone, arguments):
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = anyone.run(*arguments, stdout=writer)
    finally:
        os.close(writer)
    assert done.code in (0, 3), str(done)
    assert "terminate" not in done.err and "Traceback" not in done.err


def test_a_workload_that_dies_before_its_gate_is_an_error_with_a_reason(anyone, folder):
    # In place of vtlab-child a program that ends at once.
    for name in ("vtlab", "vtlab-child"):
        (folder / name).write_bytes((anyone.folder / "vtlab").read_bytes() if name == "vtlab"
                                    else open("/bin/false", "rb").read())
        os.chmod(folder / name, 0o755)
    anyone.folder = folder
    done = anyone.run("run", "spawn-join", "--tasks", 7).ended_with(3)
    assert "cannot set up spawn-join" in done.err and "exited with code 1" in done.err


def test_two_runs_at_once_do_not_count_each_others_tasks(each_observer):
    run = ("run", "blocking-io", "--mode=platform", "--delay", "1s", "--format", "json", "--tasks")
    with each_observer.start(*run, 101) as one, each_observer.start(*run, 103) as other:
        counts = [json.loads(running.finish().ended_with(0).out)["results"][0]["kernel_tasks"] for running in (one, other)]
    assert counts == [101, 103]


def test_after_a_killed_vtlab_the_next_run_counts_right(each_observer):
    with long_run(each_observer, "platform") as running:
        running.units_wait("platform", TASKS)
        running.process.kill()
        wait_until(lambda: running.process.poll() is not None, "vtlab is dead")
    [result] = each_observer.results("run", "spawn-join", "--mode=platform", "--tasks", 31)["results"]
    assert result["kernel_tasks"] == 31


def test_a_mode_that_cannot_begin_does_not_lose_what_was_measured_before_it(tmp_path):
    for program in ("vtlab", "vtlab-child"):
        shutil.copy(pathlib.Path(os.environ["VTLAB_BIN"]) / program, tmp_path)
    saved = tmp_path / "half.json"
    running = subprocess.Popen([tmp_path / "vtlab", "run", "blocking-io", "--mode=virtual,platform", "--tasks", "11",
                                "--delay", "2s", "-o", saved], stderr=subprocess.PIPE, text=True)
    children = pathlib.Path(f"/proc/{running.pid}/task/{running.pid}/children")
    give_up = time.monotonic() + 60
    while not any(b"vtlab-child" in pathlib.Path(f"/proc/{child}/cmdline").read_bytes()
                  for child in children.read_text().split()):
        assert time.monotonic() < give_up
    (tmp_path / "vtlab-child").unlink()  # the first mode runs, the second will not find it
    _, said = running.communicate(timeout=60)
    assert running.returncode == 3
    assert "cannot start the workload" in said and "No such file or directory" in said
    document = json.loads(saved.read_text())
    assert document["partial"] is True
    assert [(r["mode"], r["kernel_tasks"] <= os.cpu_count()) for r in document["results"]] == [("virtual", True)]
    assert [skip["mode"] for skip in document["skipped"]] == ["platform"]
