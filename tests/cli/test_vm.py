"""tests/vm: what it makes of VMs that crash, suites that die and machines that cannot; with a stub in QEMU's place."""
import pathlib
import subprocess
import sys
import threading
import xml.etree.ElementTree as xml

import pytest

from support import REPOSITORY

VM = REPOSITORY / "tests/vm"
sys.path.insert(0, str(VM))

import document  # noqa: E402
import kernels  # noqa: E402
import machine  # noqa: E402
import run as suite_vm  # noqa: E402

KERNEL = kernels.Kernel("6.12", "linux-image-6.12.1-cloud-amd64", "6.12.1-1", pathlib.Path("vmlinuz"))
REPORT = """release 6.12.1-cloud
build #1 SMP {dynamic}
preempt voluntary
<?xml version="1.0"?><testsuites><testsuite><testcase name="a"/><testcase name="b">{problem}</testcase>
<system-out>
rung: exits tp_btf sched_process_exit exact
rung: exits tracepoint sched_process_exit {answer}
</system-out></testsuite></testsuites>
end {status}
"""


def said(dynamic="", problem="", answer="exact", status=0):
    return REPORT.format(dynamic=dynamic, problem=problem, answer=answer, status=status)


@pytest.fixture
def qemu(tmp_path, monkeypatch):
    """qemu(report, …): the VMs of this test say these one after the other; their command lines are in `.started`."""
    stub, reports = tmp_path / "qemu", tmp_path / "reports"
    reports.mkdir()
    stub.write_text(f"""#!/bin/bash
case "$*" in *" -S "*) exit 1 ;; esac
number=$(ls {reports}/*.started 2>/dev/null | wc -l)
echo "$*" > {reports}/$number.started
files=($(grep -o 'file:[^ ]*' <<<"$*" | cut -d: -f2))
echo "console of VM $number" > "${{files[0]}}"
cp {reports}/$number "${{files[1]}}"
""")
    stub.chmod(0o755)
    monkeypatch.setattr(machine, "QEMU", str(stub))

    def boots(*texts):
        for number, text in enumerate(texts):
            (reports / str(number)).write_text(text)
        return list(suite_vm.boots([KERNEL], pathlib.Path("initramfs"), tmp_path))

    boots.started = lambda: [file.read_text() for file in sorted(reports.glob("*.started"))]
    return boots


def cases(boot):
    suite = xml.Element("testsuite")
    return suite_vm.add_cases(suite, boot), {case.get("name"): machine.problems(case) for case in suite}


def test_a_vm_that_ends_without_its_last_line_is_tried_once_more(qemu):
    (boot,) = qemu(said()[:-10], said())
    failed, found = cases(boot)
    assert failed == 0 and list(found) == ["6.12.1: a", "6.12.1: b"]
    assert len(qemu.started()) == 2


def test_once_all_vms_are_ended_none_is_tried_again(qemu, monkeypatch):
    monkeypatch.setattr(machine, "_no_more", threading.Event())
    machine.end_all()
    (boot,) = qemu(said(), said())
    assert not boot.report.ended
    assert qemu.started() == []


def test_a_vm_that_never_comes_to_its_last_line_fails_and_shows_its_console(qemu, capsys):
    (boot,) = qemu("", "")
    failed, found = cases(boot)
    assert failed == 1 and len(found) == 1
    assert "console of VM 1" in capsys.readouterr().out
    assert len(qemu.started()) == 2


def test_a_test_that_failed_in_a_vm_fails_and_is_not_tried_again(qemu):
    (boot,) = qemu(said(problem='<failure message="2 == 3"/>', status=1))
    failed, found = cases(boot)
    assert failed == 1 and found["6.12.1: b"] and not found["6.12.1: a"]
    assert boot.passed == 1
    assert len(qemu.started()) == 1


@pytest.mark.parametrize("report", [
    said(status=139), said().replace("</testsuites>", ""), said().replace("<testcase", "<case").replace("</testcase", "</case")])
def test_a_suite_that_died_in_a_vm_fails(qemu, report):
    (boot,) = qemu(report)
    assert cases(boot)[0] == 1


def test_a_kernel_whose_preemption_can_be_chosen_is_booted_a_second_time_with_full_preemption(qemu):
    usual, full = qemu(said("PREEMPT_DYNAMIC"), said("PREEMPT_DYNAMIC"))
    assert [usual.label, full.label] == ["6.12.1", "6.12.1 full"]
    first, second = qemu.started()
    assert "preempt=full" not in first and "preempt=full" in second


@pytest.mark.parametrize("answer, word", [
    ("load refused: EPERM", "no"), ("attached, but not counted", "attached"), ("wrong", "wrong")])
def test_the_document_says_what_is_not_exact_and_why(qemu, answer, word):
    boots = qemu(said("PREEMPT_DYNAMIC"), said("PREEMPT_DYNAMIC", answer=answer))
    text = document.text(boots)
    assert "| `exits` | tp_btf | `sched_process_exit` | exact | exact |" in text
    assert f"| `exits` | tracepoint | `sched_process_exit` | exact | **{word}** 1 |" in text
    assert text.endswith(f"\n1. {answer}\n")
    assert document.text(boots) == text


@pytest.mark.parametrize("required, tag, code", [("", "skipped", 0), ("1", "failure", 1)])
def test_without_qemu_the_suite_is_skipped_with_a_reason_and_fails_where_it_is_required(tmp_path, required, tag, code):
    junit = tmp_path / "vm.xml"
    done = subprocess.run([sys.executable, VM / "run.py", "--junit", junit], capture_output=True, text=True, check=False,
                          env={"PATH": str(tmp_path), "VTLAB_REQUIRE_KERNEL": required})
    assert done.returncode == code, done.stderr
    (case,) = xml.parse(junit).getroot().iter("testcase")
    assert "qemu-system-x86_64" in case.find(tag).get("message")


def test_an_unknown_series_is_refused_with_those_that_there_are():
    done = subprocess.run([sys.executable, VM / "run.py", "--only", "6.2"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "6.2" in done.stderr and "5.10, 6.1, 6.12, newest" in done.stderr
