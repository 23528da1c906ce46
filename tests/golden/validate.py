#!/usr/bin/python3
"""validate.py [FILE...]: checks documents against the schemas in docs/.

Without arguments: all samples and all expected JSON, and that the schema refuses each of a list of mistakes.
"""
import copy
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "../support"))
from documents import complaint  # noqa: E402

# Where in samples/unprivileged.json, and what somebody may write there by mistake; ... removes the key.
MISTAKES = [
    ("schema", "vtlab.results/2"),
    ("host", ...),
    ("host.cpus", "2"),
    ("host.started_at", "yesterday"),
    ("partial", 0),
    ("notes", "one note"),
    ("results", {}),
    ("skipped", ...),
    ("results.0.mode", ...),
    ("results.0.wall_ns", 1.5),
    ("results.0.lost_events", None),
    ("results.0.kernel_tasks", None),
    ("results.0.kernel_tasks", ...),
    ("results.0.kernel_tasks_missing_because", "but it is there"),
    ("results.0.params.tasks", -1),
    ("results.0.params.tasks", [1009]),
    ("results.0.ledger.0.action", ""),
    ("results.0.ledger.0.kernel_tasks", ...),
    ("results.0.ledger.0.sharing_mm", None),
    ("results.0.metrics", []),
    ("results.0.metrics.units_done.unit", ...),
    ("results.0.metrics.units_done.value", ...),
    ("results.0.metrics.units_done.value", None),
    ("results.0.metrics.units_done.value", "1009"),
    ("results.0.metrics.units_done.low", 1008),
    ("results.0.metrics.units_done.missing_because", "but it is there"),
    ("results.0.metrics.switches_per_unit.value", 0),
    ("results.0.metrics.switches_per_unit.missing_because", ""),
    ("results.0.claims.0.verdict", "true"),
    ("results.0.claims.0.because", ...),
    ("results.0.probes.0.rung", ...),
    ("results.0.probes.0.recursion_misses", None),
    ("results.0.probes.0.tried.0.because", ...),
]


def with_mistake(document, path, value):
    document = copy.deepcopy(document)
    *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    at = document
    for step in way:
        at = at[step]
    if value is ...:
        del at[last]
    else:
        at[last] = value
    return document


def main():
    failures = []
    files = [pathlib.Path(name) for name in sys.argv[1:]]
    for file in files or sorted([*HERE.glob("samples/*.json"), *HERE.glob("expected/*.json")]):
        wrong = complaint(json.loads(file.read_text()))
        if wrong:
            failures.append(f"{file}: {wrong}")
    if not files:
        good = json.loads((HERE / "samples/unprivileged.json").read_text())
        for path, value in MISTAKES:
            if complaint(with_mistake(good, path, value)) is None:
                failures.append(f"the schema accepts {path} = {value!r}")
    print("\n".join(failures) or "all documents follow the schema")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
