"""support.py: how the tests call vtlab, watch what it started, and say that something cannot be tested here.

Owns      nothing that outlives a test: every process of a run carries a marker in its environment, so a test finds
          the processes of its own run and of no other, also on a machine where several people run vtlab.
Rule      Tests wait for events (wait_until); a timeout is a safety net and never what is tested.
"""
import csv
import fcntl
import io
import json
import os
import pathlib
import pty
import signal
import struct
import subprocess
import sys
import termios
import time
import uuid

import pytest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tests/support"))
from documents import complaint  # noqa: E402
SAFETY_NET_S = 60
MARKER = "VTLAB_TEST_RUN"
NOBODY = 65534
AS_NOBODY = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
EBPF, PTRACE = "ebpf", "ptrace"


def cannot(reason):
    """This test cannot run here. A failure where everything that the machine can do is required."""
    if os.environ.get("VTLAB_REQUIRE_KERNEL") == "1":
        pytest.fail(f"VTLAB_REQUIRE_KERNEL=1, but: {reason}", pytrace=False)
    pytest.skip(reason)


def is_root():
    return os.geteuid() == 0


def wait_until(event, what, of=None):
    """The first true answer of event(). `of`: a process that must not end before it."""
    deadline = time.monotonic() + SAFETY_NET_S
    while time.monotonic() < deadline:
        answer = event()
        if answer:
            return answer
        if of is not None and of.poll() is not None:
            out, err = of.communicate()
            pytest.fail(f"vtlab ended with {of.returncode} before {what}:\n{out[-2000:]}\n{err[-2000:]}")
        time.sleep(0.005)
    pytest.fail(f"in {SAFETY_NET_S} s there was no sign that {what}")


class Finished:
    """What a run left: exit code, standard output, standard error."""

    def __init__(self, arguments, code, out, err):
        self.arguments, self.code = arguments, code
        self.out, self.err = out or "", err or ""  # empty also if they went elsewhere

    def __str__(self):
        return f"{self.arguments} ended with {self.code}\n-- stdout\n{self.out[-3000:]}\n-- stderr\n{self.err[-3000:]}"

    def ended_with(self, code):
        assert self.code == code, str(self)
        return self

    @property
    def document(self):
        return json.loads(self.out)


class Task:
    """A process as /proc shows it; its answers are empty once it is gone."""

    def __init__(self, tgid):
        self.tgid = tgid

    def _read(self, name):
        try:
            return pathlib.Path(f"/proc/{self.tgid}/{name}").read_bytes()
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            return b""

    def status(self):
        lines = self._read("status").decode(errors="replace").splitlines()
        return dict(line.split(":", 1) for line in lines if ":" in line)

    def marker(self):
        for word in self._read("environ").split(b"\0"):
            if word.startswith(MARKER.encode() + b"="):
                return word.decode().partition("=")[2]
        return None

    def is_workload(self):
        # Not by its comm: execveat(AT_EMPTY_PATH) names a program by the number of its fd before Linux 6.14.
        return self._read("cmdline").split(b"\0")[0] == b"vtlab-child"

    def parent(self):
        return int(self.status().get("PPid", "0"))

    def is_alive(self):
        state = self.status().get("State", "").strip()
        return bool(state) and state[0] not in "ZX"

    def sleeping_threads(self):
        """How many threads there are, if every one of them sleeps; else 0."""
        try:
            states = [pathlib.Path(f"/proc/{self.tgid}/task/{tid}/stat").read_text().rpartition(")")[2].split()[0]
                      for tid in os.listdir(f"/proc/{self.tgid}/task")]
        except (FileNotFoundError, ProcessLookupError):
            return 0
        return len(states) if set(states) == {"S"} else 0


def processes():
    return [Task(int(name)) for name in os.listdir("/proc") if name.isdigit()]


