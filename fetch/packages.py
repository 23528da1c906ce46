"""packages.py: Debian's packages, fetched by an apt of its own, which checks the archive's signatures.

Owns      a folder with its sources, lists and cache. The system's are only read for proxies and the like.
Rule      A package comes from a list that apt has verified against Debian's keys, and its file has the hash that stands
          there, each time. Versions move, so they are looked up, never written down.
"""
import hashlib
import os
import pathlib
import pwd
import re
import shutil
import subprocess

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"  # Debian's package debian-archive-keyring
MIRROR = "http://deb.debian.org"

# Nothing of it needs privileges, and apt's own user could not enter a cache in somebody's home.
CONFIGURATION = """Dir::State "{home}";
Dir::State::Lists "{home}/lists";
Dir::State::status "/dev/null";
Dir::Cache "{home}/cache";
Dir::Etc::SourceList "{home}/debian.sources";
Dir::Etc::SourceParts "/dev/null";
APT::Architecture "{architecture}";
APT::Architectures {{ "{architecture}"; }};
APT::Get::AllowUnauthenticated "false";
APT::Sandbox::User "";
Acquire::AllowInsecureRepositories "false";
Acquire::Languages "none";
Acquire::Retries "3";
"""


class Cannot(Exception):
    """This machine cannot get or run what is fetched, and why."""


def needs(*tools):
    for tool in tools:
        if not shutil.which(tool):
            raise Cannot(f"there is no {tool}")


def first_line(text):
    return next(iter(text.strip().splitlines()), "no reason given").removeprefix("E: ").removeprefix("W: ")


def cache_folder(name):
    """$XDG_CACHE_HOME/vtlab/NAME: it outlives a checkout, so a package is fetched once."""
    home = pwd.getpwuid(os.getuid()).pw_dir  # not $HOME, which is somebody else's under sudo
    return pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path(home, ".cache")) / "vtlab" / name


def source(archive, suites, architecture, extra=""):
    """A paragraph of debian.sources. `archive` is debian or debian-security."""
    return (f"Types: deb\nURIs: {MIRROR}/{archive}\nSuites: {suites}\nComponents: main\nArchitectures: {architecture}\n"
            f"{extra}Signed-By: {KEYRING}\n\n")


class Apt:
    """Packages are kept in `cache`/packages. Cannot: a tool or the keyring is missing, or the folder is not writable."""

    def __init__(self, cache, sources, architecture):
        needs("apt-get", "apt-cache", "dpkg-deb")
        if not pathlib.Path(KEYRING).exists():
            raise Cannot(f"there is no {KEYRING} (package debian-archive-keyring)")
        self.folder = cache / "apt"
        self.packages = cache / "packages"
        try:
            for each in (self.folder / "lists/partial", self.folder / "cache/archives/partial", self.packages):
                each.mkdir(parents=True, exist_ok=True)
            (self.folder / "debian.sources").write_text(sources)
            (self.folder / "apt.conf").write_text(CONFIGURATION.format(home=self.folder, architecture=architecture))
        except OSError as error:
            raise Cannot(f"cannot write to {error.filename}: {error.strerror}") from None

    def run(self, *words, cwd=None):
        environment = {**os.environ, "APT_CONFIG": str(self.folder / "apt.conf"), "LC_ALL": "C.UTF-8"}
        return subprocess.run(words, env=environment, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              check=False)

    def update(self):
        """What apt complained about. A list that could not be fetched or verified stays as it was the last time."""
        done = self.run("apt-get", "update", "-q")
        return [line for line in (done.stdout + done.stderr).splitlines() if line.startswith(("E:", "W:"))]

    def paragraphs(self, *words):
        """The fields of each package that apt-cache shows, a field per line."""
        for paragraph in self.run("apt-cache", "show", *words).stdout.split("\n\n"):
            fields = dict(re.findall(r"^(\S+): (.*)$", paragraph, re.M))
            if "Version" in fields:
                yield fields

    def show(self, package, field):
        """{version: that field} of every version that the lists have."""
        return {fields["Version"]: fields.get(field, "") for fields in self.paragraphs(package)}

    def newest(self, packages):
        """{package: the version that apt would install}, without those that the lists do not have."""
        return {fields["Package"]: fields["Version"] for fields in self.paragraphs("--no-all-versions", *packages)}

    def download(self, package, version):
        """The package's file. apt checks what it fetches; what was fetched before is held against the same list here."""
        hash_in_list = self.show(package, "SHA256")[version]
        for file in self.packages.glob(f"{package}_*.deb"):
            if hashlib.sha256(file.read_bytes()).hexdigest() == hash_in_list:
                return file
            file.unlink()
        done = self.run("apt-get", "download", "-q", f"{package}={version}", cwd=self.packages)
        if done.returncode != 0:
            raise Cannot(f"apt cannot fetch {package} {version}: {first_line(done.stderr)}")
        (file,) = self.packages.glob(f"{package}_*.deb")
        return file

    def keep_only(self, packages):
        """Removes what was fetched on other days."""
        for file in self.packages.glob("*.deb"):
            if file.name.partition("_")[0] not in packages:
                file.unlink()
