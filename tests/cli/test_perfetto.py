"""-o run.pftrace: decoded with a part of Perfetto's own schema, the trace says what the timeline says."""
import importlib
import json
import shutil
import subprocess
import sys

import pytest

from support import REPOSITORY, by_mode, cannot

TASKS = 53
BEGIN, END, MOMENT, VALUE = 1, 2, 3, 4


@pytest.fixture(scope="module")
def schema(tmp_path_factory):
    """The module that protoc makes of the schema."""
    if not shutil.which("protoc"):
        cannot("protoc is not installed (protobuf-compiler)")
    try:
        importlib.import_module("google.protobuf")
    except ImportError:
        cannot("python3-protobuf is not installed")
    folder = tmp_path_factory.mktemp("schema")
    subprocess.run(["protoc", f"--python_out={folder}", f"-I{REPOSITORY / 'tests/support'}", "perfetto.proto"],
                   check=True, timeout=60)
    sys.path.insert(0, str(folder))
    yield importlib.import_module("perfetto_pb2")
    sys.path.remove(str(folder))


@pytest.fixture
def saved(bpf, folder):
    """A run as json and the trace of it."""
    file = folder / "perfetto.json"
    bpf.run("run", "blocking-io", "--mode=virtual,platform,gmp", "--tasks", TASKS, "--delay", "5ms", "--show",
            "ledger,timeline", "-o", file).ended_with(0)
    trace = folder / "perfetto.pftrace"
    bpf.run("report", file, "-o", trace).ended_with(0)
    return file, trace


def packets(schema, file):
    trace = schema.Trace()
    trace.ParseFromString(file.read_bytes())
    whole = trace.ByteSize()
    trace.DiscardUnknownFields()
    assert trace.ByteSize() == whole, "the trace has fields that the schema does not"
    assert {packet.trusted_packet_sequence_id for packet in trace.packet} == {1}
    return trace.packet


def columns(timeline, table):
    values = timeline[table]["columns"]
    return [dict(zip(values, row)) for row in zip(*values.values())]


def test_the_trace_has_each_mount_run_and_event_of_the_timeline(schema, saved):
    file, trace = saved
    results = by_mode(json.loads(file.read_text()))
    all_packets = packets(schema, trace)
    tracks = {p.track_descriptor.uuid: p.track_descriptor for p in all_packets if p.HasField("track_descriptor")}
    events = [(p.timestamp, p.track_event) for p in all_packets if p.HasField("track_event")]
    assert all(event.track_uuid in tracks for _, event in events)
    threads = {uuid: track.thread for uuid, track in tracks.items() if track.HasField("thread")}
    timelines = [result["timeline"] for result in results.values()]
    assert sorted(t.tid for t in threads.values()) == sorted(
        tid for timeline in timelines for tid in timeline["tasks"]["columns"]["tid"])

    mounts = sum(len(timeline["mounts"]["columns"]["unit"]) for timeline in timelines)
    begun = [(at, event) for at, event in events if event.type == BEGIN and event.track_uuid in threads]
    assert len(begun) == mounts
    virtual = results["virtual"]["timeline"]
    first = columns(virtual, "mounts")[0]
    assert virtual["start_ns"] + first["from_ns"] in {at for at, _ in begun}
    moments = [event for _, event in events if event.type == MOMENT]
    assert len(moments) == sum(len(timeline["events"]["columns"]["kind"]) for timeline in timelines)
    assert any(event.name.endswith("parks: io read") for event in moments)

    switches = [(e.timestamp, p.ftrace_events.cpu, e.sched_switch) for p in all_packets
                if p.HasField("ftrace_events") for e in p.ftrace_events.event]
    starts = [s for _, _, s in switches if s.next_pid != 0]
    assert len(starts) == sum(len(timeline["runs"]["columns"]["cpu"]) for timeline in timelines)
    on_cpu = {}
    for _, cpu, switch in sorted(switches, key=lambda each: each[0]):
        assert on_cpu.get(cpu, 0) == switch.prev_pid
        on_cpu[cpu] = switch.next_pid
    assert set(on_cpu.values()) == {0}


def test_slices_nest_arrows_meet_and_every_finished_unit_has_a_track(schema, saved):
    _, trace = saved
    all_packets = packets(schema, trace)
    names = {p.track_descriptor.uuid: p.track_descriptor.name for p in all_packets if p.HasField("track_descriptor")}
    open_slices, began, ended, unit_slices = {}, set(), set(), {}
    events = [(p.timestamp, p.track_event) for p in all_packets if p.HasField("track_event")]
    for at, event in sorted(events, key=lambda each: each[0]):  # stable, as the viewer sorts
        track = event.track_uuid
        if event.type == BEGIN:
            assert not open_slices.get(track), "a slice within a slice"
            open_slices.setdefault(track, []).append(at)
            unit_slices.setdefault(names[track], set()).add(event.name)
        if event.type == END:
            assert open_slices[track].pop() <= at
        began.update(event.flow_ids)
        ended.update(event.terminating_flow_ids)
    assert not any(open_slices.values())
    assert ended and ended <= began
    for unit in range(TASKS):
        slices = unit_slices[f"unit {unit}"]
        assert "runnable" in slices and any(name.startswith("on ") for name in slices)
    counters = {names[event.track_uuid] for _, event in events if event.type == VALUE}
    assert counters == {"tasks alive", "units runnable"}
    assert all(event.counter_value >= 0 for _, event in events if event.type == VALUE)


def test_the_ending_of_the_file_asks_for_the_records(bpf, schema, folder):
    trace = folder / "asked.pftrace"
    bpf.run("run", "spawn-join", "--mode=virtual", "--tasks", 7, "-o", trace).ended_with(0)
    assert any(p.HasField("ftrace_events") for p in packets(schema, trace))
    observed = folder / "observed.pftrace"
    bpf.run("observe", "-o", observed, "--", "true").ended_with(0)
    assert any(p.HasField("ftrace_events") for p in packets(schema, observed))


def test_without_a_timeline_there_is_no_trace(anyone, folder):
    sample = REPOSITORY / "tests/golden/samples/five-modes.json"
    trace = folder / "none.pftrace"
    assert "has no timeline" in anyone.run("report", sample, "-o", trace).ended_with(2).err
    assert not trace.exists()
