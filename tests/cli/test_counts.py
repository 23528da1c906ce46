"""What vtlab is for: how many kernel tasks each mode makes, and which action made them."""
import pytest

from support import PTRACE, by_mode, ledger

ALL = "virtual,platform,fork,pool,green,event-loop"
TASKS, CARRIERS = 211, 3

ACTIONS = {
    "virtual": ("start-carrier", CARRIERS),
    "platform": ("start-platform-thread", TASKS),
    "fork": ("fork", TASKS),
    "pool": ("start-pool-thread", CARRIERS),
    "green": ("start-green-thread", 0),
    "event-loop": ("post-callback", 0),
}


def blocking(lab):
    document = lab.results("run", "blocking-io", f"--mode={ALL}", "--tasks", TASKS, "--carriers", CARRIERS,
                           "--delay", "20ms")
    return by_mode(document)


def test_each_mode_makes_exactly_the_kernel_tasks_that_it_promises(each_observer):
    results = blocking(each_observer)
    assert list(results) == ALL.split(",")
    for mode, (action, expected) in ACTIONS.items():
        result = results[mode]
        assert result["observer"] == each_observer.observer
        assert result["kernel_tasks"] == expected, mode
        assert ledger(result)[action] == expected, mode
        assert sum(ledger(result).values()) == result["kernel_tasks"], mode
        assert result["metrics"]["units_done"]["value"] == TASKS, mode
        assert result["lost_events"] == 0, mode


def test_an_ordinary_user_counts_the_same_tasks_as_root(bpf, nobody):
    privileged, ordinary = blocking(bpf), blocking(nobody)
    assert ({mode: (result["kernel_tasks"], ledger(result)) for mode, result in privileged.items()}
            == {mode: (result["kernel_tasks"], ledger(result)) for mode, result in ordinary.items()})


def test_threads_share_their_creators_memory_and_forks_do_not(each_observer):
    document = each_observer.results("run", "spawn-join", "--mode=platform,fork", "--tasks", 101)
    shared = {result["mode"]: sum(row.get("sharing_mm", 0) for row in result["ledger"]) for result in document["results"]}
    assert shared == {"platform": 101, "fork": 0}


@pytest.mark.parametrize("scenario", ["spawn-join", "blocking-io"])
def test_gmp_makes_one_sysmon_and_a_few_ms_however_many_gs_there_are(each_observer, scenario):
    delay = ["--delay", "20ms"] if scenario == "blocking-io" else []
    for tasks in (1, 1009):
        [result] = each_observer.results("run", scenario, "--mode=gmp", "--tasks", tasks, "--carriers", 2,
                                         *delay)["results"]
        made = ledger(result)
        assert (made["start-g"], made["start-sysmon"]) == (0, 1)
        assert 1 <= made["start-m"] <= 6
        assert sum(made.values()) == result["kernel_tasks"] == made["start-m"] + 1
        assert result["metrics"]["units_done"]["value"] == tasks
        assert [claim["verdict"] for claim in result["claims"] if claim["id"] == "exist.gmp"] == ["holds"]


def test_procs_are_the_ps_of_gmp_and_carriers_those_of_the_others(anyone):
    document = anyone.results("run", "spawn-join", "--mode=virtual,gmp", "--tasks", 7, "--carriers", 3, "--procs", 1)
    params = {mode: result["params"] for mode, result in by_mode(document).items()}
    assert (params["virtual"]["carriers"], params["gmp"]["procs"]) == (3, 1)
    assert "procs" not in params["virtual"] and "carriers" not in params["gmp"]


def test_the_poller_is_told_of_the_modes_that_have_one(anyone):
    document = anyone.results("run", "spawn-join", "--mode=virtual,platform", "--tasks", 7)
    params = {mode: result["params"] for mode, result in by_mode(document).items()}
    assert params["virtual"]["poller"] == "epoll" and "poller" not in params["platform"]


def test_a_hundred_thousand_vthreads_make_only_their_carriers(each_observer):
    result = each_observer.results("run", "spawn-join", "--tasks", 100_000, "--carriers", 2)["results"][0]
    assert result["mode"] == "virtual"
    assert (result["kernel_tasks"], ledger(result)["start-virtual-thread"]) == (2, 0)
    assert result["metrics"]["units_done"]["value"] == 100_000


def test_options_may_stand_before_the_scenario(each_observer):
    document = each_observer.results("run", "--mode=virtual", "--tasks", 10_007, "--carriers", 2, "blocking-io")
    [result] = document["results"]
    assert (result["scenario"], result["params"]["tasks"], result["kernel_tasks"]) == ("blocking-io", 10_007, 2)


def test_a_number_may_end_in_k(anyone):
    [result] = anyone.results("run", "spawn-join", "--tasks", "2k")["results"]
    assert result["params"]["tasks"] == 2000


@pytest.mark.parametrize("mode,expected", [("virtual", 1), ("platform", 1), ("fork", 1), ("pool", 1), ("green", 0),
                                           ("event-loop", 0)])
def test_one_unit_on_one_carrier_is_enough_for_every_mode(each_observer, mode, expected):
    [result] = each_observer.results("run", "blocking-io", f"--mode={mode}", "--tasks", 1, "--carriers", 1,
                                     "--delay", "1ms")["results"]
    assert result["kernel_tasks"] == expected


def test_carriers_are_as_many_as_asked_also_with_fewer_units(each_observer):
    [result] = each_observer.results("run", "spawn-join", "--tasks", 3, "--carriers", 13)["results"]
    assert ledger(result)["start-carrier"] == result["kernel_tasks"] == 13


def test_repetitions_are_all_reported_and_all_count_the_same(each_observer):
    document = each_observer.results("run", "spawn-join", "--mode=platform,virtual", "--tasks", 53, "--carriers", 2,
                                     "--repeat", 5)
    for mode, expected in (("platform", 53), ("virtual", 2)):
        repetitions = by_mode(document)[mode]["repetitions"]
        assert [(r["kernel_tasks"], r["units_done"]) for r in repetitions] == [(expected, 53)] * 5


def test_a_mode_named_twice_runs_once(anyone):
    assert len(anyone.results("run", "spawn-join", "--mode=green,green", "--tasks", 7)["results"]) == 1


def test_root_can_ask_for_the_observer_of_ordinary_users(root):
    document = root.results("run", "spawn-join", "--mode=fork", "--tasks", 31, "--observer", PTRACE)
    [result] = document["results"]
    assert (result["observer"], result["kernel_tasks"]) == (PTRACE, 31)


def test_an_ordinary_user_is_told_what_was_not_seen_and_what_to_type(nobody):
    document = nobody.results("run", "spawn-join", "--tasks", 7)
    notes = "\n".join(document["notes"])
    assert "CAP_BPF" in notes and "sudo " in notes
    switches = document["results"][0]["metrics"]["switches_per_unit"]
    assert "value" not in switches and switches["missing_because"]


def test_every_claim_of_a_sound_run_holds(each_observer):
    document = each_observer.results("run", "spawn-join", f"--mode={ALL}", "--tasks", 101)
    verdicts = {claim["id"]: claim["verdict"] for result in document["results"] for claim in result["claims"]}
    assert verdicts and set(verdicts.values()) == {"holds"}, verdicts
