"""subjects.py: who takes part. Finds the built C++ programs, builds the Go and Java ones, knows what each cannot do.

Owns      a temporary folder for what is built here (and one in --runtime-root), removed by Subjects.close().
Rule      A subject that is missing is a reason that people can act on, never a failure.
"""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field

from host_memory import available_memory
from processes import Missing

HERE = pathlib.Path(__file__).resolve().parent
LABELS = {"vthreads": "vthreads", "boost-context": "raw Boost.Context", "boost-fiber": "Boost.Fiber",
          "go": "Go", "java": "JVM virtual threads", "platform": "platform threads", "epoll": "raw epoll"}
PROGRAMS = {"vthreads": "bench-vthreads", "boost-context": "bench-context", "boost-fiber": "bench-boost-fiber",
            "platform": "bench-platform", "epoll": "bench-epoll"}
CLIENT = "bench-echo-client"
# Of the `ops` of a case: so that a slow subject takes as long as a fast one. Java does each work five times.
SHARE_OF_OPS = {"vthreads": 1, "boost-context": 1, "boost-fiber": 0.5, "go": 0.5, "java": 0.2, "platform": 0.02}
# Measured per parked unit, rounded up; to know beforehand whether 10^6 fit.
BYTES_PER_UNIT = {"vthreads": 4_800, "boost-context": 4_800, "boost-fiber": 9_000, "go": 3_500, "java": 3_000,
                  "platform": 30_000}
