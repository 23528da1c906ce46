"""-o FILE and report: a file appears whole or not at all, and belongs to who asked for it."""
import json
import os
import shutil
import stat
import subprocess

import pytest

from support import NOBODY, cannot, is_root, must_follow_the_schema, rows_of_csv

RUN = ("run", "spawn-join", "--mode=virtual,platform", "--tasks", 31)


@pytest.mark.parametrize("ending,looks_right", [
    ("json", lambda text: must_follow_the_schema(json.loads(text))),
    ("csv", lambda text: rows_of_csv(text)[0]),
    ("md", lambda text: text.index("|")),
    ("txt", lambda text: text.index("spawn-join — 31 units")),
])
def test_the_ending_of_the_file_chooses_the_format(each_observer, folder, ending, looks_right):
    file = folder / f"result.{ending}"
    done = each_observer.run(*RUN, "-o", file).ended_with(0)
    looks_right(file.read_text())
    assert done.out == ""
    assert str(file) in done.err
    assert os.listdir(folder) == [file.name]


def test_a_named_format_beats_the_ending(anyone, folder):
    anyone.run(*RUN, "-o", folder / "result.txt", "--format", "json").ended_with(0)
    must_follow_the_schema(json.loads((folder / "result.txt").read_text()))


def test_a_file_has_no_colours_and_80_columns(anyone, folder):
    anyone.run(*RUN, "-o", folder / "result.txt", env={"TERM": "xterm"}).ended_with(0)
    text = (folder / "result.txt").read_text()
    assert "\x1b" not in text and max(map(len, text.splitlines())) <= 80


def test_minus_means_standard_output(anyone):
    assert "31 units" in anyone.run(*RUN, "-o", "-").ended_with(0).out


def test_under_sudo_the_file_belongs_to_the_user_who_typed_it(root, folder):
    file = folder / "result.json"
    root.run(*RUN, "-o", file, env={"SUDO_UID": str(NOBODY), "SUDO_GID": str(NOBODY)}).ended_with(0)
    assert (file.stat().st_uid, file.stat().st_gid) == (NOBODY, NOBODY)


def test_without_sudo_a_file_of_root_belongs_to_root(root, folder):
    root.run(*RUN, "-o", folder / "result.json").ended_with(0)
    assert (folder / "result.json").stat().st_uid == 0


