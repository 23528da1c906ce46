"""vtlab observe: the ledger of any program. Counts are compared with what the program itself knows, and with strace."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess

import pytest

from support import EBPF, cannot, must_follow_the_schema, wait_until
from terminal import at_terminal

PYTHON = "/usr/bin/python3"

# Says what it made: threads, forks, vforks and posix_spawns in an order by the seed.
MIX = """
import os, random, sys, threading
r = random.Random(int(sys.argv[1])); made = {'threads': 0, 'processes': 0}
for _ in range(int(sys.argv[2])):
    kind = r.choice(['thread', 'fork', 'spawn', 'nested'])
    made['threads' if kind == 'thread' else 'processes'] += 1
    if kind == 'thread':
        t = threading.Thread(target=lambda: None); t.start(); t.join()
    elif kind == 'spawn':
        os.waitpid(os.posix_spawn('/bin/true', ['true'], os.environ), 0)
    else:
        pid = os.fork()
        if pid == 0:
            if kind == 'nested' and os.fork() != 0: os.wait()
            os._exit(0)
        os.waitpid(pid, 0)
        made['processes'] += kind == 'nested'
print(made['threads'], made['processes'])
"""

THREADS = """
import sys, threading
go = threading.Event(); all = [threading.Thread(target=go.wait) for _ in range(int(sys.argv[1]))]
for t in all: t.start()
go.set()
for t in all: t.join()
"""

# Makes a thread whenever it reads a line, and says so; ends with its input.
ON_REQUEST = """
import os, sys, threading
hold = threading.Event(); all = []
if len(sys.argv) > 1 and os.fork() == 0:
    while True: threading.Event().wait()
print('ready', flush=True)
for line in sys.stdin:
    all.append(threading.Thread(target=hold.wait)); all[-1].start()
    print('made', flush=True)
