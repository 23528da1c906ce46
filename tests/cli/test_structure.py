"""Rules of the house that the compiler cannot say: who may include whom, and how long a file may be."""
import json
import os
import pathlib
import re
import shlex
import subprocess

import pytest

from support import REPOSITORY, cannot

OURS = ("cli", "fetch", "vthreads", "probes", "symbols", "scenarios", "tests", "cmake")
SOURCE = {".cpp", ".h", ".c", ".inc", ".def", ".py", ".sh", ".java", ".go", ".cmake", ".txt"}
LIBRARIES = ("cli/commands", "cli/explain", "cli/lab", "cli/metrics", "cli/prove", "cli/recordings", "cli/render", "cli/result", "cli/statistics", "vthreads", "probes",
             "symbols", "scenarios")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)
MOST_LINES = 600


def files(*folders, endings=(".cpp", ".h", ".c", ".inc", ".def")):
    found = [path for folder in folders for path in sorted((REPOSITORY / folder).rglob("*"))
             if path.suffix in endings and path.is_file()]
    assert found, f"no sources in {folders}"
    return found


def name(path):
    return str(path.relative_to(REPOSITORY))


def includes(path):
    return [match[1] for match in INCLUDE.findall(path.read_text(errors="replace"))]


def test_no_source_file_is_longer_than_600_lines():
    long = {name(path): lines for path in files(*OURS, endings=SOURCE)
            if path.is_file() and "samples" not in path.parts and "expected" not in path.parts
            and (lines := len(path.read_text(errors="replace").splitlines())) > MOST_LINES}
    assert not long


def test_no_include_climbs_out_of_its_library():
    outside = []
    for library in LIBRARIES:
        home = (REPOSITORY / library).resolve()
        for path in files(library):
            outside += [f"{name(path)}: {target}" for target in includes(path) if target.startswith("..")
                        and not (path.parent / target).resolve().is_relative_to(home)]
    assert not outside


@pytest.mark.parametrize("package,pattern,homes", [
    ("libbpf", r"^bpf/(lib)?bpf|^bpf/btf|\.skel\.h$", ("probes/src/",)),
    ("libseccomp", r"^seccomp\.h$", ("probes/src/call_names.cpp",)),
    ("CLI11", r"^CLI/", ("cli/commands/",)),
    ("elfutils", r"^elfutils/|^g?elf\.h$|^dwarf\.h$", ("symbols/src/",)),
    ("nlohmann/json", r"^nlohmann/", ("cli/result/",)),
    ("prometheus-cpp", r"^prometheus/|^civetweb|^Civet", ("cli/metrics/endpoint.cpp",)),
    ("Boost", r"^boost/", ("vthreads/src/continuation", "tests/bench/")),
    ("Catch2", r"^catch2?/", ("tests/",)),
])
def test_every_external_package_has_one_home(package, pattern, homes):
    everywhere = [path for path in files(*OURS) if not name(path).startswith("probes/bpf/")]  # the kernel's side
    users = {name(path) for path in everywhere if any(re.search(pattern, target) for target in includes(path))}
    assert [user for user in users if not user.startswith(homes)] == [], package
    assert users, f"nobody includes {package}: is the pattern right?"


@pytest.mark.parametrize("library", ["cli/explain", "cli/lab", "cli/metrics", "cli/result", "vthreads/src", "vthreads/include", "probes/src", "symbols"])
def test_the_parts_that_compute_do_not_print(library):
    printing = re.compile(r"\b(?:v|f|d|vf|vd)?printf\s*\(|\bf?puts\s*\(|\bstd::(?:cout|cerr|clog)\b|<iostream>|\bfmt::print\b")
    found = []
    for path in files(library):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if printing.search(line.split("//")[0]):
                found.append(f"{name(path)}:{number}: {line.strip()}")
    assert not found


