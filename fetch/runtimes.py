#!/usr/bin/env python3
"""runtimes.py: JDKs and Go from Debian 13, unpacked into a folder so that they also run on Debian 12.

Called by ./vtlabw runtimes. By hand:

    fetch/runtimes.py DIR

Nothing outside of DIR and the cache of packages is written, and nothing needs root. A program of Debian 13 wants a younger
C library than Debian 12 has, so each JDK gets Debian 13's libraries and loader of its own, and its programs are told to use
them. Go's programs are linked statically and stay as they are.
Exit codes: 0 all are ready, 3 one could not be got; those that could are ready all the same.
"""
import sys

sys.dont_write_bytecode = True  # the checkout may belong to somebody else

import dataclasses  # noqa: E402
import fcntl  # noqa: E402
import os  # noqa: E402
import pathlib  # noqa: E402
import re  # noqa: E402
import shutil  # noqa: E402
import subprocess  # noqa: E402

from packages import Apt, Cannot, cache_folder, first_line, needs, source  # noqa: E402

# What java and javac load; the libraries of java.desktop are left out.
LIBRARIES = ("libc6", "libgcc-s1", "libstdc++6", "zlib1g")
MODULES = ("jdk.compiler", "jdk.jfr", "jdk.jcmd", "jdk.management")
LEFT_OUT = ("*/jmods", "*/man", "*/legal", "./usr/share/doc", "./usr/share/go-*/test", "./usr/lib/*/gconv")


@dataclasses.dataclass(frozen=True)
class Runtime:
    name: str  # of the folder
    packages: tuple
    home: str  # where the packages have it; a pattern
    program: str

    @property
    def label(self):
        return {"java": "JDK", "go": "Go"}[self.program]


def jdk(major):
    return Runtime(f"jdk-{major}", (f"openjdk-{major}-jdk-headless", f"openjdk-{major}-jre-headless", *LIBRARIES),
                   f"usr/lib/jvm/java-{major}-openjdk-*", "java")


def go(version):
    return Runtime(f"go-{version}", (f"golang-{version}-go", f"golang-{version}-src"), f"usr/lib/go-{version}", "go")


RUNTIMES = (jdk(21), jdk(25), go("1.24"))


def say(text):
    print(f"vtlabw: {text}", file=sys.stderr, flush=True)


def run(*words):
    """What it wrote; Cannot if it failed."""
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Cannot(f"{pathlib.Path(words[0]).name} failed: {first_line(done.stderr or done.stdout)}")
    return done.stdout


def unpack(package, root):
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE) as files:
        done = subprocess.run(["tar", "-x", "-C", root, "--no-same-owner", *(f"--exclude={each}" for each in LEFT_OUT)],
                              stdin=files.stdout, capture_output=True, text=True, check=False)
    if done.returncode != 0 or files.returncode != 0:
        raise Cannot(f"{package.name} cannot be unpacked: {first_line(done.stderr)}")


def gather(home, root):
    """Puts what Debian spread over /etc and /usr/share where the links to it are. A link to what was left out goes."""
    for link in [path for path in home.rglob("*") if path.is_symlink()]:
        target = pathlib.Path(os.readlink(link))
        meant = pathlib.Path(os.path.normpath(root / target.relative_to("/") if target.is_absolute() else link.parent / target))
        if meant.is_relative_to(home):
            continue
        link.unlink()
        if meant.exists():
            meant.rename(link)


def is_program(path):
    """Has it a program interpreter? Libraries have none and stay as they are: an rpath holds for all that the program loads."""
    if path.is_symlink() or not path.is_file() or not os.access(path, os.X_OK) or ".so" in path.name:
        return False
    with path.open("rb") as file:
        if file.read(4) != b"\x7fELF":
            return False
    return subprocess.run(["patchelf", "--print-interpreter", path], capture_output=True, check=False).returncode == 0