hold.set()
"""


def checked(text):
    document = json.loads(text)
    must_follow_the_schema(document)
    return document


def observed(lab, *arguments, code=0, **how):
    """Runs with --format json, which goes to standard error; the document and what the program printed."""
    done = lab.run("observe", "--format", "json", *arguments, **how).ended_with(code)
    return checked(done.err), done.out


def counts(document):
    return {key: metric.get("value") for key, metric in document["counts"].items()}


def numbers_add_up(document):
    seen = counts(document)
    assert document["lost_events"] == 0 and "void_because" not in document
    assert seen["threads"] + seen["processes"] == seen["kernel_tasks"]
    listed = document["processes"]
    assert sum(p["threads_made"] for p in listed) == seen["threads"]
    assert sum(p["processes_made"] for p in listed) == seen["processes"] == sum(not p["was_there"] for p in listed)


@pytest.mark.parametrize("seed", range(5))
def test_threads_forks_and_spawns_are_counted_exactly(bpf, seed):
    document, out = observed(bpf, "--", PYTHON, "-c", MIX, seed, 100)
    threads, processes = map(int, out.split())
    seen = counts(document)
    assert (seen["threads"], seen["processes"]) == (threads, processes)
    assert seen["exits"] == seen["kernel_tasks"] + 1, "all of them, and the program itself"
    assert [p["name"] for p in document["processes"] if "by_id" not in p] == ["python3"]
    assert {p["name"] for p in document["processes"]} <= {"python3", "true"}
    assert all(p["ended"] for p in document["processes"])
    root = document["processes"][0]
    assert root["was_there"] and root["threads_made"] == threads
    numbers_add_up(document)


def test_ptrace_counts_the_same(nobody):
    document, out = observed(nobody, "--observer", "ptrace", "--", PYTHON, "-c", MIX, 3, 60)
    seen = counts(document)
    assert seen["kernel_tasks"] == sum(map(int, out.split()))
    assert seen["exits"] == seen["kernel_tasks"] + 1
    assert seen["switches"] is None and "processes" not in document


def test_the_counts_are_those_of_strace(bpf):
    if shutil.which("strace") is None:
        cannot("strace is not installed")
    command = [PYTHON, "-c", MIX, "11", "80"]
    traced = subprocess.run(["strace", "-f", "-qq", "-c", "-e", "trace=clone,clone3,fork,vfork", *command],
                            capture_output=True, text=True, check=False)
    if traced.returncode != 0:
        cannot("strace cannot trace here")
    calls = sum(int(row[3]) for row in map(str.split, traced.stderr.splitlines())
                if row and row[-1] in ("clone", "clone3", "fork", "vfork"))
    assert calls > 80
    assert counts(observed(bpf, "--", *command)[0])["kernel_tasks"] == calls


def test_a_thousand_threads_are_a_thousand_tasks_that_share_memory(bpf):
    document, _ = observed(bpf, "--", PYTHON, "-c", THREADS, 1000)
    seen = counts(document)
    assert (seen["threads"], seen["processes"], seen["sharing_mm"], seen["most_alive"]) == (1000, 0, 1000, 1001)
    numbers_add_up(document)


@pytest.mark.parametrize("script,code", [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", 137), ("kill -SEGV $$", 139)])
def test_the_exit_code_is_that_of_the_program(each_observer, script, code):
    document, _ = observed(each_observer, "--", "sh", "-c", script, code=code)
    assert (document.get("exit_code"), document.get("killed_by_signal")) == \
        ((code, None) if code < 128 else (None, code - 128))


def test_a_program_that_does_not_exist_is_127_and_one_that_cannot_be_run_126(each_observer):
    missing = each_observer.run("observe", "--", "vtlab-no-such-program").ended_with(127)
    assert "cannot execute vtlab-no-such-program" in missing.err and "No such file" in missing.err
    assert "Permission denied" in each_observer.run("observe", "--", "/etc/passwd").ended_with(126).err


def test_a_program_that_becomes_another_has_the_name_of_that(bpf):
    document, _ = observed(bpf, "--", "sh", "-c", "exec true")
    assert [p["name"] for p in document["processes"]] == ["true"]


def test_what_was_orphaned_is_observed_until_it_ends(each_observer):
    document, _ = observed(each_observer, "--", "sh", "-c", "(sleep 0.2; (true) & wait) & exit 3", code=3)
    assert not document["partial"]
    assert document["wall_ns"] > 200_000_000
    assert counts(document)["exits"] == counts(document)["kernel_tasks"] + 1


def test_children_from_before_vtlab_are_nobody_of_the_tree(bpf):
    command = bpf.command("observe", "--format", "json", "--", "sh", "-c", "true & wait")
    script = '{ cat <&3 >&2 & } 3<&0; exec "$@"'  # cat ends with the pipe, so after vtlab
    with subprocess.Popen(["sh", "-c", script, "sh", *command], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as shell:
        code = shell.wait(60)
        shell.stdin.close()
        document = checked(shell.stderr.read())
    assert code == 0 and counts(document)["kernel_tasks"] == 1


def test_standard_streams_are_the_programs_own(each_observer):
    done = each_observer.run("observe", "--", "sh", "-c", "echo out; echo err >&2").ended_with(0)
    assert done.out == "out\n"
    assert done.err.startswith("err\n") and "new kernel tasks" in done.err


def test_options_after_the_two_dashes_are_the_programs(bpf):
    done = bpf.run("observe", "--", "echo", "--format", "json", "--", "run", "[a,b]").ended_with(0)
    assert done.out == "--format json -- run [a,b]\n"


def test_the_program_is_the_user_without_capabilities(root):
    environment = {"SUDO_UID": "65534", "SUDO_GID": "65534"}
    status = root.run("observe", "--", "cat", "/proc/self/status", env=environment).ended_with(0).out
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert fields["Uid"].split() == ["65534"] * 4
    assert {fields[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
    assert fields["NoNewPrivs"] == "1" and fields["SigBlk"] == "0" * 16


def test_a_file_gets_the_ledger_and_belongs_to_the_user(each_observer, folder):
    done = each_observer.run("observe", "-o", folder / "run.json", "--", "true").ended_with(0)
    assert "new kernel tasks" not in done.err
    assert checked((folder / "run.json").read_text())["command"] == ["true"]


def test_no_line_is_wider_than_80_columns_and_no_color_is_kept(bpf):
    done = bpf.run("observe", "--", "sh", "-c", "true " + "long-word-" * 30 + "; true & wait").ended_with(0)
    assert max(map(len, done.err.splitlines())) <= 80 and "\033" not in done.err


@pytest.mark.parametrize("words,says", [
    (["--pid", "abc"], "--pid cannot be 'abc'"), (["--pid", "0"], "--pid cannot be '0'"),
    (["--pid", "2147483647"], "there is no such process"), (["--pid", "99999999999999999999"], "--pid cannot be"),
    (["--for", "soon", "--", "true"], "--for cannot be 'soon'"), (["--for", "0", "--", "true"], "--for cannot be '0'"),
    ([], "nothing to observe"), (["--"], "nothing to observe"), (["true"], "not expected: true"),
    (["--pid", "1", "--", "true"], "exclude each other"), (["--rung", "x", "--", "true"], "unknown rung 'x'"),
    (["--observer", "perf", "--", "true"], "unknown observer 'perf'"), (["--format", "xml", "--", "true"], "unknown format 'xml'"),
    (["--show", "paht", "--", "true"], "unknown view 'paht'"), (["--show", "path", "--observer", "ptrace", "--", "true"], "needs eBPF"),
    (["--", ""], "cannot be empty"), (["--live", "--", "true"], "--live needs a terminal"),
    (["--rung", "kprobe", "--observer", "ptrace", "--", "true"], "ptrace uses none")])
def test_bad_words_are_refused_with_what_is_wrong(anyone, words, says):
    done = anyone.run("observe", *words).ended_with(2)
    assert says in done.err and done.out == ""


def test_path_and_sharing_are_shown_of_any_program_and_agree_with_the_counts(bpf):
    document, _ = observed(bpf, "--show", "path,sharing", "--", "sh", "-c", "true & true & wait")
    records = document["creations"]["records"]
    assert len(records) == counts(document)["kernel_tasks"] == 2
    for record in records:
        assert record["asked_by"] in ("clone", "clone3", "fork", "vfork")
        assert record["sharing"]["mm"] == "own" and record["time_ns"]["first_run"] > record["time_ns"]["system_call"]
    done = bpf.run("observe", "--show", "path", "--", "sh", "-c", "true & wait").ended_with(0)
    assert "first run" in done.err and "new kernel tasks" not in done.err


def test_what_only_ebpf_records_is_absent_with_a_reason_if_there_is_none(nobody):
    document, _ = observed(nobody, "--show", "path", "--", "true")
    assert "creations" not in document and "only eBPF" in document["creations_missing_because"]


def test_a_saved_observation_is_rendered_again_in_every_format(bpf, tmp_path):
    saved = tmp_path / "seen.json"
    bpf.run("observe", "--show", "all", "-o", saved, "--", "sh", "-c", "true & wait").ended_with(0)
    document = checked(saved.read_text())
    assert checked(bpf.run("report", saved, "--format", "json").ended_with(0).out) == document
    tasks = counts(document)["kernel_tasks"]
    assert f"observe,,kernel_tasks,{tasks},count," in bpf.run("report", saved, "--format", "csv").ended_with(0).out
    markdown = bpf.run("report", saved, "--format", "markdown").ended_with(0).out
    assert f"| new kernel tasks | {tasks} |" in markdown and "### Creation path" in markdown
    table = bpf.run("report", saved).ended_with(0).out
    assert "Who made them" in table and "Creation path" in table
    assert "Creation path" not in bpf.run("report", saved, "--show", "ledger").ended_with(0).out


def test_an_observation_that_cannot_be_read_is_refused_by_its_place(anyone, tmp_path):
    saved = tmp_path / "seen.json"
    anyone.run("observe", "-o", saved, "--", "true").ended_with(0)
    document = json.loads(saved.read_text())
    document["wall_ns"] = "long"
    saved.write_text(json.dumps(document))
    assert "wall_ns" in anyone.run("report", saved).ended_with(2).err


@pytest.fixture
def group():
    """A control group of our own, and one below it; with everything in it moved out and removed at the end."""
    mounts = [line.split() for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines() if " - cgroup2 " in line]
    if not mounts:
        cannot("control groups of version 2 are not mounted here")
    folder = pathlib.Path(mounts[0][4]) / f"vtlab-test-{os.getpid()}"
    try:
        (folder / "below").mkdir(parents=True)
    except OSError as error:
        cannot(f"no control group can be made here: {error}")
    yield folder
    for each in (folder / "below", folder):
        if not each.exists():
            continue
        for pid in (each / "cgroup.procs").read_text().split():
            (folder.parent / "cgroup.procs").write_text(pid)
        each.rmdir()


def in_group(folder, script):
    """Moves a shell into the group, which then runs the script; waits for its end."""
    subprocess.run(["sh", "-c", f'echo $$ > "{folder}/cgroup.procs"; {script}; :'], check=True)


def test_a_control_group_is_observed_with_what_comes_into_it_and_nothing_else(bpf, group):
    with subprocess.Popen(["sleep", "60"]) as there:
        (group / "cgroup.procs").write_text(str(there.pid))
        with bpf.start("observe", "--format", "json", "--cgroup", group.name) as running:
            assert "observing control group" in running.process.stderr.readline()
            in_group(group, "/bin/true; /bin/true; /bin/true")
            in_group(group / "below", "/bin/true; /bin/true")
            subprocess.run(["sh", "-c", "/bin/true; /bin/true; /bin/true; /bin/true; :"], check=True)
            running.process.send_signal(signal.SIGINT)
            document = checked(running.finish().ended_with(0).out)
        there.kill()
    assert document["cgroup"] == f"/{group.name}" and not document["partial"]
    seen = counts(document)
    assert (seen["kernel_tasks"], seen["processes"], seen["exits"]) == (5, 5, 7)
    names = sorted(process["name"] for process in document["processes"])
    assert names == ["sh", "sh", "sleep", "true", "true", "true", "true", "true"]
    by_id = {process["id"]: process for process in document["processes"]}
    assert all(by_id[process["by_id"]]["name"] == "sh" for process in by_id.values() if process["name"] == "true")


def test_observing_a_control_group_ends_when_it_is_removed(bpf, group):
    with bpf.start("observe", "--format", "json", "--cgroup", group) as running:
        assert "observing control group" in running.process.stderr.readline()
        for each in (group / "below", group):
            each.rmdir()
        document = checked(running.finish().ended_with(0).out)
    assert document["processes_missing_because"] == "no process was seen"


def test_a_word_that_means_no_control_group_or_several_is_refused(bpf, group):
    done = bpf.run("observe", "--cgroup", "no-such-group-anywhere").ended_with(2)
    assert "no control group below" in done.err
    for name in ("vtlab-twin-1", "vtlab-twin-2"):
        (group / name).mkdir()
    done = bpf.run("observe", "--cgroup", "vtlab-twin").ended_with(2)
    for name in ("vtlab-twin-1", "vtlab-twin-2"):
        (group / name).rmdir()
    assert "one of 2" in done.err and f"/{group.name}/vtlab-twin-1" in done.err
    assert "exclude each other" in bpf.run("observe", "--cgroup", group, "--", "true").ended_with(2).err


def test_a_kernel_thread_cannot_be_observed(anyone):
    comm = pathlib.Path("/proc/2/comm")
    if not comm.exists() or comm.read_text() != "kthreadd\n":
        cannot("pid 2 is not kthreadd here")
    assert "kernel thread" in anyone.run("observe", "--pid", 2).ended_with(2).err


def test_without_ebpf_a_running_process_is_refused_with_the_way_out(nobody):
    done = nobody.run("observe", "--pid", os.getpid()).ended_with(3)
    assert "needs CAP_BPF" in done.err and "sudo" in done.err


class OnRequest:
    """A program that makes threads when it is told to."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen([PYTHON, "-c", ON_REQUEST, *arguments], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, bufsize=1)
        assert self.process.stdout.readline() == "ready\n"

    def make(self):
        self.process.stdin.write("\n")
        assert self.process.stdout.readline() == "made\n"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["pkill", "-KILL", "-P", str(self.process.pid)], check=False)
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def children_of(pid):
    return subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False).stdout.split()


