"""Runs with very many rows in their timeline: what is made of them takes no more memory than of short ones."""
import json
import os
import subprocess

import pytest

from support import REPOSITORY

STEP = 1000  # ns


def long_run(file, passes, units=1000):
    """Of `units` that take turns on one carrier, each parks and is woken again and again: four rows in each pass."""
    document = json.loads((REPOSITORY / "recordings/parking.json").read_text())
    result = next(each for each in document["results"] if "timeline" in each)
    document["results"] = [result]
    timeline = result["timeline"]
    timeline["length_ns"] = passes * STEP
    twice, nobody = range(2 * passes), [None]
    park, unpark = timeline["kinds"].index("park"), timeline["kinds"].index("unpark")
    columns = {
        "tasks": {"tid": [7, 8], "tgid": [7, 7], "name": ["work", "work"], "role": ["main", "carrier 0"],
                  "unit": nobody * 2, "made_by": [None, 0], "born_ns": [None, 0], "ended_ns": nobody * 2},
        "units": {"id": [*range(1, units + 1)], "number": [*range(units)]},
        "runs": {"task": [1] * passes, "cpu": [0] * passes, "from_ns": [i * STEP for i in range(passes)],
                 "to_ns": [i * STEP + 900 for i in range(passes)], "end": [0] * passes, "waited_ns": nobody * passes,
                 "woken_by": [0] * passes, "waker": nobody * passes},
        "mounts": {"unit": [i % units for i in range(passes)], "task": [1] * passes,
                   "from_ns": [i * STEP + 10 for i in range(passes)], "to_ns": [i * STEP + 800 for i in range(passes)],
                   "end": [0] * passes},
        "events": {"at_ns": [i // 2 * STEP + (800 if i % 2 else 5) for i in twice],
                   "kind": [park if i % 2 else unpark for i in twice], "task": [1] * len(twice),
                   "unit": [i // 2 % units for i in twice], "reason": nobody * len(twice), "by": [0] * len(twice),
                   "number": nobody * len(twice), "peer": nobody * len(twice)},
    }
    for table, values in columns.items():
        timeline[table]["columns"] = values
    file.write_text(json.dumps(document))


def memory_of(vtlab, *words):
    """The most that a vtlab had in memory, in MiB."""
    process = subprocess.Popen([vtlab, *map(str, words)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return used.ru_maxrss / 1024


@pytest.mark.parametrize("ending", ["pftrace", "timeline.csv"])
@pytest.mark.parametrize("units", [1000, 100_000])
def test_a_trace_of_ten_times_as_many_rows_takes_no_more_memory(binaries, folder, units, ending):
    short, long = folder / "short.json", folder / "long.json"
    long_run(short, 25_000)
    long_run(long, 250_000, units)
    of_short, of_long = folder / f"short.{ending}", folder / f"long.{ending}"
    a = memory_of(binaries / "vtlab", "report", short, "-o", of_short)
    b = memory_of(binaries / "vtlab", "report", long, "-o", of_long)
    grown = of_long.stat().st_size / of_short.stat().st_size
    assert grown > 5  # not ten: only so many units have a track
    assert b < a + 24, f"{a:.0f} MiB, then {b:.0f} MiB for a trace that is {grown:.1f} times as long"
