"""Scenarios whose units ask the kernel themselves: for tasks, for the time, for more than there is."""
import resource
import subprocess

from support import NOBODY, cannot, is_root

SMALL = 60


def rows(done):
    return {row["action"]: row["kernel_tasks"] for row in done.document["results"][0]["ledger"]}


def metric(done, key):
    return done.document["results"][0]["metrics"][key]


def test_of_64_subsets_of_the_clone_flags_32_make_a_task(each_observer):
    done = each_observer.run("run", "clone-flags", "--mode=green", "--tasks", 64, "--format", "json").ended_with(0)
    assert rows(done) == {"start-green-thread": 0, "raw-clone": 32}


def test_each_of_nine_ways_makes_exactly_its_tasks(bpf, binaries):
    done = bpf.run("run", "creation-paths", "--mode=platform", "--tasks", 18, "--format", "json").ended_with(0)
    made = rows(done)
    if metric(done, "io_uring_workers")["value"] == 0:
        cannot("this system refuses io_uring")
    expected = {action: 2 for action in ("call-fork", "vfork", "posix-spawn", "pthread-create", "raw-clone",
                                         "raw-clone3", "io-uring-worker")}
    if (binaries / "vtlab-musl").exists():
        expected |= {"start-musl-program": 2, "musl-thread": 2}
    else:
        assert "musl-tools" in metric(done, "musl_threads")["missing_because"]
    assert made == expected | {"start-platform-thread": 18}


def test_a_mode_that_creation_paths_does_not_go_with_is_refused_with_the_reason(anyone):
    done = anyone.run("run", "creation-paths", "--mode=virtual").ended_with(2)
    assert "an io_uring worker is made once for each thread" in done.err


def test_a_scenario_shows_the_records_that_it_is_about_unless_other_views_are_asked_for(bpf):
    run = ("run", "same-call", "--mode=platform,virtual", "--tasks", 11, "--delay", "5ms")
    assert "Calls per unit" in bpf.run(*run).ended_with(0).out
    assert "Calls per unit" not in bpf.run(*run, "--show", "ledger").ended_with(0).out


def test_what_a_scenario_is_about_is_not_asked_of_an_observer_that_cannot_see_it(nobody):
    assert "Calls per unit" not in nobody.run("run", "vdso", "--tasks", 11, "--observer", "ptrace").ended_with(0).out


def test_threshold_names_the_limit_that_refused_and_calls_nothing_missing(nobody):
    if not is_root() or subprocess.run(["pgrep", "-u", str(NOBODY)], capture_output=True).stdout:
        cannot("needs a user of whom nothing else runs")
    before = resource.getrlimit(resource.RLIMIT_NPROC)
    resource.setrlimit(resource.RLIMIT_NPROC, (SMALL, before[1]))  # binds nobody but user nobody: root is exempt
    try:
        done = nobody.run("run", "threshold", "--mode=platform", "--tasks", 5000, "--format", "json").ended_with(0)
    finally:
        resource.setrlimit(resource.RLIMIT_NPROC, before)
    result = done.document["results"][0]
    alive = metric(done, "units_started")["value"]
    assert SMALL - 5 <= alive < SMALL
    assert rows(done) == {"start-platform-thread": alive}
    claim = next(c for c in result["claims"] if c["id"] == "gain.threshold")
    assert claim["verdict"] == "holds" and f"by ulimit -u, which is {SMALL}" in claim["because"]
