"""Mistakes of people and limits of machines: what is wrong, what would be right, and never a run that cannot end well."""
import re
import shutil

import pytest

from support import cannot

RUN = ("run", "spawn-join")


@pytest.mark.parametrize("arguments,word,nearest", [
    (("rnu", "spawn-join"), "command 'rnu'", "run"),
    (("reprot", "x.json"), "command 'reprot'", "report"),
    (("run", "blocking-oi"), "scenario 'blocking-oi'", "blocking-io"),
    (("run", "spawnjoin"), "scenario 'spawnjoin'", "spawn-join"),
    ((*RUN, "--mode=virtaul"), "mode 'virtaul'", "virtual"),
    ((*RUN, "--mode=platform,frok"), "mode 'frok'", "fork"),
    ((*RUN, "--format", "jsn"), "format 'jsn'", "json"),
    ((*RUN, "--observer", "ebfp"), "observer 'ebfp'", "ebpf"),
    ((*RUN, "--rung", "fentyr"), "rung 'fentyr'", "fentry"),
    ((*RUN, "--show", "ledger,pahts"), "view 'pahts'", "path"),
])
def test_an_unknown_name_names_the_nearest_one(anyone, arguments, word, nearest):
    done = anyone.run(*arguments).ended_with(2)
    assert f"unknown {word}; did you mean '{nearest}'?" in done.err
    assert "there are: " in done.err
    assert done.out == ""


@pytest.mark.parametrize("arguments", [("run", "zzzzzzzzzzzz"), (*RUN, "--mode=zzzzzzzzzzzz"), ("zzzzzzzzzzzz",)])
def test_a_name_far_from_all_gets_the_list_and_no_guess(anyone, arguments):
    done = anyone.run(*arguments).ended_with(2)
    assert "there are: " in done.err and "did you mean" not in done.err


@pytest.mark.parametrize("option,value", [
    *[("--tasks", value) for value in ("0", "-1", "x", "1.5", "99999999999", "99999999999999999999999", "", "1 0", "k", "0x10", "+7")],
    *[("--carriers", value) for value in ("0", "-1", "two", "1025")],
    *[("--procs", value) for value in ("0", "P", "1025")],
    *[("--delay", value) for value in ("banana", "-1s", "1h", "ms", "nan", "inf", "1e99s", "")],
    *[("--repeat", value) for value in ("0", "x", "1001")],
    *[("--seed", value) for value in ("-1", "x", "18446744073709551616")],
    *[("--timeout", value) for value in ("soon", "-1s")],
])
def test_a_bad_value_is_repeated_with_its_option_and_what_would_be_right(anyone, option, value):
    done = anyone.run("run", "blocking-io", "--mode=all", f"{option}={value}").ended_with(2)
    assert option in done.err
    if value:
        assert f"'{value}'" in done.err and re.search(r"such as \S+", done.err)
    assert done.out == ""


@pytest.mark.parametrize("arguments,says", [
    (("run",), "SCENARIO"),
    (("report",), "FILE"),
    (("run", "spawn-join", "extra"), "extra"),
    (("run", "spawn-join", "--nosuch"), "--nosuch"),
    (("run", "spawn-join", "--tasks"), "--tasks"),
    (("run", "spawn-join", "--mode=virtual,"), "unknown mode ''"),
    (("run", "spawn-join", "--delay", "1s"), "--delay"),
    (("run", "spawn-join", "--procs", "2"), "it is for: gmp"),
    (("run", "spawn-join", "--mode=platform,fork", "--poller", "io_uring"), "it is for: virtual, green, gmp"),
    (("run", "spawn-join", "--poller", "iouring"), "did you mean 'io_uring'?"),
    (("run", "parked-memory", "--mode=pool", "--tasks", "3", "--carriers", "2"), "would never begin"),
])
def test_a_command_line_that_cannot_be_read_says_what_is_wrong(anyone, arguments, says):
    done = anyone.run(*arguments).ended_with(2)
    assert done.err.startswith("vtlab: ") and says in done.err
    assert done.out == ""


def test_no_command_at_all_shows_help_and_is_an_error(anyone):
    done = anyone.run().ended_with(2)
    assert "Usage" in done.out + done.err


# Limits of the machine.

def largest_offered(done):
    found = re.search(r"--tasks (\d+) +the largest that fits", done.err)
    assert found, done.err
    return int(found[1])


def plans(nobody, *arguments):
    """Does the plan accept it? An ordinary user who asks for eBPF is refused after the plan, before anything starts."""
    done = nobody.run(*arguments, "--observer", "ebpf").ended_with(3)
    return "cannot observe with eBPF" in done.err


def test_more_threads_than_the_machine_has_room_for_are_refused_with_the_limit(nobody):
    done = nobody.run(*RUN, "--mode=platform", "--tasks", "10M", "--observer", "ebpf").ended_with(3)
    assert "10000000 units in mode 'platform'" in done.err
    [name, value, needed] = re.search(r"why +(.+?) is (\d+),? .*?(\d+) would be needed", done.err).groups()
    assert re.match(r"kernel\.|vm\.|ulimit|pids\.max|MemAvailable", name), name
    assert int(value) < int(needed)
    assert done.out == ""