@pytest.mark.parametrize("mask,mode", [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_the_mode_of_the_file_honours_the_umask(anyone, folder, mask, mode):
    anyone.run(*RUN, "-o", folder / "result.json", umask=mask).ended_with(0)
    assert stat.S_IMODE((folder / "result.json").stat().st_mode) == mode


def test_an_existing_file_is_replaced_as_a_whole(anyone, folder):
    file = folder / "result.json"
    file.write_text("x" * 1_000_000)
    anyone.run(*RUN, "-o", file).ended_with(0)
    must_follow_the_schema(json.loads(file.read_text()))


def test_a_folder_that_does_not_exist_is_known_before_anything_runs(anyone, folder):
    # A run that would take a minute: that it ends at once is seen by its having started nothing.
    done = anyone.run("run", "blocking-io", "--delay", "50s", "--tasks", 7, "-o", folder / "no" / "x.json").ended_with(3)
    assert "No such file or directory" in done.err and str(folder / "no" / "x.json") in done.err
    assert done.out == ""


def test_an_unwritable_folder_is_known_before_anything_runs(nobody, folder):
    os.chmod(folder, 0o555)
    try:
        done = nobody.run("run", "blocking-io", "--delay", "50s", "--tasks", 7, "-o", folder / "x.json").ended_with(3)
    finally:
        os.chmod(folder, 0o755)
    assert "Permission denied" in done.err
    assert done.out == "" and os.listdir(folder) == []


def test_a_folder_as_the_file_is_refused(anyone, folder):
    done = anyone.run(*RUN, "-o", folder).ended_with(3)
    assert "Is a directory" in done.err


def test_a_full_device_is_reported_and_the_results_are_not_lost(anyone):
    done = anyone.run(*RUN, "--format", "json", "-o", "/dev/full").ended_with(3)
    assert "No space left on device" in done.err
    must_follow_the_schema(done.document)


def test_a_full_standard_output_is_reported(anyone):
    with open("/dev/full", "w", encoding="ascii") as full:
        done = anyone.run(*RUN, stdout=full).ended_with(3)
    assert "No space left on device" in done.err


@pytest.mark.parametrize("arguments", [("list",), ("doctor",), ("--help",)])
def test_no_command_takes_a_full_standard_output_for_success(anyone, arguments):
    with open("/dev/full", "w", encoding="ascii") as full:
        done = anyone.run(*arguments, stdout=full).ended_with(3)
    assert "No space left on device" in done.err


def test_a_closed_standard_output_is_reported_as_such(anyone):
    with anyone.start(*RUN, preexec_fn=lambda: os.close(1), stdout=None) as running:
        done = running.finish()
    assert done.code == 3
    assert "standard output" in done.err and "Bad file descriptor" in done.err


def test_a_limit_on_the_size_of_files_is_reported_and_the_results_are_not_lost(anyone, folder):
    if shutil.which("prlimit") is None:
        cannot("prlimit (util-linux) is not installed")
    done = subprocess.run(["prlimit", "--fsize=4096", *anyone.command(*RUN, "-o", folder / "result.json")], check=False,
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 3
    assert "File too large" in done.stderr
    assert os.listdir(folder) == []
    must_follow_the_schema(json.loads(done.stdout))


def test_a_full_disk_leaves_the_old_file_and_nothing_else(root, folder):
    if shutil.which("unshare") is None:
        cannot("unshare (util-linux) is not installed")
    # In a mount namespace of its own, so that nothing stays mounted whatever happens.
    script = """
        mount -t tmpfs -o size=12k full "$1" 2>/dev/null || exit 77
        echo old >"$1/result.json"; head -c 4096 /dev/zero >"$1/fill"
        shift; "$@" >out 2>err; echo $? >code
        ls -A full >left; cp full/result.json kept
    """
    mounted = folder / "full"
    mounted.mkdir()
    done = subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", mounted,
         *root.command(*RUN, "-o", mounted / "result.json")], cwd=folder, check=False, timeout=60)
    if done.returncode == 77:
        cannot("a tmpfs cannot be mounted here")
    assert (folder / "code").read_text() == "3\n", (folder / "err").read_text()
    assert "No space left on device" in (folder / "err").read_text()
    assert (folder / "kept").read_text() == "old\n"
    assert (folder / "left").read_text().split() == ["fill", "result.json"]
    must_follow_the_schema(json.loads((folder / "out").read_text()))


def test_a_saved_run_reports_to_the_same_table_without_privileges(each_observer, nobody, folder):
    saved, table = folder / "run.json", folder / "run.txt"
    each_observer.run(*RUN, "-o", saved).ended_with(0)
    os.chmod(saved, 0o644)
    first = nobody.run("report", saved).ended_with(0)
    nobody.run("report", saved, "-o", table).ended_with(0)
    again = nobody.run("report", saved, "--format", "json").ended_with(0)
    assert first.out == table.read_text()
    assert again.out == saved.read_text()
    assert first.err == "" and "31 units" in first.out


def test_a_report_names_every_claim_and_when_it_was_measured(anyone, folder):
    saved = folder / "run.json"
    anyone.run(*RUN, "-o", saved).ended_with(0)
    document = json.loads(saved.read_text())
    table = anyone.run("report", saved).ended_with(0).out
    for result in document["results"]:
        for claim in result["claims"]:
            assert claim["id"] in table
    assert document["host"]["started_at"] in table


def test_unknown_keys_of_a_later_vtlab_are_not_in_the_way(anyone, folder):
    saved = folder / "run.json"
    anyone.run(*RUN, "-o", saved).ended_with(0)
    plain = anyone.run("report", saved).ended_with(0).out
    document = json.loads(saved.read_text())
    document["new"] = {"a": [1]}
    document["results"][0]["new"] = None
    saved.write_text(json.dumps(document))
    assert anyone.run("report", saved).ended_with(0).out == plain


@pytest.mark.parametrize("content,says", [
    ("", "JSON"),
    ("garbage", "JSON"),
    ("[]", None),
    ("{}", None),
    ('{"schema": "vtlab.results/2", "host": {}, "partial": false, "results": [], "skipped": []}', "vtlab.results/2"),
    ('{"schema": "vtlab.results/1", "results": 7}', None),
    ("[" * 100_000, None),
])
def test_report_refuses_what_is_no_result_and_says_why(anyone, folder, content, says):
    file = folder / "file.json"
    file.write_text(content)
    done = anyone.run("report", file).ended_with(2)
    assert done.err.startswith(f"vtlab: {file} is not a vtlab result") and done.out == ""
    assert len(done.err.splitlines()) >= 2
    assert says is None or says.lower() in done.err.lower(), done.err


def test_report_refuses_half_a_file(anyone, folder):
    file = folder / "run.json"
    anyone.run(*RUN, "-o", file).ended_with(0)
    file.write_text(file.read_text()[:1000])
    assert "is not a vtlab result" in anyone.run("report", file).ended_with(2).err


def test_report_names_a_file_that_is_not_there(anyone, folder):
    done = anyone.run("report", folder / "none.json").ended_with(2)
    assert "none.json" in done.err and "No such file or directory" in done.err


def test_report_on_a_folder_without_documents_says_that_there_are_none(anyone, folder):
    assert "has no .json file" in anyone.run("report", folder).ended_with(2).err


def test_report_on_a_file_that_may_not_be_read_says_so(nobody, folder):
    file = folder / "secret.json"
    file.write_text("{}")
    os.chmod(file, 0)
    if is_root():
        os.chown(file, 0, 0)
    assert "Permission denied" in nobody.run("report", file).ended_with(2).err
