"""What a machine withholds from vtlab, and what goes wrong while it observes: each says what happened (docs/faults.md).

No mocks: a filter of system calls, a namespace, a missing capability or a second tracer are the real thing."""
import ctypes
import errno
import json
import os
import pathlib
import platform
import re
import shutil
import signal
import subprocess

import pytest

from support import AS_NOBODY, NOBODY, cannot, wait_until

PYTHON = "/usr/bin/python3"
BPF = {"x86_64": 321, "aarch64": 280}.get(platform.machine())
PTRACE = {"x86_64": 101, "aarch64": 117}.get(platform.machine())
CLONE3, IO_URING_SETUP = 435, 425
TWO_TASKS = ("sh", "-c", "(true & wait) & wait")

# Becomes argv[3:] under a filter that answers one system call with an errno (seccomp(2), SECCOMP_SET_MODE_FILTER).
SECCOMP = """
import ctypes, os, struct, sys
call, error = int(sys.argv[1]), int(sys.argv[2])
program = b''.join(struct.pack('HBBI', *i) for i in [  # load the number; is it ours? then errno, else allow
    (0x20, 0, 0, 0), (0x15, 0, 1, call), (0x06, 0, 0, 0x00050000 | error), (0x06, 0, 0, 0x7fff0000)])
code = ctypes.create_string_buffer(program)
class Filter(ctypes.Structure): _fields_ = [('length', ctypes.c_ushort), ('code', ctypes.c_void_p)]
libc = ctypes.CDLL(None)
libc.prctl(38, 1, 0, 0, 0)
assert libc.prctl(22, 2, ctypes.byref(Filter(4, ctypes.addressof(code))), 0, 0) == 0
os.execvp(sys.argv[3], sys.argv[3:])
"""


def under(lab, *before):
    """The same lab, started by other words."""
    lab.before = [*lab.before, *map(str, before)]
    return lab


def without_call(lab, call, error):
    if call is None:
        cannot("the number of that system call is not known here")
    return under(lab, PYTHON, "-c", SECCOMP, call, error)


def without_btf(lab):
    return under(lab, "unshare", "--mount", "--propagation", "private", "sh", "-c",
                 'mount -t tmpfs none /sys/kernel/btf && exec "$@"', "sh")


def document(lab, *arguments, code=0, **how):
    return json.loads(lab.run("observe", "--format", "json", *arguments, **how).ended_with(code).err)


def counts(seen):
    return {key: metric.get("value") for key, metric in seen["counts"].items()}


def must_count_with_ptrace_because(lab, reason):
    seen = document(lab, "--", *TWO_TASKS)
    assert seen["observer"] == "ptrace" and counts(seen)["kernel_tasks"] == 2
    assert reason in " ".join(seen["notes"])
    done = lab.run("observe", "--observer", "ebpf", "--", "echo", "it ran").ended_with(3)
    assert reason in done.err and "cannot observe with eBPF" in done.err and done.out == ""


def test_without_btf_tasks_are_counted_with_ptrace_and_btf_is_named(bpf):
    must_count_with_ptrace_because(without_btf(bpf), "this kernel shows no BTF: /sys/kernel/btf/vmlinux: No such file")


@pytest.mark.parametrize("missing", ["-bpf,-sys_admin", "-perfmon,-sys_admin"])
def test_root_without_a_capability_counts_with_ptrace_and_both_are_named(bpf, missing):
    must_count_with_ptrace_because(under(bpf, "setpriv", f"--bounding-set={missing}"), "needs CAP_BPF and CAP_PERFMON")


def test_two_capabilities_are_all_that_an_ordinary_user_needs(bpf, readable_binaries):
    bpf.folder = readable_binaries
    lab = under(bpf, *AS_NOBODY, "--inh-caps=+bpf,+perfmon", "--ambient-caps=+bpf,+perfmon")
    seen = document(lab, "--", *TWO_TASKS)
    assert seen["observer"] == "ebpf" and counts(seen)["kernel_tasks"] == 2


@pytest.mark.parametrize("error,reason", [
    (errno.EPERM, "Operation not permitted although this process has the capabilities; a seccomp filter"),
    (errno.ENOSYS, "Function not implemented")])
def test_a_seccomp_filter_that_refuses_bpf_is_said(bpf, error, reason):
    must_count_with_ptrace_because(without_call(bpf, BPF, error), reason)


def test_a_seccomp_filter_that_refuses_ptrace_is_said_where_ptrace_is_needed(nobody):
    done = without_call(nobody, PTRACE, errno.EPERM).run("observe", "--", "echo", "it ran").ended_with(3)
    assert "ptrace of our own child: Operation not permitted" in done.err and "seccomp" in done.err and done.out == ""