class Running:
    """A vtlab that runs. Ends everything of its run when the test is over."""

    def __init__(self, command, **how):
        self.marker = uuid.uuid4().hex
        environment = {**os.environ, **how.pop("env", {}), MARKER: self.marker}
        for variable in how.pop("without", ()):
            environment.pop(variable, None)
        self.command = command
        how = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **how}
        # No SIGINT from the terminal of whoever runs the suite.
        self.process = subprocess.Popen(command, env=environment, start_new_session=True, **how)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        for task in self.family():
            try:
                os.kill(task.tgid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.communicate()

    def family(self):
        """Every live process of this run but the one that we started."""
        return [task for task in processes()
                if task.tgid != self.process.pid and task.marker() == self.marker and task.is_alive()]

    def workload(self):
        """The vtlab-child that vtlab itself started."""
        found = [task for task in self.family() if task.is_workload() and task.parent() == self.process.pid]
        return found[0] if found else None

    def units_wait(self, mode, units, carriers=2):
        """Waits until the workload is past its gate and its units wait for the server; returns it."""
        def waits():
            child = self.workload()
            if child is None:
                return None
            if mode == "fork":
                forked = [task for task in self.family() if task.parent() == child.tgid]
                return child if len(forked) == units else None
            threads = {"platform": units + 1, "virtual": carriers + 1, "pool": carriers + 1}[mode]
            return child if child.sleeping_threads() == threads else None
        return wait_until(waits, f"the units of mode {mode} wait", of=self.process)

    def finish(self, safety_net_s=SAFETY_NET_S):
        try:
            out, err = self.process.communicate(timeout=safety_net_s)
        except subprocess.TimeoutExpired:
            pytest.fail(f"{self.command} does not end")
        return Finished(self.command, self.process.returncode, out, err)

    def leaves_nothing(self):
        wait_until(lambda: not self.family(), f"no process of {self.command} is left")


class Lab:
    """vtlab as one user: where it is, what stands before it, and which observer it then uses."""

    def __init__(self, folder, before=(), observer=PTRACE):
        self.folder, self.before, self.observer = pathlib.Path(folder), list(before), observer

    def command(self, *arguments):
        return [*self.before, str(self.folder / "vtlab"), *map(str, arguments)]

    def start(self, *arguments, **how):
        how.setdefault("without", ("NO_COLOR", "SUDO_UID", "SUDO_GID", "VTLAB_CALLED_AS"))
        how["without"] = [name for name in how["without"] if name not in how.get("env", {})]
        return Running(self.command(*arguments), **how)

    def run(self, *arguments, **how):
        with self.start(*arguments, **how) as running:
            return running.finish()

    def results(self, *arguments, code=0, **how):
        """Runs with --format json; the document, which must follow the published schema."""
        document = self.run(*arguments, "--format", "json", **how).ended_with(code).document
        must_follow_the_schema(document)
        return document


def on_a_terminal(lab, *arguments, env=None, columns=80):
    """Runs vtlab with standard output and error on a pseudo-terminal; returns its exit code and all that it wrote."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with lab.start(*arguments, stdout=slave, stderr=slave, text=False, env={"TERM": "xterm", **(env or {})}) as running:
        os.close(slave)
        os.set_blocking(master, False)
        written = []

        def at_end():
            try:
                part = os.read(master, 1 << 16)
            except BlockingIOError:
                return False
            except OSError:  # EIO: the other side is closed
                return True
            written.append(part)
            return part == b""

        wait_until(at_end, "vtlab closed its terminal")
        code = running.process.wait(timeout=SAFETY_NET_S)
    os.close(master)
    return code, b"".join(written).decode()


def must_follow_the_schema(document):
    wrong = complaint(document)
    assert wrong is None, wrong


def by_mode(document):
    return {result["mode"]: result for result in document["results"]}


def ledger(result):
    return {row["action"]: row["kernel_tasks"] for row in result["ledger"]}


def rows_of_csv(text):
    return list(csv.DictReader(io.StringIO(text)))
