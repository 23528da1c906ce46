"""terminal.py: vtlab at a terminal of its own, of which it is the foreground program: with keys, signals and job control."""
import errno
import fcntl
import os
import pty
import re
import select
import struct
import termios

SAFETY_NET_S = 60
TAKES, GIVES_BACK = "\033[?1049h", "\033[?1049l"  # the terminal's other screen


def plain(text):
    return re.sub(r"\033\[[0-9;?]*[a-zA-Z]", "", text).replace("\r", "")


def screens(shown):
    """What was drawn on the other screen, one after the other, as plain text."""
    return [plain(screen) for screen in shown.partition(TAKES)[2].rpartition(GIVES_BACK)[0].split("\033[H")[1:]]


class Terminal:
    """What a step of at_terminal() may use."""

    def __init__(self, pid, terminal):
        self.pid, self.terminal = pid, terminal

    def press(self, keys):
        os.write(self.terminal, keys)

    def echoes(self):
        """Does it wait for whole lines, and repeat what is typed?"""
        return bool(termios.tcgetattr(self.terminal)[3] & termios.ECHO and termios.tcgetattr(self.terminal)[3] & termios.ICANON)


def at_terminal(lab, *arguments, steps=(), rows=24, columns=80, env=None):
    """Runs vtlab; each step is a word and what to do once it was shown after the step before: keys, or a function of a
    Terminal. Everything that was shown, and the exit code."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update({"TERM": "xterm", **(env or {})})
        if "NO_COLOR" not in (env or {}):
            os.environ.pop("NO_COLOR", None)
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        command = lab.command(*arguments)
        os.execvp(command[0], command)
    shown, seen, steps = b"", 0, list(steps)
    while True:
        ready, _, _ = select.select([terminal], [], [], SAFETY_NET_S)
        assert ready, (steps[:1], shown[-2000:])
        try:
            part = os.read(terminal, 65536)
        except OSError as error:
            assert error.errno == errno.EIO
            part = b""
        if not part:
            break
        shown += part
        while steps and steps[0][0] in shown[seen:]:
            seen = shown.index(steps[0][0], seen) + len(steps[0][0])
            what = steps.pop(0)[1]
            if callable(what):
                what(Terminal(pid, terminal))
            else:
                os.write(terminal, what)
    os.close(terminal)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert not steps, f"{steps[0][0]} was not shown: {shown[-3000:].decode()}"
    return shown.decode(), code