def is_attached(running):
    assert "observing process" in running.process.stderr.readline()


def test_a_running_process_is_observed_with_threads_that_it_has_until_it_ends(bpf):
    with OnRequest() as program:
        for _ in range(3):
            program.make()
        with bpf.start("observe", "--format", "json", "--pid", program.process.pid) as running:
            is_attached(running)
            for _ in range(5):
                program.make()
            program.process.stdin.close()
            done = running.finish().ended_with(0)
    document = checked(done.out)
    seen = counts(document)
    assert not document["partial"] and document["pid"] == program.process.pid
    assert seen["threads"] == seen["kernel_tasks"] == 5
    assert seen["exits"] == seen["most_alive"] == 9, "one, three that were there and five"
    assert document["processes"][0]["threads_made"] == seen["threads"]


def test_children_that_were_there_are_observed_too_and_nobody_is_harmed(bpf):
    with OnRequest("with a child") as program:
        child = int(wait_until(lambda: children_of(program.process.pid), "it has a child")[0])
        with bpf.start("observe", "--format", "json", "--pid", program.process.pid) as running:
            is_attached(running)
            program.make()
            running.process.send_signal(signal.SIGINT)
            done = running.finish().ended_with(0)
        program.make()
        assert children_of(program.process.pid) == [str(child)]
    document = checked(done.out)
    assert document["partial"] and "interrupted" in document["partial_because"]
    assert [(p["pid"], p.get("by_id"), p["was_there"], p["ended"]) for p in document["processes"]] == \
        [(program.process.pid, None, True, False), (child, 0, True, False)]


