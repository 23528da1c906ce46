"""kernels.py: Debian's own kernels, found and fetched by an apt of its own (fetch/packages.py).

Rule      Versions move, so they are looked up by the metapackage, never written here.
"""
import dataclasses
import pathlib
import re
import subprocess
import sys
import tarfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "fetch"))
import packages  # noqa: E402
from packages import Cannot, first_line  # noqa: E402

SERIES = ("5.10", "6.1", "6.12")  # and the newest that there is
METAPACKAGE = "linux-image-cloud-amd64"

# One release of Debian per series, and unstable. A release that is no longer supported moves to the archive; its Release
# file then says that it has run out, which does not make its signature worse.
SOURCES = packages.source("debian-security", "bullseye-security bookworm-security trixie-security", "amd64",
                          "Check-Valid-Until: no\n") + packages.source("debian", "sid", "amd64")


@dataclasses.dataclass(frozen=True)
class Kernel:
    series: str  # "6.12", or "newest"
    package: str
    version: str  # Debian's
    image: pathlib.Path

    @property
    def release(self):
        return self.version.partition("-")[0]


def age(version):
    return [int(number) for number in re.findall(r"\d+", version)]


def package_with_image(apt, version):
    """From the metapackage down its dependencies to the package that has the kernel in it."""
    package = METAPACKAGE
    while True:
        depends = apt.show(package, "Depends").get(version, "")
        deeper = re.search(r"\blinux-(?:binary|image)-\d[^ ,]*", depends)
        if not deeper:
            return package
        package = deeper[0]


def unpack_image(package, target):
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE) as process:
        with tarfile.open(fileobj=process.stdout, mode="r|") as files:
            for member in files:
                # boot/vmlinuz-VERSION; in newer packages usr/lib/modules/VERSION/vmlinuz.
                if member.isfile() and pathlib.PurePath(member.name).name.startswith("vmlinuz"):
                    target.write_bytes(files.extractfile(member).read())
        process.stdout.read()
    if not target.exists():
        raise Cannot(f"{package.name} has no kernel image")


def fetch(cache, folder, say):
    """One kernel of each series and the newest, their images unpacked into `folder`."""
    apt = packages.Apt(cache, SOURCES, "amd64")
    complaints = apt.update()
    for line in complaints:
        say(line)
    versions = sorted(apt.show(METAPACKAGE, "Version"), key=age)
    kernels = []
    for series in (*SERIES, "newest"):
        fitting = [each for each in versions if series == "newest" or each.startswith(series + ".")]
        if not fitting:
            raise Cannot(f"apt knows no kernel {series}: {first_line(complaints[0]) if complaints else 'its lists have none'}")
        version = fitting[-1]
        if any(version == kernel.version for kernel in kernels):
            continue
        package = package_with_image(apt, version)
        file = apt.download(package, version)
        kernels.append(Kernel(series, package, version, folder / f"vmlinuz-{version}"))
        unpack_image(file, kernels[-1].image)
    apt.keep_only({kernel.package for kernel in kernels})
    return kernels
