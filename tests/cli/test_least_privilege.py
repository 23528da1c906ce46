"""What runs the user's workload has no more rights than that user, whoever started vtlab."""
import pytest

from support import NOBODY

NONE = "0000000000000000"


def workload_status(lab, mode, env=None):
    with lab.start("run", "blocking-io", f"--mode={mode}", "--delay", "60s", "--tasks", 7, "--carriers", 2,
                   env=env or {}) as running:
        return {key: value.split() for key, value in running.units_wait(mode, 7).status().items()}


@pytest.mark.parametrize("mode", ["virtual", "fork"])
def test_the_workload_has_no_capability_and_cannot_gain_one(each_observer, mode):
    status = workload_status(each_observer, mode)
    for which in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
        assert status[which] == [NONE], which
    assert status["NoNewPrivs"] == ["1"]


def test_a_workload_that_root_started_has_an_empty_bounding_set(root):
    assert workload_status(root, "virtual")["CapBnd"] == [NONE]


def test_under_sudo_the_workload_is_the_user_who_typed_it(root):
    status = workload_status(root, "virtual", {"SUDO_UID": str(NOBODY), "SUDO_GID": str(NOBODY)})
    assert status["Uid"] == [str(NOBODY)] * 4
    assert status["Gid"] == [str(NOBODY)] * 4
    assert not set(status["Groups"]) & {"0"}, "groups of root"
    assert status["CapBnd"] == [NONE]


def test_without_sudo_a_workload_of_root_is_still_without_capabilities(root):
    status = workload_status(root, "virtual")
    assert status["Uid"] == ["0"] * 4 and status["CapEff"] == [NONE]


def test_an_ordinary_user_cannot_become_another_by_sudo_uid(nobody):
    status = workload_status(nobody, "virtual", {"SUDO_UID": "0", "SUDO_GID": "0"})
    assert "0" not in status["Uid"]


def test_under_sudo_the_counts_are_those_of_root(bpf):
    environment = {"SUDO_UID": str(NOBODY), "SUDO_GID": str(NOBODY)}
    document = bpf.results("run", "spawn-join", "--mode=platform,fork", "--tasks", 101, env=environment)
    assert [result["kernel_tasks"] for result in document["results"]] == [101, 101]
