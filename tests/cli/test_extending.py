"""docs/extending.md, followed to the letter: its listings go into a copy of the tree, its names into the registries, and what its
commands print is what stands below them.

The copy is configured by CMake. Then only what the document touches is compiled; all other objects are those of VTLAB_BUILD_DIR,
so this takes seconds. Not followed: the probe (it needs all of the BPF programs once more) and the unit test of the claim.
"""
import os
import pathlib
import re
import shlex
import shutil
import subprocess

import pytest

from support import REPOSITORY, Lab, cannot

DOCUMENT = (REPOSITORY / "docs/extending.md").read_text()
TREE = ("CMakeLists.txt", "Makefile.bpf", "cmake", "cli", "probes", "recordings", "scenarios", "symbols", "vthreads", "docs/glossary.md")
COMPILE_S = 300  # a safety net: many may compile at once here


def section(heading):
    """What stands below a heading, to the next one of the same rank."""
    rank = heading.partition(" ")[0]
    return re.split(rf"^{rank} ", DOCUMENT.split(f"\n{heading}\n", 1)[1], flags=re.M)[0]


def follow_registry(tree, kind, text):
    """"`PATH`, and the line `NAME`:" and its listing; the table at the top says where the line goes."""
    path, name, listing = re.search(r"^`(\S+)`, and the (?:line|name) `(\S+)`:\n\n```cpp\n(.*?)^```", text, re.M | re.S).groups()
    (tree / path).write_text(listing)
    registry = tree / re.search(rf"`vtlab_registry\({kind} …\)`, `(\S+)`", DOCUMENT)[1]
    changed, times = re.subn(rf"(vtlab_registry\({kind} [^)]*)\)", rf"\1 {name})", registry.read_text())
    assert times == 1, f"{registry} has no vtlab_registry({kind} …)"
    registry.write_text(changed)
    return path


def follow_insertions(tree, text):
    """"In `PATH`, before `LINE`:" and a listing, for each of them."""
    touched = []
    for path, before, listing in re.findall(r"In\s+`(\S+)`,\s+before\s+`([^`]+)`:\n\n```cpp\n(.*?)^```", text, re.M | re.S):
        old = (tree / path).read_text()
        assert f"\n{before}\n" in old, f"{path} has no line {before}"
        (tree / path).write_text(old.replace(f"\n{before}\n", f"\n{listing}\n{before}\n", 1))
        touched.append(path)
    return touched


def run(*command, **how):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=COMPILE_S, check=False, **how)
    assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


class Copy:
    """A copy of the tree with a build folder, to which the objects of another build are given."""

    def __init__(self, folder, built):
        self.tree, self.build, self.built = folder, folder / "build", built
        for name in TREE:
            source, target = REPOSITORY / name, folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, symlinks=True)
            else:
                shutil.copy(source, target)

    def configure(self):
        known = dict(re.findall(r"^(CMAKE_BUILD_TYPE|CMAKE_CXX_COMPILER|CMAKE_C_COMPILER):\w+=(.*)$",
                                (self.built / "CMakeCache.txt").read_text(), re.M))
        run("cmake", "-G", "Ninja", "-S", self.tree, "-B", self.build, "-DVTLAB_TESTS=OFF",
            *(f"-D{key}={value}" for key, value in known.items()))

    def do(self, target):
        """The one command that makes this target, as ninja would run it."""
        told = run("ninja", "-C", self.build, "-t", "commands", "-s", target)
        run("sh", "-c", "\n".join(line for line in told.splitlines() if not line.startswith("ninja: ")), cwd=self.build)

    def take(self, pattern):
        for file in self.built.glob(pattern):
            target = self.build / file.relative_to(self.built)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(file.resolve())

    def make(self, library, sources):
        """Compiles these sources and puts them into the library in place of what it has of them."""
        folder = pathlib.Path(library).parent / "CMakeFiles" / f"{pathlib.Path(library).stem.removeprefix('lib')}.dir"
        objects = [str(folder / (str(pathlib.Path(source).relative_to(pathlib.Path(library).parent)) + ".o")) for source in sources]
        for each in objects:
            (self.build / each).parent.mkdir(parents=True, exist_ok=True)
            self.do(each)
        (self.build / library).unlink()  # a link: the other build keeps its own
        shutil.copy(self.built / library, self.build / library)
        run("ar", "r", library, *objects, cwd=self.build)


@pytest.fixture(scope="module")
def extended(tmp_path_factory):
    """vtlab as somebody has it who did what the document says."""
    built = pathlib.Path(os.environ.get("VTLAB_BUILD_DIR") or pytest.skip("VTLAB_BUILD_DIR is not given, so there are no objects"))
    if not (built / "build.ninja").exists() or shutil.which("cmake") is None:
        cannot(f"{built} was not made with ninja, or there is no cmake")
    copy = Copy(tmp_path_factory.mktemp("extending"), built)
    scenario = follow_registry(copy.tree, "scenario", section("## A scenario"))
    mode = follow_registry(copy.tree, "mode", section("## A mode"))
    claim = follow_insertions(copy.tree, section("## A mode"))
    assert claim, "the document shows no claim"
    form = follow_registry(copy.tree, "renderer", section("## A format"))
    copy.configure()
    copy.take("**/*.a")
    copy.take("scenarios/CMakeFiles/vtlab-child.dir/*.o")
    copy.take("cli/CMakeFiles/vtlab.dir/*.o")
    sources = [scenario, mode, "scenarios/catalogue.cpp", *(path for path in claim if path.endswith(".cpp"))]
    copy.make("scenarios/libscenarios.a", dict.fromkeys(sources))
    copy.make("cli/render/librender.a", [form, "cli/render/registry.cpp"])
    copy.do("bin/vtlab-child")
    copy.do("bin/vtlab")
    yield Lab(copy.build / "bin")
    shutil.rmtree(copy.tree)


def shown(heading):
    """The first command of a section that is run, and the lines that it must print, without the space between their words."""
    text = section(heading)
    command, block = re.search(r"^```\n\$ sudo ./vtlabw ([^\n]+)\n(.*?)^```", text, re.M | re.S).groups()
    lines = [" ".join(line.split()) for line in block.splitlines()]
    return shlex.split(command), [line for line in lines if line and not line.startswith(("…", "─"))]


@pytest.mark.parametrize("heading", ["## A scenario", "## A mode", "## A format"])
def test_what_the_document_adds_prints_what_the_document_shows(extended, heading):
    words, lines = shown(heading)
    assert lines
    printed = [" ".join(line.split()) for line in extended.run(*words).ended_with(0).out.splitlines()]
    at = -1
    for line in lines:
        assert line in printed[at + 1:], f"not printed, or not in this order: {line}\n" + "\n".join(printed)
        at = printed.index(line, at + 1)
