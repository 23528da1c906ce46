"""kernels.py: Debian's own kernels, found and fetched by apt, which checks the archive's signatures.

Owns      a folder with an apt of its own: sources, lists and cache. The system's are only read for proxies and the like.
Rule      A kernel comes from a list that apt has verified against Debian's keys, and its package has the hash that stands
          there, each time. Versions move, so they are looked up by the metapackage, never written here.
"""
import dataclasses
import hashlib
import os
import pathlib
import pwd
import re
import shutil
import subprocess
import tarfile

SERIES = ("5.10", "6.1", "6.12")  # and the newest that there is
METAPACKAGE = "linux-image-cloud-amd64"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"  # Debian's package debian-archive-keyring

# One release of Debian per series, and unstable. A release that is no longer supported moves to the archive; its Release
# file then says that it has run out, which does not make its signature worse.
SOURCES = f"""Types: deb
URIs: http://deb.debian.org/debian-security
Suites: bullseye-security bookworm-security trixie-security
Components: main
Architectures: amd64
Check-Valid-Until: no
Signed-By: {KEYRING}

Types: deb
URIs: http://deb.debian.org/debian
Suites: sid
Components: main
Architectures: amd64
Signed-By: {KEYRING}
"""

# Nothing of it needs privileges, and apt's own user could not enter a cache in somebody's home.
CONFIGURATION = """Dir::State "{home}";
Dir::State::Lists "{home}/lists";
Dir::State::status "/dev/null";
Dir::Cache "{home}/cache";
Dir::Etc::SourceList "{home}/debian.sources";
Dir::Etc::SourceParts "/dev/null";
APT::Architecture "amd64";
APT::Architectures {{ "amd64"; }};
APT::Get::AllowUnauthenticated "false";
APT::Sandbox::User "";
Acquire::AllowInsecureRepositories "false";
Acquire::Languages "none";
Acquire::Retries "3";
"""


class Cannot(Exception):
    """This machine cannot get or run the kernels, and why."""


@dataclasses.dataclass(frozen=True)
class Kernel:
    series: str  # "6.12", or "newest"
    package: str
    version: str  # Debian's
    image: pathlib.Path

    @property
    def release(self):
        return self.version.partition("-")[0]


def cache_folder():
    """$XDG_CACHE_HOME/vtlab/kernels: it outlives a checkout, so a kernel is fetched once."""
    home = pwd.getpwuid(os.getuid()).pw_dir  # not $HOME, which is somebody else's under sudo
    return pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path(home, ".cache")) / "vtlab/kernels"


class Apt:
    def __init__(self, folder):
        self.folder = folder
        for each in ("lists/partial", "cache/archives/partial"):
            (folder / each).mkdir(parents=True, exist_ok=True)
        (folder / "debian.sources").write_text(SOURCES)
        (folder / "apt.conf").write_text(CONFIGURATION.format(home=folder))

    def run(self, *words, cwd=None):
        environment = {**os.environ, "APT_CONFIG": str(self.folder / "apt.conf"), "LC_ALL": "C.UTF-8"}
        return subprocess.run(words, env=environment, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              check=False)

    def update(self):
        """What apt complained about. A list that could not be fetched or verified stays as it was the last time."""
        done = self.run("apt-get", "update", "-q")
        return [line for line in (done.stdout + done.stderr).splitlines() if line.startswith(("E:", "W:"))]

    def show(self, package, field):
        """{version: that field} of every version that the lists have."""
        found = {}
        for paragraph in self.run("apt-cache", "show", package).stdout.split("\n\n"):
            fields = dict(re.findall(r"^(\S+): (.*)$", paragraph, re.M))
            if "Version" in fields:
                found[fields["Version"]] = fields.get(field, "")
        return found

    def download(self, package, version, folder):
        """The package's file. apt checks what it fetches; what was fetched before is held against the same list here."""
        hash_in_list = self.show(package, "SHA256")[version]
        for file in folder.glob(f"{package}_*.deb"):
            if hashlib.sha256(file.read_bytes()).hexdigest() == hash_in_list:
                return file
            file.unlink()
        done = self.run("apt-get", "download", "-q", f"{package}={version}", cwd=folder)
        if done.returncode != 0:
            raise Cannot(f"apt cannot fetch {package} {version}: {first_line(done.stderr)}")
        (file,) = folder.glob(f"{package}_*.deb")
        return file


def needs(*tools):
    for tool in tools:
        if not shutil.which(tool):
            raise Cannot(f"there is no {tool}")


def first_line(text):
    return next(iter(text.strip().splitlines()), "no reason given").removeprefix("E: ").removeprefix("W: ")


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
    needs("apt-get", "apt-cache", "dpkg-deb")
    if not pathlib.Path(KEYRING).exists():
        raise Cannot(f"there is no {KEYRING} (package debian-archive-keyring)")
    packages = cache / "packages"
    try:
        apt = Apt(cache / "apt")
        packages.mkdir(exist_ok=True)
    except OSError as error:
        raise Cannot(f"cannot write to {error.filename}: {error.strerror}") from None
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
        file = apt.download(package, version, packages)
        kernels.append(Kernel(series, package, version, folder / f"vmlinuz-{version}"))
        unpack_image(file, kernels[-1].image)
    for file in packages.glob("*.deb"):  # of other days
        if not any(file.name.startswith(kernel.package + "_") for kernel in kernels):
            file.unlink()
    return kernels