@pytest.mark.parametrize("library,forbidden", [
    ("vthreads", ("vtlab", "scenarios/", "probes/", "lab/", "render/", "result/", "commands/")),
    ("probes", ("scenarios/", "vthreads/", "lab/", "render/", "result/", "commands/")),
    ("symbols", ("scenarios/", "vthreads/", "probes/", "lab/", "render/", "result/", "commands/")),
    ("scenarios", ("probes/", "symbols/", "lab/", "render/", "result/", "commands/")),
    ("cli/statistics", ("scenarios/", "vthreads/", "probes/", "lab/", "render/", "result/", "commands/")),
    ("cli/result", ("scenarios/", "vthreads/", "probes/", "lab/", "render/", "commands/")),
    ("cli/render", ("scenarios/", "vthreads/", "probes/", "lab/", "commands/")),
    ("cli/explain", ("commands/", "vthreads/")),
    ("cli/recordings", ("scenarios/", "vthreads/", "probes/", "lab/", "render/", "result/", "commands/")),
    ("cli/lab", ("render/", "commands/", "metrics/")),
    ("cli/metrics", ("scenarios/", "vthreads/", "probes/", "lab/", "render/", "commands/")),
])
def test_no_library_includes_what_it_must_not_know(library, forbidden):
    assert [f"{name(path)}: {target}" for path in files(library) for target in includes(path)
            if target.startswith(forbidden)] == []


# The same rules as the compiler sees them: with the flags of a file of the library, other libraries are not there.

def flags_of(source):
    folder = os.environ.get("VTLAB_BUILD_DIR")
    if not folder:
        pytest.skip("VTLAB_BUILD_DIR is not given, so there is no compile_commands.json")
    commands = pathlib.Path(folder) / "compile_commands.json"
    if not commands.exists():
        cannot(f"{commands} does not exist")
    for entry in json.loads(commands.read_text()):
        if entry["file"].endswith(source):
            words = shlex.split(entry["command"])
            seen = [word for before, word in zip(words, words[1:])
                    if word.startswith(("-I", "-D", "-std", "-isystem")) or before == "-isystem"]
            return [words[0], *seen, "-fsyntax-only", "-x", "c++", "-"], entry["directory"]
    pytest.fail(f"{commands} has no {source}")


def compiles(source, header):
    command, folder = flags_of(source)
    done = subprocess.run(command, input=f'#include "{header}"\n', cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode == 0, done.stderr


@pytest.mark.parametrize("source,allowed,forbidden", [
    ("cli/render/table.cpp", "result/result.h", "lab/observe.h"),
    ("cli/render/table.cpp", "render/format.h", "scenarios/scenario.h"),
    ("cli/result/result_json.cpp", "result/result.h", "render/renderer.h"),
    ("cli/lab/plan.cpp", "scenarios/catalogue.h", "commands/command.h"),
    ("cli/lab/plan.cpp", "probes/session.h", "render/renderer.h"),
    ("cli/prove/prove.cpp", "lab/observe.h", "render/renderer.h"),
    ("cli/prove/prove.cpp", "scenarios/claim.h", "commands/command.h"),
    ("scenarios/spawn_join.cpp", "vthreads/vthreads.h", "lab/observe.h"),
    ("scenarios/spawn_join.cpp", "scenarios/mode.h", "probes/session.h"),
    ("probes/src/session.cpp", "probes/session.h", "scenarios/actions.h"),
    ("symbols/src/unwind.cpp", "symbols/unwind.h", "probes/session.h"),
    ("vthreads/src/scheduler.cpp", "vthreads/vthreads.h", "scenarios/actions.h"),
])
def test_the_compiler_refuses_a_header_of_a_library_that_is_not_linked(source, allowed, forbidden):
    good, why = compiles(source, allowed)
    assert good, f"the control itself does not compile: {why}"
    bad, why = compiles(source, forbidden)
    assert not bad, f"{source} can include {forbidden}"
    assert f"{forbidden}: No such file" in why


def test_no_test_name_has_a_semicolon_which_cmake_would_split_into_two_tests_that_run_nothing():
    bad = [name(path) for path in files("tests") if re.search(r'TEST_CASE\(\s*"[^"]*;', path.read_text())]
    assert bad == []
