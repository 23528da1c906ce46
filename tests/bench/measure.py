"""measure.py: one subject, one case, once."""
import json

import subjects
from benchmark import size
from processes import Failed, finished, numbers, started

# How long the client loads the server before it measures, ms.
ECHO_WARM_UP = (1_000, 100)


def run(subject, work, case, quick, client):
    n, ops = subject.units(size(case.n, quick)), size(case.ops, quick)
    if work.name == "echo":
        return echo(subject, n, case.carriers, ops, size(ECHO_WARM_UP, quick), client)
    ops = max(10, int(ops * subjects.SHARE_OF_OPS[subject.key]))
    found = numbers(finished(subject.words(work.asks_for, n, case.carriers, ops))[0])
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
        return numbers(finished([client, str(port), str(server.pid), str(connections), str(carriers),
                                 str(warm_up_ms), str(window_ms)])[0])