MOST_PLATFORM_THREADS = 20_000
OLDEST_JAVA = 21
GO_SETTINGS = ["CGO_ENABLED=0", "GOTOOLCHAIN=local", "GOPROXY=off", "GOFLAGS=-mod=mod"]
# Below the root of a system.
GO_PLACES, JAVA_PLACES = ("usr/lib/go-*/bin/go", "usr/local/go/bin/go"), ("usr/lib/jvm/*/bin/java",)
# Java and Go look at /proc; a mount namespace of its own leaves nothing mounted behind. Only exec: one process.
IN_ROOT = ["unshare", "--mount", "sh", "-c", 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"']
TO_INSTALL = {
    "go": "apt-get install golang-go, or name one: --go PATH, --runtime-root DIR",
    "java": f"it takes JDK {OLDEST_JAVA} or later (Debian 13: apt-get install openjdk-25-jdk-headless), "
            "or name one: --java PATH, --runtime-root DIR",
}


@dataclass
class Subject:
    key: str
    command: list
    version: str = ""
    works: frozenset = frozenset()
    properties: object = field(default=lambda carriers: [])  # words that go between command and work

    def words(self, work, n, carriers, ops):
        before, after = self.command
        return [*before, *self.properties(carriers), *after, work,
                "--n", str(n), "--carriers", str(carriers), "--ops", str(ops)]

    def ask(self, question):
        before, after = self.command
        return output([*before, *after, question]).strip()

    @property
    def label(self):
        named = re.match(r"(Go|JDK) (\S+)", self.version)
        if named and named[1] == "Go":
            return f"Go {named[2]}"
        return f"JDK {named[2]} virtual threads" if named else LABELS[self.key]

    def cannot(self, work, n, carriers):
        """Why this subject has no number for a case; None if it has."""
        if work.asks_for not in self.works:
            return "has no such work"
        if self.key == "boost-context" and carriers > 1:
            return "knows one carrier only"
        if self.key == "platform" and work.name == "echo" and carriers == 1:
            return "a thread per connection has no carriers: see 2"
        if not work.per_unit and self.units(n) < n:
            return f"at most {self.units(n):,} units"
        free, needed = available_memory(), self.units(n) * BYTES_PER_UNIT.get(self.key, 0)
        if needed > 0.8 * free:
            return f"needs {needed / 1e9:.1f} GB of memory, {free / 1e9:.1f} GB are available"
        return None

    def units(self, n):
        """How many of n units are tried: platform threads end where the kernel ends."""
        if self.key != "platform":
            return n
        limits = [MOST_PLATFORM_THREADS]
        for name in ("pid_max", "threads-max"):
            limits.append(int(pathlib.Path(f"/proc/sys/kernel/{name}").read_text()) * 6 // 10)
        while n > min(limits):
            n //= 10
        return n


def output(words, **how):
    """Standard output of a helper that must succeed; Missing with its last words if it does not."""
    try:
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300,
                              check=False, **how)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Missing(str(error)) from None
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise Missing(lines[-1] if lines else f"{words[0]} ended with {done.returncode}")
    return done.stdout


def find(name, *places, base="/"):
    """The newest program of the first of these groups of paths that has one; of a group None, what PATH says."""
    for place in places:
        found = [shutil.which(name)] if place is None else sorted(
            map(str, place), key=lambda path: [int(part) for part in re.findall(r"\d+", os.path.relpath(path, base))])
        found = [path for path in found if path and os.access(path, os.X_OK)]
        if found:
            return found[-1]
    raise Missing(f"not found{'' if base == '/' else f' in {base}'}: {TO_INSTALL[name]}")


def places_in(base, *patterns):
    return [path for pattern in patterns for path in pathlib.Path(base).glob(pattern)]


def build_go(go, sources, program, *more):
    output(["env", *GO_SETTINGS, *more, go, "build", "-o", str(program), "."], cwd=sources)


def compile_java(before, java, sources, names, classes):
    """What the JDK says that it is; Missing if it is too old."""
    said = output([*before, java, "--version"])
    feature = re.search(r"\d+", said)
    if not feature or int(feature[0]) < OLDEST_JAVA:
        raise Missing(f"{said.splitlines()[0]} has no virtual threads: {TO_INSTALL['java']}")
    output([*before, java, "-m", "jdk.compiler/com.sun.tools.javac.Main", "-d", str(classes),
            *(str(sources / name) for name in names)])
    return said


class Subjects:
    """Every subject that was asked for and is here, in the order of LABELS; `missing` says why others are not."""

    def __init__(self, wanted, programs, go=None, java=None, root=None):
        self.programs, self.go, self.java, self.root = programs, go, java, root
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="vtlab-bench-"))
        self.folder_in_root = None
        self.found, self.missing = [], {}
        try:
            for key in LABELS:
                if key in wanted:
                    self._add(key)
        except BaseException:
            self.close()
            raise

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        if self.folder_in_root:
            shutil.rmtree(self.folder_in_root, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    @property
    def client(self):
        return str(self.programs / CLIENT)

    def _add(self, key):
        try:
            if key == "go":
                subject = self._build_go()
            elif key == "java":
                subject = self._build_java()
            else:
                subject = self._built(key)
            subject.version = subject.ask("version")
            subject.works = frozenset(subject.ask("works").split())
            self.found.append(subject)
        except Missing as why:
            self.missing[key] = str(why)

    def _built(self, key):
        program = self.programs / PROGRAMS[key]
        if not os.access(program, os.X_OK):
            hint = "; it takes libboost-fiber-dev" if key == "boost-fiber" else ""
            raise Missing(f"{program} is not built{hint}")
        return Subject(key, ([str(program)], []))

    def _inside(self):
        """The folder in --runtime-root, as seen from outside and from inside."""
        if self.folder_in_root is None:
            if os.geteuid() != 0:
                raise Missing("--runtime-root needs root (chroot)")
            if not (pathlib.Path(self.root) / "tmp").is_dir():
                raise Missing(f"{self.root} is not the root of a system")
            where = pathlib.Path(self.root) / "tmp"
            self.folder_in_root = pathlib.Path(tempfile.mkdtemp(prefix="vtlab-bench-", dir=where))
        return self.folder_in_root, pathlib.Path("/tmp") / self.folder_in_root.name

    def _find(self, name, places):
        """The program as a path, in --runtime-root if that was given."""
        if not self.root:
            return find(name, None, places_in("/", *places))
        return "/" + os.path.relpath(find(name, places_in(self.root, *places), base=self.root), self.root)

    def _build_go(self):
        program = self.folder / "bench-go"
        if self.root and not self.go:
            go = self._find("go", GO_PLACES)
            outside, inside = self._inside()
            shutil.copytree(HERE / "go", outside / "go")
            output([*IN_ROOT, self.root, "env", f"--chdir={inside / 'go'}", *GO_SETTINGS, "HOME=/root",
                    go, "build", "-o", str(inside / "bench-go"), "."], cwd="/")
            shutil.copy(outside / "bench-go", program)  # linked statically, so it runs out here
        else:
            go = self.go or self._find("go", GO_PLACES)
            build_go(go, HERE / "go", program)
        return Subject("go", ([str(program)], []))

    def _build_java(self):
        names = [path.name for path in sorted((HERE / "java").glob("*.java"))]
        if self.root and not self.java:
            java = self._find("java", JAVA_PLACES)
            outside, inside = self._inside()
            shutil.copytree(HERE / "java", outside / "java")
            before, sources, classes = [*IN_ROOT, self.root], inside / "java", inside / "classes"
        else:
            java = self.java or self._find("java", JAVA_PLACES)
            before, sources, classes = [], HERE / "java", self.folder / "classes"
        compile_java(before, java, sources, names, classes)

        def properties(carriers):
            scheduler = "-Djdk.virtualThreadScheduler"
            return [f"{scheduler}.parallelism={carriers}", f"{scheduler}.maxPoolSize={carriers}"]
        return Subject("java", ([*before, java, "-cp", str(classes)], ["Bench"]), properties=properties)
