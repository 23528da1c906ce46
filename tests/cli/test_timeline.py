"""--show timeline: kernel and units on one clock, saved, shown again, and consistent in itself."""
import json

from support import REPOSITORY, by_mode, must_follow_the_schema, rows_of_csv

TASKS = 101
RUN = ("run", "blocking-io", "--tasks", TASKS, "--delay", "5ms", "--show", "timeline")
VTHREADS = ("virtual", "green", "gmp")
OTHERS = ("platform", "fork", "pool", "event-loop")


def rows(timeline, table):
    columns = timeline[table]["columns"]
    return [dict(zip(columns, values)) for values in zip(*columns.values())]


def overlaps(spans, key):
    """Pairs of spans of one key that share a moment."""
    last, found = {}, []
    for span in sorted(spans, key=lambda each: each["from_ns"]):
        before = last.get(span[key])
        if before and span["from_ns"] < before["to_ns"]:
            found.append((before, span))
        last[span[key]] = span
    return found


def check(timeline):
    assert timeline["lost"] == []
    runs, mounts, events = (rows(timeline, table) for table in ("runs", "mounts", "events"))
    assert runs
    assert overlaps(runs, "cpu") == []
    assert overlaps(mounts, "task") == []
    assert overlaps(mounts, "unit") == []
    for table, key in ((runs, "from_ns"), (mounts, "from_ns"), (events, "at_ns")):
        times = [row[key] for row in table]
        assert times == sorted(times)
        assert not times or times[-1] <= timeline["length_ns"]
    kinds = timeline["kinds"]
    units = rows(timeline, "units")
    done = [event["unit"] for event in events if kinds[event["kind"]] == "done"]
    assert sorted(units[unit]["number"] for unit in done) == list(range(TASKS))
    return runs, mounts, events, done


def test_every_unit_of_a_runtime_of_ours_is_mounted_before_it_is_done(bpf):
    document = bpf.results(*RUN, "--mode=" + ",".join(VTHREADS))
    must_follow_the_schema(document)
    for mode, result in by_mode(document).items():
        timeline = result["timeline"]
        runs, mounts, events, done = check(timeline)
        assert set(done) == {mount["unit"] for mount in mounts}
        tasks = rows(timeline, "tasks")
        carriers = {mount["task"] for mount in mounts}
        word = "M " if mode == "gmp" else "carrier "
        assert all(word in tasks[task]["role"] for task in carriers), mode
        assert carriers <= {run["task"] for run in runs}
        # It parks once, because no answer comes at once, and is mounted again after that.
        parks = [event for event in events if timeline["kinds"][event["kind"]] == "park"]
        assert {timeline["words"][event["reason"]] for event in parks if event["unit"] in done} >= {"io_read"}
        assert len(mounts) == len(parks) + TASKS
        assert "mounts_missing_because" not in timeline


def test_units_that_are_tasks_are_told_by_the_kernel_alone(bpf):
    document = bpf.results(*RUN, "--mode=" + ",".join(OTHERS))
    must_follow_the_schema(document)
    for mode, result in by_mode(document).items():
        timeline = result["timeline"]
        runs, mounts, _, done = check(timeline)
        assert mounts == []
        tasks = rows(timeline, "tasks")
        are_units = {task["unit"] for task in tasks if task["unit"] is not None}
        if mode in ("platform", "fork"):
            assert are_units == set(done), mode
            ran = {tasks[run["task"]]["unit"] for run in runs}
            assert are_units <= ran
            # tgid 0: it ran, and was gone before anybody could ask who it was; the machine reuses tids.
            others = [task["role"] for task in tasks if task["unit"] is None and task["tgid"] != 0]
            assert others == ["main"]
        else:
            assert are_units == set()
            assert "when it ran" in timeline["mounts_missing_because"]


