"""measure.py: one subject, one case, once.

Owns      the processes that it starts; none outlives a call, whatever interrupts it.
"""
import contextlib
import json
import subprocess

import catalogue
import subjects

SAFETY_NET_S = 180


class Failed(Exception):
    """A program did not give its numbers, and why."""


@contextlib.contextmanager
def started(words):
    # In a session of its own: an interrupt from the terminal is ours to handle, and we end it.
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, start_new_session=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def numbers(words):
    """What a program reports: {measure: (value, unit)}."""
    with started(words) as process:
        try:
            out, err = process.communicate(timeout=SAFETY_NET_S)
        except subprocess.TimeoutExpired:
            raise Failed(f"gave no result in {SAFETY_NET_S} s") from None
    if process.returncode != 0:
        lines = err.strip().splitlines()
        how = f"signal {-process.returncode}" if process.returncode < 0 else f"exit code {process.returncode}"
        raise Failed(f"{how}{': ' + lines[-1] if lines else ''}")
    rows = [json.loads(line) for line in out.splitlines()]
    if not rows:
        raise Failed("reported nothing")
    return {row["work"]: (float(row["value"]), row["unit"]) for row in rows}


def run(subject, work, case, quick, client):
    n, ops = subject.units(catalogue.size(case.n, quick)), catalogue.size(case.ops, quick)
    if work.name == "echo":
        return echo(subject, n, case.carriers, ops, catalogue.size(catalogue.ECHO_WARM_UP, quick), client)
    ops = max(10, int(ops * subjects.SHARE_OF_OPS[subject.key]))
    found = numbers(subject.words(work.asks_for, n, case.carriers, ops))
    return {work.name if name == work.program else name: value for name, value in found.items()}


def echo(subject, connections, carriers, window_ms, warm_up_ms, client):
    with started(subject.words("echo", connections, carriers, 1)) as server:
        line = server.stdout.readline()
        if not line:
            said = server.communicate()[1].strip().splitlines()
            raise Failed(f"the server did not start{': ' + said[-1] if said else ''}")
        port = json.loads(line)["port"]
        if subject.key == "java":
            warm_up_ms *= 3  # a JVM compiles while it runs
        return numbers([client, str(port), str(server.pid), str(connections), str(carriers),
                        str(warm_up_ms), str(window_ms)])