def test_when_the_time_is_over_an_attached_process_goes_on(bpf):
    with OnRequest() as program:
        document = checked(bpf.run("observe", "--format", "json", "--for", "100ms", "--pid", program.process.pid).ended_with(0).out)
        program.make()
    assert document["partial"] and document["wall_ns"] >= 100_000_000


def test_when_the_time_is_over_the_program_that_vtlab_started_is_ended(each_observer):
    document, _ = observed(each_observer, "--for", "200ms", "--", "sleep", "1000")
    assert document["partial"] and document["killed_by_signal"] == signal.SIGTERM


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_vtlab_reaches_the_program_which_decides(each_observer, sent):
    script = "trap 'echo caught; exit 5' INT TERM; echo ready; while :; do sleep 0.02; done"
    with each_observer.start("observe", "--format", "json", "--", "sh", "-c", script) as running:
        assert running.process.stdout.readline() == "ready\n"
        running.process.send_signal(sent)
        done = running.finish().ended_with(5)
        running.leaves_nothing()
    assert done.out == "caught\n" and '"partial": false' in done.err


def test_a_second_signal_ends_observing_and_the_results_are_partial(bpf, folder):
    script = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); print('ready', flush=True); signal.pause()"
    with bpf.start("observe", "-o", folder / "run.json", "--", PYTHON, "-c", script) as running:
        assert running.process.stdout.readline() == "ready\n"
        running.process.send_signal(signal.SIGINT)
        status = pathlib.Path(f"/proc/{running.process.pid}/status")
        wait_until(lambda: not int(re.search(r"ShdPnd:\s*(\w+)", status.read_text())[1], 16) & 2, "the first was taken")
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(60) == 0
        assert [task.status()["Name"].strip() for task in running.family()] == ["python3"], "the program goes on"
    assert checked((folder / "run.json").read_text())["partial"]


