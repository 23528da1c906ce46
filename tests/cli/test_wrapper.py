"""./vtlabw: what it says when something is missing, and that it stays out of the way when nothing is."""

import os
import pathlib
import pty
import shutil
import subprocess

import pytest

WRAPPER = pathlib.Path(__file__).resolve().parents[2] / "vtlabw"
# What a shell script needs to get as far as looking for packages.
PLAIN_TOOLS = ["bash", "dirname", "readlink", "find", "id", "grep", "cat", "stat", "mktemp", "rm", "env", "tail",
               "head", "mkdir", "tee", "mv"]


@pytest.fixture
def fresh_clone(tmp_path):
    """A checkout in which nothing is built, and a PATH with plain tools only."""
    checkout, tools = tmp_path / "vtlab", tmp_path / "bin"
    checkout.mkdir()
    tools.mkdir()
    shutil.copy(WRAPPER, checkout / "vtlabw")
    for file in ["CMakeLists.txt", "CMakePresets.json", "Makefile.bpf"]:
        (checkout / file).touch()
    for folder in ["cmake", "cli", "docs/lessons", "probes", "recordings", "scenarios", "symbols", "vthreads"]:
        (checkout / folder).mkdir(parents=True)
    (checkout / "docs/glossary.md").touch()
    for tool in PLAIN_TOOLS:
        (tools / tool).symlink_to(shutil.which(tool))
    return checkout, tools


def stub(tools, name, body):
    (tools / name).write_text("#!/bin/bash\n" + body)
    (tools / name).chmod(0o755)


def call(clone, *arguments):
    checkout, tools = clone
    return subprocess.run([checkout / "vtlabw", *arguments], env={"PATH": str(tools), "HOME": "/"},
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)


def test_without_apt_it_says_what_to_install_and_exits_3(fresh_clone):
    result = call(fresh_clone, "list")
    assert result.returncode == 3
    assert "this is no Debian" in result.stderr
    assert "libbpf-dev" in result.stderr and "bpftool" in result.stderr
    assert result.stdout == ""


def test_missing_packages_are_named_and_installed_without_a_question_where_nobody_can_answer(fresh_clone):
    _, tools = fresh_clone
    asked_for = tools / "asked-for"
    stub(tools, "dpkg-query", 'case "$*" in *g++*) echo installed;; *) exit 1;; esac\n')
    stub(tools, "sudo", 'exec "$@"\n')
    stub(tools, "apt-get", f'echo "$*" >> {asked_for}\n')
    result = call(fresh_clone, "list")
    assert "missing Debian packages: cmake ninja-build make" in result.stderr
    assert "g++" not in result.stderr.split("missing Debian packages:")[1].splitlines()[0]
    lines = asked_for.read_text().splitlines()
    assert lines[0].startswith("update")
    assert "install" in lines[1] and "libbpf-dev" in lines[1] and "g++" not in lines[1]


@pytest.mark.parametrize("arguments, variables, asks", [
    (["list"], {}, True), (["-y", "list"], {}, False), (["list"], {"VTLAB_YES": "1"}, False)])
def test_on_a_terminal_it_asks_before_it_installs_unless_told_not_to(fresh_clone, arguments, variables, asks):
    checkout, tools = fresh_clone
    installed = tools / "installed"
    stub(tools, "dpkg-query", "exit 1\n")
    stub(tools, "sudo", 'exec "$@"\n')
    stub(tools, "apt-get", f'echo "$*" >> {installed}\n')
    master, slave = pty.openpty()
    os.write(master, b"n\n")
    process = subprocess.run([checkout / "vtlabw", *arguments], env={"PATH": str(tools), "HOME": "/", **variables},
                             stdin=slave, stdout=subprocess.PIPE, stderr=slave, timeout=60)
    os.close(slave)
    said = b""
    while True:
        try:
            part = os.read(master, 4096)
        except OSError:  # EIO: everything has been read
            break
        said += part
    os.close(master)
    assert process.returncode == 3  # refused, or (nothing was really installed) cmake is not found
    assert (b"install them now?" in said) == asks
    assert (b"nothing was installed" in said) == asks
    assert installed.exists() != asks
    assert process.stdout == b""


def test_when_apt_fails_its_own_words_are_shown_and_what_to_type(fresh_clone):
    _, tools = fresh_clone
    stub(tools, "dpkg-query", "exit 1\n")
    stub(tools, "sudo", 'exec "$@"\n')
    stub(tools, "apt-get", 'echo "E: Could not resolve the mirror" >&2; exit 100\n')
    result = call(fresh_clone, "list")
    assert result.returncode == 3
    assert "E: Could not resolve the mirror" in result.stderr
    assert "sudo apt-get update && sudo apt-get install cmake" in result.stderr


def test_a_built_checkout_forwards_arguments_exit_code_and_output_unchanged(fresh_clone):
    checkout, _ = fresh_clone
    built = checkout / "build/release/bin"
    built.mkdir(parents=True)
    stub(built, "vtlab", 'printf "<%s>" "$@"; printf "[%s]" "$VTLAB_CALLED_AS"; exit 7\n')
    (checkout / "build/release/.built").touch()
    result = call(fresh_clone, "run", "a b", "--mode=x,y")
    assert result.returncode == 7
    assert result.stdout == f"<run><a b><--mode=x,y>[{checkout}/vtlabw]"
    assert result.stderr == ""


def test_a_source_that_is_younger_than_the_build_makes_it_build_again(fresh_clone):
    checkout, _ = fresh_clone
    built = checkout / "build/release"
    built.mkdir(parents=True)
    (built / ".built").touch()
    os.utime(built / ".built", (1_000_000_000, 1_000_000_000))
    result = call(fresh_clone, "list")
    assert result.returncode == 3  # it got as far as looking for packages
    assert "this is no Debian" in result.stderr
