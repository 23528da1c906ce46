"""What shells offer after Tab, tried in the shells themselves, and the man page, read by a checker of man pages."""
import fcntl
import os
import pty
import re
import shutil
import struct
import subprocess
import termios
import time

import pytest

from support import SAFETY_NET_S, cannot

SHELLS = ["bash", "zsh", "fish"]


@pytest.fixture(scope="module")
def scripts(binaries, tmp_path_factory):
    """The completion of each shell, in a file."""
    folder = tmp_path_factory.mktemp("completion")
    for shell in SHELLS:
        (folder / shell).write_text(subprocess.run([binaries / "vtlab", "completion", shell], capture_output=True,
                                                   text=True, check=True, timeout=SAFETY_NET_S).stdout)
    return folder


def need(program):
    return shutil.which(program) or cannot(f"{program} is not installed")


def in_bash(scripts, line):
    """What bash would offer at the end of the line, asked of the function with the words as bash cuts them."""
    words = re.findall(r"=|[^\s=]+", line) + ([""] if line.endswith((" ", "=")) else [])
    if line.endswith("="):
        words.pop()  # bash's last word is then the sign itself
    quoted = " ".join(f"'{word}'" for word in words)
    script = f"""source {scripts}/bash
COMP_WORDS=({quoted}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _vtlab; printf '%s\\n' "${{COMPREPLY[@]}}" """
    return set(subprocess.run([need("bash"), "--norc", "-c", script], capture_output=True, text=True, check=True,
                              timeout=SAFETY_NET_S).stdout.split())


def in_fish(scripts, line):
    done = subprocess.run([need("fish"), "--no-config", "-c", f"source {scripts}/fish; complete -C '{line}'"], capture_output=True,
                          text=True, check=True, timeout=SAFETY_NET_S)
    # A completion of `--mode=a,` is offered as the whole word; what people see is its end.
    return {re.split("[=,]", offer.split("\t")[0])[-1] for offer in done.stdout.splitlines()}


def in_zsh(scripts, line):
    """Asks an interactive zsh: types the line, Tab, and reads what it lists."""
    zsh = need("zsh")
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm", PS1="> ", HOME=str(scripts))
        os.execl(zsh, "zsh", "-f", "-i")
    seen = b""

    def until(text):
        nonlocal seen
        end = time.monotonic() + SAFETY_NET_S
        while text not in seen:
            assert time.monotonic() < end, seen
            try:
                seen += os.read(terminal, 4096)
            except OSError:
                pytest.fail(f"zsh ended: {seen}")

    try:
        # Every offer is listed at once, without a question.
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 200, 200, 0, 0))
        os.write(terminal, f"autoload -Uz compinit; compinit -u -D; source {scripts}/zsh; LISTMAX=999\n".encode())
        os.write(terminal, b"bindkey '^I' list-choices; echo rea''dy\n")
        until(b"ready\r\n")
        seen = b""
        os.write(terminal, line.encode() + b"\t")
        until(b"\r\n")  # zsh lists nothing while somebody goes on typing
        os.write(terminal, b"\x15echo en''ded\n")
        until(b"ended\r\n")
    finally:
        os.close(terminal)
        os.waitpid(pid, 0)
    listed = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", " ", seen.decode(errors="replace").partition("\r\n")[2].partition("echo en")[0])
    return set(listed.split()) - set(line.split())  # the line is shown again below the list


ASK = {"bash": in_bash, "zsh": in_zsh, "fish": in_fish}


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("line, offered, not_offered", [
    ("vtlab ", {"run", "observe", "prove", "completion"}, {"blocking-io"}),
    ("vtlab run ", {"blocking-io", "spawn-join"}, {"virtual"}),
    ("vtlab run blocking-io --mode=", {"virtual", "platform", "gmp", "all"}, {"blocking-io"}),
    ("vtlab run blocking-io --mode ", {"virtual", "java-virtual"}, {"blocking-io"}),
    ("vtlab run --fo", {"--format"}, {"--mode", "run"}),
    ("vtlab report --format ", {"html", "perfetto"}, {"fentry"}),
    ("vtlab prove gain.", {"gain.creation", "gain.stack"}, {"exist.virtual"}),
    ("vtlab replay ", {"m-to-n", "pinning"}, {"blocking-io"}),
    ("vtlab completion ", {"bash", "zsh", "fish"}, {"virtual"}),
])
def test_a_shell_offers_what_may_come_next(scripts, shell, line, offered, not_offered):
    found = ASK[shell](scripts, line)
    assert offered <= found, found
    assert not not_offered & found


def test_after_a_comma_bash_offers_further_modes(scripts):
    assert {"virtual,platform", "virtual,pool"} <= in_bash(scripts, "vtlab run --mode=virtual,p")


def test_after_a_comma_fish_offers_further_modes(scripts):
    assert {"platform", "pool"} <= in_fish(scripts, "vtlab run --mode=virtual,p")


def test_the_words_of_another_program_are_not_vtlabs(scripts):
    assert "--mode" not in in_bash(scripts, "vtlab observe -- make --")


def test_an_unknown_shell_is_said_with_those_that_there_are(anyone):
    done = anyone.run("completion", "bsh").ended_with(2)
    assert "unknown shell 'bsh'" in done.err and "fish" in done.err


@pytest.fixture(scope="module")
def manual(binaries):
    return subprocess.run([binaries / "vtlab", "manual"], capture_output=True, text=True, check=True, timeout=SAFETY_NET_S).stdout


def test_the_man_page_has_no_fault_that_a_checker_finds(manual):
    done = subprocess.run([need("mandoc"), "-man", "-Tlint", "-Wwarning"], input=manual, capture_output=True, text=True, check=False,
                          timeout=SAFETY_NET_S)
    # It has no date: it is made of the program, whose version it names.
    assert [fault for fault in done.stdout.splitlines() if "missing date" not in fault] == []


def test_the_man_page_tells_of_every_command_and_option(manual, anyone):
    read = subprocess.run([need("mandoc"), "-man", "-Tutf8"], input=manual, capture_output=True, text=True, check=True,
                          timeout=SAFETY_NET_S).stdout
    plain = re.sub(".\b", "", read)
    text = anyone.run("--help").ended_with(0).out
    commands = re.findall(r"^  ([a-z]+) ", text[text.index("Subcommands:"):], re.M)
    assert len(commands) > 8
    for command in commands:
        assert f"vtlab {command}" in plain
        for option in re.findall(r"^  (?:-\w,)?(--[a-z-]+)", anyone.run(command, "--help").ended_with(0).out, re.M):
            assert option == "--help" or option in plain, (command, option)


def test_the_help_fits_a_screen(anyone):
    assert len(anyone.run("--help").ended_with(0).out.splitlines()) <= 24
