#!/usr/bin/env python3
"""prometheus.py: Prometheus from Debian 12, unpacked into a folder for a test. Nothing of it is installed or started.

Called by ./vtlabw test. By hand:

    fetch/prometheus.py DIR

Exit codes: 0 it is there, 3 it could not be got.
"""
import sys

sys.dont_write_bytecode = True  # the checkout may belong to somebody else

import fcntl  # noqa: E402
import pathlib  # noqa: E402
import subprocess  # noqa: E402

from packages import Apt, Cannot, cache_folder, first_line, source  # noqa: E402

PACKAGE = "prometheus"


def get(target):
    """The version that is now in the folder."""
    cache = cache_folder(PACKAGE)
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / ".lock").open("w") as lock:  # the package is shared by all checkouts of this user
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True)
        architecture = done.stdout.strip()
        apt = Apt(cache, source("debian", "bookworm bookworm-updates", architecture) +
                  source("debian-security", "bookworm-security", architecture), architecture)
        complaints = apt.update()
        version = apt.newest([PACKAGE]).get(PACKAGE)
        if version is None:
            raise Cannot((complaints or ["Debian's lists do not have it"])[0])
        mark = target / ".version"
        if not mark.exists() or mark.read_text() != version:
            package = apt.download(PACKAGE, version)
            target.mkdir(parents=True, exist_ok=True)
            done = subprocess.run(["dpkg-deb", "--extract", package, target], capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise Cannot(first_line(done.stderr))
            mark.write_text(version)
        return version


def main():
    if len(sys.argv) != 2:
        print("vtlabw: call it as: fetch/prometheus.py DIR", file=sys.stderr)
        return 2
    target = pathlib.Path(sys.argv[1]).resolve()
    try:
        print(f"vtlabw: ready: Prometheus {get(target)} in {target}", file=sys.stderr)
    except Cannot as reason:
        print(f"vtlabw: cannot get Prometheus: {reason}", file=sys.stderr)
        return 3
    except OSError as error:
        print(f"vtlabw: cannot get Prometheus: {error.filename}: {error.strerror}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
