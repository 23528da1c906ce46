#!/usr/bin/env python3
"""run.py: boots Debian's kernels, runs suite-kernel in each, and writes docs/kernel-support.md.

Called by tests/run. By hand:

    tests/vm/run.py --programs build/dev/bin [--only 6.1,newest] [--junit FILE]

With --only the document is left alone. Exit codes: 0 done, 1 something failed, 2 usage.
"""
import sys

sys.dont_write_bytecode = True  # the checkout may belong to somebody else

import argparse  # noqa: E402
import concurrent.futures  # noqa: E402
import os  # noqa: E402
import pathlib  # noqa: E402
import signal  # noqa: E402
import tempfile  # noqa: E402
import time  # noqa: E402
import xml.etree.ElementTree as xml  # noqa: E402

import document  # noqa: E402
import kernels  # noqa: E402
import machine  # noqa: E402
import packages  # noqa: E402 (kernels has put its folder on the path)

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
REQUIRED = os.environ.get("VTLAB_REQUIRE_KERNEL") == "1"


def say(text):
    print(text, flush=True)


def parse(words):
    parser = argparse.ArgumentParser(description="The kernel suite on real kernels.")
    add = parser.add_argument
    add("--programs", type=pathlib.Path, metavar="DIR", default=REPOSITORY / "build/dev/bin",
        help="where suite-kernel and vtlab-child are (default build/dev/bin)")
    add("--only", metavar="SERIES,…", help=f"of {', '.join(kernels.SERIES)}, newest; the document is then left alone")
    add("--junit", type=pathlib.Path, metavar="FILE", help="the results for tests/summary.py")
    options = parser.parse_args(words)
    options.only = options.only.split(",") if options.only else None
    unknown = set(options.only or []) - {*kernels.SERIES, "newest"}
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are: {', '.join(kernels.SERIES)}, newest")
    return options


def boots_of(kernel, initramfs, folder, accelerators):
    """A kernel as Debian boots it, and from 6.12 on also fully preemptible, where probes can be skipped."""
    def boot(*arguments):
        begin = time.monotonic()
        report = machine.boot(kernel.image, initramfs, arguments, accelerators[0], folder)
        # A VM that ended without its last line is tried once more, and only that: an emulator may crash, a suite may not.
        if not report.ended:
            del accelerators[:-1]  # KVM may not work after all
            report = machine.boot(kernel.image, initramfs, arguments, accelerators[0], folder)
        done = document.Boot(kernel, report, full=bool(arguments))
        say(f"{done.label}: {done.passed} of {len(report.cases)} tests passed, {done.exact} rungs exact, "
            f"in {time.monotonic() - begin:.0f} s")
        return done

    done = [boot()]
    report = done[0].report
    if report.dynamic and kernels.age(kernel.release) >= [6, 12] and report.preempt != "full":
        done.append(boot("preempt=full"))
    return done


def boots(found, initramfs, folder):
    """All of them, in the order of the kernels. As many kernels at once as there are CPUs: a VM seldom needs both of its own."""
    accelerators = machine.accelerators()
    with concurrent.futures.ThreadPoolExecutor(max(1, len(os.sched_getaffinity(0)))) as pool:
        try:
            jobs = []
            for kernel in found:
                own = folder / kernel.series
                own.mkdir()
                jobs.append(pool.submit(boots_of, kernel, initramfs, own, accelerators))
            for job in jobs:
                yield from job.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            machine.end_all()
            raise


def why_worthless(report):
    if not report.ended:
        return "the VM ended without its last line, twice"
    if report.status != 0 and not any(map(machine.problems, report.cases)):
        return f"suite-kernel ended with exit code {report.status} and names no failed test"
    return None if report.cases else "suite-kernel ran no test"


def add_cases(suite, boot):
    """The test cases of one VM as cases of ours; how many failed."""
    if why := why_worthless(boot.report):
        case = xml.SubElement(suite, "testcase", name=f"{boot.label}: the VM runs the suite to its end")
        tail = "\n".join(boot.report.console.splitlines()[-30:])
        xml.SubElement(case, "failure", message=why).text = tail
        say(f"{boot.label}: {why}. The end of its console:\n{tail}")
        return 1
    failed = 0
    for case in boot.report.cases:
        copy = xml.SubElement(suite, "testcase", name=f"{boot.label}: {case.get('name')}", time=case.get("time", "0"))
        for problem in machine.problems(case):
            copy.append(problem)
            say(f"{copy.get('name')}: {(problem.text or '').strip()}")
        failed += len(copy) > 0
    return failed


def run(options, suite):
    with tempfile.TemporaryDirectory(prefix="vtlab-vm-") as name:
        folder = pathlib.Path(name)
        machine.accelerators()  # says at once if there is no emulator
        initramfs = machine.pack(folder, options.programs)
        found = kernels.fetch(packages.cache_folder("kernels"), folder, say)
        if options.only:
            found = [kernel for kernel in found if kernel.series in options.only]
        done, failed = [], 0
        for each in boots(found, initramfs, folder):
            done.append(each)
            failed += add_cases(suite, each)
    if not options.only and not any(why_worthless(each.report) for each in done):
        (REPOSITORY / "docs/kernel-support.md").write_text(document.text(done))
    return failed


def main():
    options = parse(sys.argv[1:])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # by an exception, so that no VM is left running
    suites = xml.Element("testsuites")
    suite = xml.SubElement(suites, "testsuite", name="vm")
    try:
        failed = run(options, suite)
    except kernels.Cannot as reason:
        case = xml.SubElement(suite, "testcase", name="real kernels in VMs")
        xml.SubElement(case, "failure" if REQUIRED else "skipped", message=f"skipped: {reason}")
        say(f"cannot run: {reason}")
        failed = int(REQUIRED)
    if options.junit:
        xml.ElementTree(suites).write(options.junit, encoding="utf-8", xml_declaration=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
