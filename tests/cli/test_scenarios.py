"""What single scenarios show, by the numbers in their documents; and what they refuse."""
import pytest

from support import cannot


def metrics(result):
    return {key: metric.get("value") for key, metric in result["metrics"].items()}


def test_the_units_of_an_echo_server_answer_every_request_of_the_client_outside(anyone):
    document = anyone.results("run", "echo-server", "--mode=virtual,platform,event-loop", "--tasks", 7)
    for result in document["results"]:
        seen = metrics(result)
        assert seen["requests"] == 7 * 50, result["mode"]
        assert 0 < seen["request_p50_ns"] <= seen["request_p99_ns"], result["mode"]
        assert seen["requests_per_s"] > 0


def test_a_file_has_no_server_and_a_pipe_has_one(anyone):
    [file] = anyone.results("run", "blocking-io", "--over", "file", "--tasks", 11)["results"]
    assert file["params"]["over"] == "file" and "delay_ns" not in file["params"]
    assert metrics(file)["most_units_waiting"] is None
    [pipe] = anyone.results("run", "blocking-io", "--over", "pipe", "--tasks", 11, "--delay", "50ms")["results"]
    assert metrics(pipe)["most_units_waiting"] == 11


@pytest.mark.parametrize("line,said", [
    (("blocking-io", "--over", "file", "--mode=event-loop"), "epoll refuses regular files"),
    (("blocking-io", "--over", "file", "--delay", "1ms"), "no server answers a file"),
    (("blocking-io", "--over", "piep"), "did you mean 'pipe'?"),
    (("spawn-join", "--over", "pipe"), "has no --over"),
    (("skynet", "--mode=pool"), "keeps its thread"),
    (("ping-pong", "--mode=pool", "--carriers", 1), "--carriers 2"),
])
def test_what_makes_no_sense_is_refused_with_the_reason(anyone, line, said):
    refused = anyone.run("run", *line)
    refused.ended_with(2)
    assert said in " ".join(refused.err.split())


def available_bytes():
    [line] = [line for line in open("/proc/meminfo", encoding="ascii") if line.startswith("MemAvailable:")]
    return int(line.split()[1]) * 1024


@pytest.mark.parametrize("scenario", ["parked-memory", "sleepers"])
def test_a_million_virtual_threads_are_no_more_kernel_tasks_than_carriers(bpf, scenario):
    if available_bytes() < 8 << 30:
        cannot("needs 8 GiB of memory that nobody uses")
    with bpf.start("run", scenario, "--mode=virtual", "--tasks", "1M", "--carriers", "2", "--format", "json") as running:
        [result] = running.finish(safety_net_s=900).ended_with(0).document["results"]
    assert result["kernel_tasks"] == 2
    assert result["metrics"]["units_done"]["value"] == 1_000_000
    assert {claim["verdict"] for claim in result["claims"]} == {"holds"}