def test_more_threads_than_pid_max_name_a_limit_and_the_largest_that_fits(nobody):
    pid_max = int(open("/proc/sys/kernel/pid_max", encoding="ascii").read())
    tasks = min(pid_max + 1, 10_000_000)
    for _ in range(5):  # other people's processes come and go between two calls
        largest = largest_offered(nobody.run(*RUN, "--mode=platform", "--tasks", tasks, "--observer", "ebpf").ended_with(3))
        assert 0 < largest < tasks
        assert not plans(nobody, *RUN, "--mode=platform", "--tasks", min(tasks, largest + largest // 10 + 1))
        if plans(nobody, *RUN, "--mode=platform", "--tasks", largest):
            return
    pytest.fail("the largest that fits was refused five times")


def limited(lab, limit):
    if shutil.which("prlimit") is None:
        cannot("prlimit (util-linux) is not installed")
    lab.before = [*lab.before, "prlimit", limit]
    return lab


def test_more_connections_than_open_files_are_refused_with_the_limit(nobody):
    lab = limited(nobody, "--nofile=1064:1064")
    done = lab.run("run", "blocking-io", "--tasks", 5003).ended_with(3)
    assert "ulimit -n (hard) is 1064" in done.err
    largest = largest_offered(done)
    assert plans(lab, "run", "blocking-io", "--tasks", largest)
    assert not plans(lab, "run", "blocking-io", "--tasks", largest + 1)


@pytest.mark.parametrize("mode", ["virtual", "platform", "fork", "green"])
def test_the_largest_number_of_connections_that_fits_really_runs(nobody, mode):
    lab = limited(nobody, "--nofile=664:664")
    run = ("run", "blocking-io", f"--mode={mode}", "--delay", "10ms")
    largest = largest_offered(lab.run(*run, "--tasks", 5003).ended_with(3))
    [result] = lab.results(*run, "--tasks", largest)["results"]
    assert result["metrics"]["units_done"]["value"] == largest


@pytest.mark.parametrize("mode", ["platform", "fork"])
def test_the_largest_number_of_tasks_that_a_user_may_have_really_runs(nobody, mode):
    lab = limited(nobody, "--nproc=307:307")
    # The units wait together, so that all of them are alive at once.
    run = ("run", "blocking-io", f"--mode={mode}", "--delay", "1s")
    refused = lab.run(*run, "--tasks", 401).ended_with(3)
    assert "ulimit -u is 307" in refused.err
    largest = largest_offered(refused)
    [result] = lab.results(*run, "--tasks", largest)["results"]
    assert result["kernel_tasks"] == result["metrics"]["units_done"]["value"] == largest


def test_all_modes_skip_what_does_not_fit_and_say_so(nobody):
    lab = limited(nobody, "--nproc=307:307")
    document = lab.results("run", "spawn-join", "--mode=all", "--tasks", 401)
    foreign = {"java-platform", "java-virtual", "go"}  # may be here or not; test_runtimes.py
    assert {result["mode"] for result in document["results"]} - foreign == {"virtual", "green", "gmp", "pool", "event-loop"}
    skipped = {skip["mode"]: skip["because"] for skip in document["skipped"] if skip["mode"] not in foreign}
    assert set(skipped) == {"platform", "fork"}
    for because in skipped.values():
        assert "ulimit -u is 307" in because and re.search(r"the largest that fits is --tasks \d+", because)


def test_modes_that_were_named_are_never_skipped_in_silence(nobody):
    lab = limited(nobody, "--nproc=307:307")
    lab.run("run", "spawn-join", "--mode=virtual,platform", "--tasks", 401).ended_with(3)


def test_ebpf_without_privileges_is_refused_with_what_to_type(nobody):
    done = nobody.run(*RUN, "--observer", "ebpf").ended_with(3)
    assert "CAP_BPF" in done.err and re.search(r"type +sudo .*run spawn-join", done.err)


@pytest.mark.parametrize("rung", ["fentry", "kprobe", "tp_btf", "tracepoint"])
def test_a_rung_that_was_asked_for_is_used_or_refused_and_never_replaced(bpf, rung):
    done = bpf.run(*RUN, "--tasks", 31, "--mode=platform", "--rung", rung, "--format", "json")
    if done.code == 3:
        assert re.search(r"cannot .*\n +why +\S", done.err)
        return
    [result] = done.ended_with(0).document["results"]
    assert {probe["rung"] for probe in result["probes"]} <= {rung, ""}
    wake_new = next(probe for probe in result["probes"] if probe["counter"] == "wake_new")
    if wake_new["rung"]:
        assert result["kernel_tasks"] == 31
    else:
        assert "kernel_tasks" not in result and result["kernel_tasks_missing_because"]
        assert {claim["verdict"] for claim in result["claims"]} == {"not-testable-here"}
        assert [tried["because"] != "" for tried in wake_new["tried"] if tried["rung"] == rung] == [True]


def test_in_a_container_root_counts_with_ptrace_and_says_why(bpf):
    if shutil.which("unshare") is None:
        cannot("unshare (util-linux) is not installed")
    bpf.before = ["unshare", "--pid", "--fork", "--mount-proc"]
    document = bpf.results(*RUN, "--mode=fork", "--tasks", 31)
    assert (document["results"][0]["observer"], document["results"][0]["kernel_tasks"]) == ("ptrace", 31)
    assert "pid namespace" in " ".join(document["notes"])
    assert "pid namespace" in bpf.run(*RUN, "--observer", "ebpf").ended_with(3).err


def test_a_missing_workload_program_is_named(anyone, folder):
    shutil.copy(anyone.folder / "vtlab", folder / "vtlab")
    anyone.folder = folder
    done = anyone.run(*RUN, "--tasks", 7).ended_with(3)
    assert str(folder / "vtlab-child") in done.err and "No such file or directory" in done.err