def test_dry_run_shows_the_rungs_and_runs_nothing(each_observer):
    done = each_observer.run("observe", "--dry-run", "--", "sh", "-c", "echo ran it").ended_with(0)
    assert "\nran it" not in done.out and f"observer: {each_observer.observer}" in done.out
    if each_observer.observer == EBPF:
        assert "which task was made runnable\n  uses " in done.out


def test_a_forced_rung_is_used(bpf):
    document, _ = observed(bpf, "--rung", "tp_btf", "--", "true")
    assert {probe["rung"] for probe in document["probes"]} == {"tp_btf"}


def on_terminal(lab, *arguments, keys=b"", until=b"", then=None):
    """Presses keys, or calls then() with the process, once `until` was shown."""
    return at_terminal(lab, "observe", *arguments, steps=[(until, (lambda at: then(at.pid)) if then else keys)])


def test_control_c_on_a_terminal_ends_the_program_and_the_ledger_is_shown(bpf):
    # exec: dash forgets a SIGINT that comes while it forks, and would then sleep on.
    shown, code = on_terminal(bpf, "--", "sh", "-c", "echo ready; exec sleep 1000", keys=b"\x03", until=b"ready")
    plain = re.sub(r"\033\[[0-9;?]*[a-zA-Z]", "", shown).replace("^C", "")  # the terminal's echo
    assert code == 130 and "new kernel tasks" in plain and "killed by SIGINT" in " ".join(plain.split())
    assert max(map(len, plain.replace("\r", "").splitlines())) <= 80


def test_the_program_may_read_the_terminal(bpf):
    shown, code = on_terminal(bpf, "--", "sh", "-c", "echo ready; read word; echo got $word", keys=b"hello\n", until=b"ready")
    assert code == 0 and "got hello" in shown


def test_the_live_view_shows_which_tasks_have_the_cpus(bpf):
    with subprocess.Popen([PYTHON, "-c", "while True: pass"]) as busy:
        shown, code = on_terminal(bpf, "--live", "--pid", busy.pid, until=b"on CPU", keys=b"\x03")
        busy.kill()
    assert code == 0 and re.search(rf"python3 \({busy.pid}\) [RS] +\d+ % +\d+ %", shown)


@pytest.mark.parametrize("how", ["ctrl-c", "SIGTERM", "it ends"])
def test_the_live_view_gives_the_screen_back(bpf, how):
    with OnRequest() as program:
        end = {"SIGTERM": lambda pid: os.kill(pid, signal.SIGTERM),
               "it ends": lambda pid: program.process.stdin.close()}.get(how)
        shown, code = on_terminal(bpf, "--live", "--pid", program.process.pid, until=b"per second",
                                  keys=b"\x03" if how == "ctrl-c" else b"", then=end)
        if how != "it ends":
            program.make()
    assert code == 0
    assert shown.count("\033[?1049h") == shown.count("\033[?1049l") == 1
    before, _, after = shown.partition("\033[?1049l")
    assert "\033[?25l" in before and before.endswith("\033[?25h") and "Probes" in after
    for screen in before.split("\033[H")[1:]:
        assert screen.count("\n") < 24