def test_a_seccomp_filter_that_hides_clone3_makes_no_difference_to_the_counts(each_observer):
    script = "import threading\nfor _ in range(11): t = threading.Thread(target=int); t.start(); t.join()"
    seen = document(without_call(each_observer, CLONE3, errno.ENOSYS), "--", PYTHON, "-c", script)
    assert counts(seen)["kernel_tasks"] == 11


def test_a_seccomp_filter_that_refuses_io_uring_is_said_and_epoll_does_not_take_its_place(anyone):
    run = ("run", "blocking-io", "--tasks", 7, "--delay", "1ms")
    lab = without_call(anyone, IO_URING_SETUP, errno.EPERM)
    done = lab.run(*run, "--poller", "io_uring").ended_with(3)
    assert "io_uring_setup" in done.err and "Operation not permitted" in done.err and done.out == ""
    lab.results(*run, "--poller", "epoll")


@pytest.mark.parametrize("namespace,options", [("pid", ["--pid", "--fork", "--mount-proc"]), ("user", ["-U", "-r"])])
def test_in_a_container_a_program_is_counted_with_ptrace_and_the_namespace_is_named(bpf, namespace, options):
    if subprocess.run(["unshare", *options, "true"], check=False, capture_output=True).returncode != 0:
        cannot(f"no {namespace} namespace can be made here")
    must_count_with_ptrace_because(under(bpf, "unshare", *options), f"this is a {namespace} namespace (a container)")


# Another tracer.

def strace():
    return shutil.which("strace") or cannot("strace is not installed")


def test_under_strace_ptrace_is_taken_and_the_tracer_is_named(nobody):
    # strace -f has the program before vtlab does.
    done = under(nobody, strace(), "-f", "-o", "/dev/null").run("observe", "--", "echo", "it ran").ended_with(3)
    assert re.search(r"process \d+ \(strace, a debugger\) traces it already", done.err) and done.out == ""


def test_under_strace_ebpf_counts_the_same(bpf):
    seen = document(under(bpf, strace(), "-f", "-o", "/dev/null"), "--observer", "ebpf", "--", *TWO_TASKS)
    assert counts(seen)["kernel_tasks"] == 2


def test_a_tracer_in_the_observed_tree_is_refused_by_the_kernel_and_vtlab_goes_on_counting(nobody):
    done = nobody.run("observe", "--format", "json", "-o", "-", "--", strace(), "-o", "/dev/null", "true")
    assert "Operation not permitted" in done.err, "strace says so itself"
    assert counts(json.loads(done.out))["kernel_tasks"] >= 1 and done.code == 1


# The target.

