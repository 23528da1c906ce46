"""The same scenarios in the real Go: every goroutine is done, and what the kernel made for them is Ms."""
import pytest

from support import EBPF, PTRACE, Lab, cannot, ledger

# P is all that a scenario without long calls needs: an M each, as many to be handed over, sysmon and the template thread.
WITHOUT_LONG_CALLS = ["spawn-join", "blocking-io", "same-call", "echo-server", "sleepers", "timer-storm", "cpu-bound",
                      "parked-memory", "ping-pong", "yield-storm", "lost-updates", "pinned"]
WITH_DELAY = ["blocking-io", "same-call", "sleepers", "timer-storm", "pinned", "blocking-syscall"]
SIZES = [(1, 1), (97, 1), (97, 2), (211, 2)]


class Ptraced(Lab):
    """Whoever runs the suite, so that Go and the cache of its programs are within reach."""

    def command(self, *arguments):
        return super().command(*arguments, "--observer", "ptrace")


@pytest.fixture(params=[EBPF, PTRACE])
def go(request, binaries):
    lab = request.getfixturevalue("bpf") if request.param == EBPF else Ptraced(binaries)
    tried = lab.run("run", "spawn-join", "--mode=go", "--tasks", 1)
    if "cannot run mode 'go'" in tried.err:
        cannot("there is no Go here: " + " ".join(tried.err.split()))
    tried.ended_with(0)
    return lab


def run(lab, scenario, tasks, procs, *more):
    delay = ["--delay", "5ms"] if scenario in WITH_DELAY and not more else []
    [result] = lab.results("run", scenario, "--mode=go", "--tasks", tasks, "--procs", procs, *delay, *more)["results"]
    return result


def value(result, key):
    return result["metrics"][key]["value"]


def is_whole(result, tasks, procs):
    assert value(result, "units_done") == tasks
    assert result["params"]["procs"] == procs and "carriers" not in result["params"]
    made = ledger(result)
    assert made["start-g"] == 0
    assert sum(made.values()) == made.get("start-m", 0) == result["kernel_tasks"]
    assert result["lost_events"] == 0
    assert {claim["verdict"] for claim in result["claims"] if claim["id"] == "exist.goroutine"} == {"holds"}


@pytest.mark.parametrize("scenario", WITHOUT_LONG_CALLS)
def test_goroutines_are_all_done_and_make_no_task_but_a_few_ms(go, scenario):
    for tasks, procs in SIZES:
        result = run(go, scenario, tasks, procs)
        is_whole(result, tasks, procs)
        assert result["kernel_tasks"] <= 2 * procs + 2, (tasks, procs)


def test_all_goroutines_wait_for_a_socket_at_once_on_one_p(go):
    result = run(go, "blocking-io", 211, 1, "--delay", "200ms")
    assert value(result, "most_units_waiting") == 211


@pytest.mark.parametrize("procs", [1, 2])
def test_a_raw_system_call_keeps_the_p(go, procs):
    # Whoever Go stops between its request and the call that waits has sent it, and gives the P away.
    stopped = 2
    result = run(go, "pinned", 53, procs)
    assert procs <= value(result, "most_units_waiting") <= procs + stopped


@pytest.mark.parametrize("procs", [1, 2])
def test_the_p_of_a_call_that_go_knows_of_is_handed_to_other_ms(go, procs):
    result = run(go, "blocking-syscall", 53, procs, "--delay", "200ms")
    is_whole(result, 53, procs)
    waiting = value(result, "most_units_waiting")
    assert waiting > procs
    # Each waits on an M of its own; those that were there before the window are not new.
    assert result["kernel_tasks"] <= 53 + 2 * procs + 2
    assert value(result, "peak_tasks_alive") >= waiting


def test_a_file_is_read_without_connections(go):
    is_whole(run(go, "blocking-io", 97, 2, "--over", "file"), 97, 2)


def test_pipes_are_refused_with_a_reason(go):
    refused = go.run("run", "blocking-io", "--mode=go", "--over", "pipe").ended_with(2)
    assert "TCP" in refused.err


@pytest.mark.parametrize("scenario,key,per_unit", [("yield-storm", "yields", 100), ("lost-updates", "updates", 1000),
                                                   ("ping-pong", "round_trips", 25), ("echo-server", "requests", 50)])
def test_what_a_scenario_reports_is_the_same_in_go_as_in_cpp(go, scenario, key, per_unit):
    document = go.results("run", scenario, "--mode=virtual,go", "--tasks", 20)
    reported = {result["mode"]: value(result, key) for result in document["results"]}
    assert reported == {"virtual": 20 * per_unit, "go": 20 * per_unit}


@pytest.mark.parametrize("scenario", ["sleepers", "timer-storm"])
def test_sleepers_say_how_late_they_were_woken(go, scenario):
    result = run(go, scenario, 97, 2)
    late = [value(result, f"late_{which}_ns") for which in ("p50", "p99", "max")]
    assert 0 < late[0] <= late[1] <= late[2]


def test_a_hundred_thousand_goroutines_make_a_few_ms(go):
    result = run(go, "parked-memory", 100_000, 2)
    is_whole(result, 100_000, 2)
    assert result["kernel_tasks"] <= 2 * 2 + 2