def give_libraries(home, root, place):
    """`home` will be at `place`: a loader is named by an absolute path."""
    own = home / "lib/debian"
    own.mkdir()
    for file in sorted(root.glob("usr/lib*/**/*.so*")):
        if not file.is_relative_to(home) and file.parent.name != "lib64":
            file.rename(own / file.name)
    for file in home.rglob("*"):
        if is_program(file):
            loader = own / pathlib.Path(run("patchelf", "--print-interpreter", file).strip()).name
            if not loader.exists():
                raise Cannot(f"the packages have no {loader.name}")
            up = os.path.relpath(home, file.parent)
            # By force: the older kind of path, which holds for libraries that libraries load.
            run("patchelf", "--force-rpath", "--set-rpath", f"$ORIGIN:$ORIGIN/{up}/lib:$ORIGIN/{up}/lib/debian", "--set-interpreter",
                str(place / loader.relative_to(home)), str(file))


def version_of(runtime, home):
    """As the program itself says it, so that it is known to run."""
    program = home / "bin" / runtime.program
    if runtime.program == "go":
        return re.search(r"go(\S+)", run(program, "env", "GOVERSION"))[1]
    modules = run(program, "--list-modules")
    missing = [each for each in MODULES if f"{each}@" not in modules]
    if missing:
        raise Cannot(f"{runtime.name} has no {', '.join(missing)}")
    return re.search(r"^openjdk (\S+)", run(program, "--version"))[1]


def make(runtime, files, folder, place):
    """From packages to a folder that can be moved to `place`."""
    root = folder / "root"
    root.mkdir(parents=True)
    for file in files:
        unpack(file, root)
    found = list(root.glob(runtime.home))
    if len(found) != 1:
        raise Cannot(f"{runtime.packages[0]} has no {runtime.home}")
    gather(found[0], root)
    if runtime.program == "java":
        give_libraries(found[0], root, place)
    return found[0]


def get(runtime, apt, newest, target):
    """Its version, once it is ready. An interrupted run leaves nothing that has a stamp."""
    place = target / runtime.name
    unknown = [package for package in runtime.packages if package not in newest]
    if unknown:
        raise Cannot(f"apt knows no {', '.join(unknown)}")
    # The place stands in it too: programs that were moved would look for their loader where it was.
    recipe = "".join(f"{package} {newest[package]}\n" for package in runtime.packages) + f"at {place}\n"
    stamp = place / ".packages"
    if stamp.exists() and stamp.read_text().startswith(recipe):
        return stamp.read_text()[len(recipe):].strip()
    say(f"getting {runtime.name}")
    files = [apt.download(package, newest[package]) for package in runtime.packages]
    part = target / f"{runtime.name}.part"
    shutil.rmtree(part, ignore_errors=True)
    home = make(runtime, files, part, place)
    shutil.rmtree(place, ignore_errors=True)
    home.rename(place)
    shutil.rmtree(part)
    version = version_of(runtime, place)
    part = stamp.with_suffix(".part")
    part.write_text(recipe + version + "\n")
    part.rename(stamp)
    return version


def main():
    if len(sys.argv) != 2:
        say("call it as: fetch/runtimes.py DIR")
        return 2
    target = pathlib.Path(sys.argv[1]).resolve()
    ready, failed = [], []
    try:
        needs("dpkg", "patchelf", "tar")
        target.mkdir(parents=True, exist_ok=True)
        cache = cache_folder("runtimes")
        cache.mkdir(parents=True, exist_ok=True)
        with (cache / ".lock").open("w") as lock:  # the packages are shared by all checkouts of this user
            fcntl.flock(lock, fcntl.LOCK_EX)
            architecture = run("dpkg", "--print-architecture").strip()
            apt = Apt(cache, source("debian", "trixie trixie-updates", architecture) +
                      source("debian-security", "trixie-security", architecture), architecture)
            for complaint in apt.update()[:1]:
                say(complaint)
            wanted = sorted({package for runtime in RUNTIMES for package in runtime.packages})
            newest = apt.newest(wanted)
            for runtime in RUNTIMES:
                try:
                    ready.append(f"{runtime.label} {get(runtime, apt, newest, target)}")
                except Cannot as reason:
                    failed.append(f"{runtime.name}: {reason}")
            apt.keep_only(wanted)
    except Cannot as reason:
        failed.append(str(reason))
    except OSError as error:
        failed.append(f"cannot write to {error.filename}: {error.strerror}")
    for reason in failed:
        say(f"cannot get {reason}" if ":" in reason else f"cannot get the runtimes: {reason}")
    if ready:
        say(f"ready: {', '.join(ready)} in {target}")
    return 3 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
