"""machine.py: one initramfs with the suite in it, and a VM that runs it on a given kernel.

Owns      the QEMU processes that it starts; none outlives its call of boot(), or end_all().
Threads   boot() may run in several at once, each with a folder of its own.
Rule      What counts is what the VM says on its second serial port. The first one is the console, read by people only.
"""
import contextlib
import dataclasses
import pathlib
import platform
import re
import shutil
import subprocess
import threading
import xml.etree.ElementTree as xml

import kernels  # noqa: F401 (puts the folder of packages on the path)
from packages import Cannot, needs

HERE = pathlib.Path(__file__).resolve().parent
QEMU = "qemu-system-x86_64"
BUSYBOX = pathlib.Path("/bin/busybox")
SAFETY_NET_S = {"kvm": 300, "tcg": 900}  # for one VM; on an idle machine it takes under one minute, and about four


@dataclasses.dataclass
class Report:
    """What a VM said. If it did not end, only `console` is there, and says how far it got."""
    console: str
    ended: bool = False  # by itself, after its last line
    status: int = -1  # exit code of the suite
    release: str = ""
    dynamic: bool = False  # its preemption can be chosen when it boots
    preempt: str = ""  # as it says itself; kernels before 5.12 do not
    cases: list = dataclasses.field(default_factory=list)  # JUnit's <testcase>; none if the suite died
    output: str = ""  # what the suite printed


def problems(case):
    return [*case.iter("failure"), *case.iter("error")]


def libraries_of(programs):
    """The shared libraries and the loader, as the loader finds them here."""
    found = set()
    for program in programs:
        listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
        found.update(re.findall(r"(?:=> |^\s+)(/\S+)", listed, re.M))
    return sorted(found)


def pack(folder, programs):
    """The initramfs: busybox, /init, the suite, the programs that it observes, and their libraries. Needs no privileges."""
    needs("cpio", "ldd", "strip")
    suite, *observed = (programs.absolute() / name for name in ("suite-kernel", "vtlab-child", "task-mix"))
    for needed in (suite, *observed, BUSYBOX):
        if not needed.exists():
            raise Cannot(f"there is no {needed}")
    root = folder / "root"
    shutil.rmtree(root, ignore_errors=True)
    for each in ("bin", "dev", "etc", "proc", "sys", "tmp"):
        (root / each).mkdir(parents=True)
    shutil.copy(HERE / "init", root / "init")
    shutil.copy(BUSYBOX, root / "bin/busybox")
    (root / "bin/true").symlink_to("busybox")
    (root / "etc/passwd").write_text("root:x:0:0:root:/:/bin/sh\n")

    def at(path):
        target = root / str(path).lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        return target

    subprocess.run(["strip", "-o", root / "suite-kernel", suite], check=True)
    for program in observed:  # where the suite was compiled to look for them
        subprocess.run(["strip", "-o", at(program), program], check=True)
    for program in (*programs.absolute().glob("makes-tasks-*"), *programs.absolute().glob("vtlab-musl")):  # with their debug files
        shutil.copy(program, at(program))
    for library in libraries_of((suite, *observed)):
        shutil.copy(library, at(library))

    names = "\n".join(str(path.relative_to(root)) for path in sorted(root.rglob("*")))
    archive = folder / "initramfs"  # not compressed: the guest is much slower than this machine
    with archive.open("wb") as out:
        subprocess.run(["cpio", "-o", "-H", "newc", "-R", "0:0", "--quiet"], cwd=root, input=names.encode(), stdout=out,
                       check=True)
    return archive


def accelerators():
    """Best first. KVM may be there and still not work, as in a VM whose host withholds a register."""
    if platform.machine() != "x86_64":
        raise Cannot(f"the kernels are for x86-64, this machine is {platform.machine()}")
    needs(QEMU)
    kvm = ["-accel", "kvm", "-cpu", "host"]
    try:
        tried = subprocess.run([QEMU, *kvm, "-S", "-display", "none", "-serial", "none", "-monitor", "stdio"], input="quit\n",
                               capture_output=True, text=True, timeout=30, check=False)
        works = tried.returncode == 0
    except subprocess.TimeoutExpired:
        works = False
    # Without la57 the guest's page tables have four levels instead of five, which is an eighth less work to emulate.
    # One thread for both CPUs: with two, QEMU 7.2 may translate code while the other CPU patches it (as attaching a probe does),
    # keep the breakpoint that was there for a moment, and run into it for ever.
    return [kvm] * works + [["-accel", "tcg,thread=single", "-cpu", "max,la57=off"]]


_running = set()
_no_more = threading.Event()


def end_all():
    """Ends the VMs of all threads, for good: their boot(), and each that is called later, returns at once."""
    _no_more.set()
    for process in list(_running):
        process.kill()


def boot(kernel, initramfs, arguments, accelerator, folder):
    if _no_more.is_set():
        return Report("was not booted")
    console, said = folder / "console", folder / "said"
    for file in (console, said):
        file.unlink(missing_ok=True)
    # mitigations=off: they only make an emulated CPU slower. Nothing that is probed depends on them.
    command = ["nice", QEMU, *accelerator, "-m", "1024", "-smp", "2", "-display", "none", "-monitor", "none", "-no-reboot",
               "-nic", "none", "-serial", f"file:{console}", "-serial", f"file:{said}",
               "-kernel", kernel, "-initrd", initramfs,
               "-append", " ".join(["console=ttyS0 quiet panic=-1 mitigations=off", *arguments])]
    seconds = SAFETY_NET_S[accelerator[1].partition(",")[0]]
    complaint = ""
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          text=True) as process:
        _running.add(process)
        if _no_more.is_set():
            process.kill()
        try:
            complaint = process.communicate(timeout=seconds)[1]
        except subprocess.TimeoutExpired:
            complaint = f"was ended after {seconds} s\n"
        finally:
            process.kill()
            _running.discard(process)
    text = said.read_text(errors="replace").replace("\r", "") if said.exists() else ""
    report = Report((console.read_text(errors="replace") if console.exists() else "") + complaint)
    whole = re.fullmatch(r"release (.*)\nbuild (.*)\npreempt (.*)\n((?s:.*))\nend (\d+)\n", text)
    if whole:
        report.release, build, report.preempt, junit, status = whole.groups()
        report.ended, report.status, report.dynamic = True, int(status), "PREEMPT_DYNAMIC" in build
        with contextlib.suppress(xml.ParseError):
            suite = xml.fromstring(junit)
            report.cases = list(suite.iter("testcase"))
            report.output = "".join(each.text or "" for each in suite.iter("system-out"))
    return report