def test_a_saved_timeline_is_shown_again_without_privileges_and_can_be_zoomed(bpf, nobody, folder):
    saved = folder / "run.json"
    saved.write_text(json.dumps(bpf.results(*RUN, "--mode=virtual,platform")))
    saved.chmod(0o644)
    out = nobody.run("report", saved, "--show", "timeline").ended_with(0).out
    assert "Timeline" in out and "carrier 0" in out and "CPU " in out
    assert all(len(line) <= 80 for line in out.splitlines())
    followed = nobody.run("report", saved, "--show", "timeline", "--unit", 7).ended_with(0).out
    assert "unit 7 parks: io read" in followed and "unit 7 is done" in followed
    assert "unit 8 parks" not in followed
    assert "did not switch" in nobody.run("report", saved, "--show", "timeline", "--zoom", "0,1s").out + followed + out
    nothing = nobody.run("report", saved, "--show", "timeline", "--zoom", "100s,1ms").ended_with(0).out
    assert "nothing to show: the timeline ends at" in nothing
    nobody.run("report", saved, "--zoom", "soon").ended_with(2)
    nobody.run("report", saved, "--zoom", "1ms,2ms,3ms").ended_with(2)
    table = {(row["mode"], row["key"]): row for row in rows_of_csv(nobody.run("report", saved, "--format", "csv").out)}
    assert table["virtual", "timeline_units"]["value"] == str(TASKS)
    assert table["platform", "timeline_tasks"]["value"] == str(TASKS + 1)


def test_rows_as_csv_are_those_of_the_document(anyone, folder):
    file = folder / "rows.timeline.csv"
    anyone.run("report", "m-to-n", "-o", file).ended_with(0)
    lines = rows_of_csv(file.read_text())
    documents = json.loads((REPOSITORY / "recordings/m-to-n.json").read_text())["results"]
    for result in documents:
        timeline = result["timeline"]
        mine = [line for line in lines if line["mode"] == result["mode"]]
        tids = timeline["tasks"]["columns"]["tid"]
        numbers = timeline["units"]["columns"]["number"]
        for table, name in (("runs", "run"), ("mounts", "mount")):
            said = [(int(line["at_ns"]), int(line["length_ns"]), int(line["tid"])) for line in mine if line["row"] == name]
            assert said == [(row["from_ns"], row["to_ns"] - row["from_ns"], tids[row["task"]])
                            for row in rows(timeline, table)]
        said = [(int(line["at_ns"]), line["what"], line["unit"]) for line in mine if line["row"] == "event"]
        assert said == [(row["at_ns"], timeline["kinds"][row["kind"]],
                         "" if row["unit"] is None else f"unit {numbers[row['unit']]}")
                        for row in rows(timeline, "events")]
        assert all(int(line["monotonic_ns"]) == timeline["start_ns"] + int(line["at_ns"]) for line in mine)
        ends = [line["what"] for line in mine if line["row"] == "mount"]
        assert ends == [timeline["mount_ends"][row["end"]] for row in rows(timeline, "mounts")]
    assert len(lines) == sum(len(rows(each["timeline"], table)) for each in documents
                             for table in ("runs", "mounts", "events"))


def test_of_any_program_there_is_the_kernels_side(bpf, folder):
    saved = folder / "observed.json"
    bpf.run("observe", "--show", "timeline", "--format", "json", "-o", saved, "--", "sh", "-c",
            "sleep 0.01; sleep 0.01").ended_with(0)
    document = json.loads(saved.read_text())
    must_follow_the_schema(document)
    timeline = document["timeline"]
    names = [task["name"] for task in rows(timeline, "tasks")]
    assert names.count("sleep") == 2 and names.count("sh") == 1
    assert overlaps(rows(timeline, "runs"), "cpu") == []
    assert "units of this program" in timeline["mounts_missing_because"]
    assert "gets CPU" in bpf.run("report", saved, "--show", "timeline").ended_with(0).out


def test_without_ebpf_there_is_a_reason(nobody):
    assert "not observed: only eBPF" in nobody.run(*RUN, "--mode=virtual").ended_with(0).out