class Program:
    """A shell that does what it is told to, line by line, and says when it is done."""

    def __init__(self):
        self.process = subprocess.Popen(["bash", "-c", 'while read -r line; do eval "$line"; echo "done"; done'],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.pid = self.process.pid

    def do(self, line):
        self.process.stdin.write(line + "\n")
        self.said("done")

    def said(self, word):
        assert self.process.stdout.readline() == word + "\n"

    def end(self):
        self.process.stdin.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def attach(lab, pid, *options):
    running = lab.start("observe", "--format", "json", *options, "--pid", pid)
    assert "observing process" in running.process.stderr.readline()
    return running


def test_a_target_that_has_ended_and_waits_to_be_reaped_cannot_be_attached_to(bpf):
    with subprocess.Popen(["true"]) as ended:
        status = pathlib.Path(f"/proc/{ended.pid}/stat")
        wait_until(lambda: ") Z " in status.read_text(), "it is a zombie")
        done = bpf.run("observe", "--pid", ended.pid).ended_with(2)
    assert f"--pid cannot be '{ended.pid}'" in done.err and "it has ended" in done.err


def test_a_target_that_becomes_another_program_is_still_observed(bpf):
    script = "import os, threading; print('here', flush=True); t = threading.Thread(target=int); t.start(); t.join(); os.read(0, 1)"
    with Program() as program, attach(bpf, program.pid) as running:
        program.do("/bin/true")
        program.process.stdin.write(f'exec {PYTHON} -c "{script}"\n')
        program.said("here")
        program.end()
        seen = json.loads(running.finish().ended_with(0).out)
    assert (counts(seen)["processes"], counts(seen)["threads"], counts(seen)["exits"]) == (1, 1, 3)
    assert seen["processes"][0]["name"] == "python3" and not seen["partial"]


def test_two_vtlabs_that_observe_one_process_both_count_exactly(bpf):
    with Program() as program, attach(bpf, program.pid) as one, attach(bpf, program.pid) as other:
        for _ in range(13):
            program.do("/bin/true")
        program.end()
        both = [counts(json.loads(running.finish().ended_with(0).out)) for running in (one, other)]
    assert [(seen["kernel_tasks"], seen["exits"]) for seen in both] == [(13, 14)] * 2


def test_a_target_that_strace_has_is_observed_all_the_same(bpf):
    with Program() as program:
        with subprocess.Popen([strace(), "-o", "/dev/null", "-p", str(program.pid)], stderr=subprocess.PIPE, text=True) as tracer:
            assert "attached" in tracer.stderr.readline()
            with attach(bpf, program.pid) as running:
                program.do("/bin/true")
                program.end()
                seen = counts(json.loads(running.finish().ended_with(0).out))
    assert (seen["kernel_tasks"], seen["exits"]) == (1, 2)


# vtlab itself.

def test_an_observer_that_stands_still_loses_events_says_so_and_counts_exactly(bpf, folder):
    built = pathlib.Path(os.environ.get("VTLAB_BUILD_DIR", "build/dev")) / "bin/task-mix"
    if not built.exists():
        cannot(f"there is no {built}")
    made = 70001  # more than the ring has room for
    os.mkfifo(folder / "go")
    script = f'echo ready; read line < {folder}/go; exec {built} --storm {made}'
    with bpf.start("observe", "--show", "path", "--format", "json", "--", "sh", "-c", script) as running:
        assert running.process.stdout.readline() == "ready\n"
        os.kill(running.process.pid, signal.SIGSTOP)
        wait_until(lambda: "T" in pathlib.Path(f"/proc/{running.process.pid}/stat").read_text().rpartition(")")[2].split()[0],
                   "vtlab stands still")
        (folder / "go").write_text("now\n")
        assert running.process.stdout.readline() == "done\n"
        os.kill(running.process.pid, signal.SIGCONT)
        seen = json.loads(running.finish().ended_with(0).err)
    value = counts(seen)
    assert (value["kernel_tasks"], value["exits"], value["sharing_mm"]) == (made, made + 1, made)
    assert seen["lost_events"] > 0 and "void_because" not in seen
    for key in ("threads", "processes", "most_alive"):
        assert "value" not in seen["counts"][key] and "lost" in seen["counts"][key]["missing_because"], key
    assert seen["creations"]["lost"] > 0 and "were lost" in seen["creations"]["void_because"]


def bpf_ids(pid):
    """(kind, id) of every BPF program, map and link that the process has open."""
    found = set()
    for info in pathlib.Path(f"/proc/{pid}/fdinfo").iterdir():
        found |= set(re.findall(r"^(prog|map|link)_id:\s*(\d+)$", info.read_text(), re.M))
    return found


def exists(kind, number):
    """Asks the kernel for an object by its id (bpf(2): BPF_…_GET_FD_BY_ID)."""
    command = {"prog": 13, "map": 14, "link": 30}[kind]
    attributes = (ctypes.c_uint32 * 32)(int(number))
    libc = ctypes.CDLL(None, use_errno=True)
    fd = libc.syscall(BPF, command, ctypes.byref(attributes), ctypes.sizeof(attributes))
    if fd < 0:
        assert ctypes.get_errno() == errno.ENOENT
        return False
    os.close(fd)
    return True


def test_a_vtlab_that_is_killed_leaves_nothing_in_the_kernel_and_its_target_goes_on(bpf):
    if BPF is None:
        cannot("the number of bpf(2) is not known here")
    with Program() as program:
        with attach(bpf, program.pid, "--show", "path") as running:
            ours = bpf_ids(running.process.pid)
            assert {kind for kind, _ in ours} >= {"prog", "map"} and all(exists(*each) for each in ours)
            running.process.kill()
            running.process.wait()
            wait_until(lambda: not any(exists(*each) for each in ours), "its programs, maps and links are gone")
        program.do("/bin/true")
        seen = attach(bpf, program.pid)
        with seen as running:
            program.do("/bin/true")
            program.end()
            assert counts(json.loads(running.finish().ended_with(0).out))["kernel_tasks"] == 1


def test_a_program_that_a_killed_vtlab_had_started_goes_on_without_more_rights(root, folder):
    os.mkfifo(folder / "go")
    script = f"echo $$; read line < {folder}/go; grep -E '^(Uid|CapEff|CapBnd|NoNewPrivs)' /proc/self/status > {folder}/status; echo $? > {folder}/end"
    with root.start("observe", "--", "sh", "-c", script, env={"SUDO_UID": str(NOBODY), "SUDO_GID": str(NOBODY)}) as running:
        int(running.process.stdout.readline())
        running.process.kill()
        running.process.wait()
        if root.observer is None and not running.family():
            return  # observed with ptrace: nothing outlives vtlab
        (folder / "go").write_text("now\n")
        wait_until(lambda: (folder / "end").exists() and (folder / "end").read_text(), "the program has ended")
    status = dict(line.split(":\t") for line in (folder / "status").read_text().splitlines())
    assert status["Uid"].split() == [str(NOBODY)] * 4 and status["NoNewPrivs"] == "1"
    assert {status["CapEff"], status["CapBnd"]} == {"0" * 16}
