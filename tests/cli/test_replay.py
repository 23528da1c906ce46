"""vtlab replay: a recorded run as frames, printed or played at a terminal, which always comes back as it was."""
import json
import os
import re
import signal

import pytest

from support import REPOSITORY, on_a_terminal, wait_until
from terminal import GIVES_BACK, TAKES, at_terminal, plain, screens

FOLDER = REPOSITORY / "recordings"
SAMPLES = REPOSITORY / "tests/golden/samples"
PLAYABLE = [file.stem for file in sorted(FOLDER.glob("*.json")) if any("timeline" in one for one in json.loads(file.read_text())["results"])]
CLOCK = re.compile(r"^([0-9.]+) (ns|µs|ms|s) of ([0-9.]+) (ns|µs|ms|s) ", re.M)
NS = {"ns": 1, "µs": 1e3, "ms": 1e6, "s": 1e9}


def clock(screen):
    value, unit, _, _ = CLOCK.search(screen).groups()
    return float(value) * NS[unit]


def number(frame, label):
    return int(re.search(rf"^ *{label} +([\d,]+)", frame, re.M)[1].replace(",", ""))


@pytest.mark.parametrize("name", PLAYABLE)
def test_at_its_end_a_replay_agrees_with_the_ledger(anyone, name):
    document = json.loads((FOLDER / f"{name}.json").read_text())
    frames = anyone.run("replay", name).ended_with(0).out
    for result in document["results"]:
        frame = frames[frames.index(f"{result['scenario']}, mode {result['mode']}: "):].split("\n\n\n")[0]
        assert number(frame, "kernel tasks made") == result["kernel_tasks"]
        if result["scenario"] not in ("clone-flags", "creation-paths"):
            assert number(frame, "finished") == result["metrics"]["units_done"]["value"]
        for row in [row for row in result["ledger"] if row["kernel_tasks"]][:5]:  # more are not listed
            made = row["kernel_tasks"]
            assert re.search(rf"by {row['title']} +{made} of {made}\b", frame), frame


def test_what_is_piped_is_plain_text_of_80_columns_and_one_frame_a_mode(anyone):
    out = anyone.run("replay", "m-to-n").ended_with(0).out
    assert "\033" not in out and max(map(len, out.splitlines())) <= 80
    assert out.count("blocking-io, mode ") == 3
    assert anyone.run("replay", "m-to-n", "--ascii").out.isascii()


def test_one_moment_is_printed_and_the_units_of_that_moment(anyone):
    waiting = anyone.run("replay", "m-to-n", "--mode", "virtual", "--once", "50ms").ended_with(0).out
    assert number(waiting, "waiting") == 101 and number(waiting, "finished") == 0
    assert waiting.startswith("blocking-io, mode virtual") and waiting.count("mode ") == 1
    start = anyone.run("replay", "m-to-n", "--mode", "virtual", "--once", "0ms").ended_with(0).out
    assert number(start, "kernel tasks made") == 0


def test_so_many_frames_go_to_the_end(anyone):
    frames = anyone.run("replay", "parking", "--frames", 5).ended_with(0).out
    times = [float(value) * NS[unit] for value, unit, _, _ in CLOCK.findall(frames)]
    assert len(times) == 5 and times == sorted(times)
    assert clock(frames.rpartition("blocking-io, mode")[2]) == times[-1]


def test_an_observation_can_be_played(bpf, folder):
    bpf.run("observe", "--show", "timeline", "-o", folder / "seen.json", "--", "sh", "-c", "sleep 0.01 & wait").ended_with(0)
    out = bpf.run("replay", folder / "seen.json").ended_with(0).out
    assert number(out, "kernel tasks made") == 1 and "sleep" in out


def test_creations_can_be_played_alone(anyone, folder):
    document = json.loads((FOLDER / "task.json").read_text())
    for result in document["results"]:
        del result["timeline"]
    (folder / "path.json").write_text(json.dumps(document))
    out = anyone.run("replay", folder / "path.json", "--mode", "fork").ended_with(0).out
    assert number(out, "kernel tasks made") == 101 and "101 of 101" in out and "makes tid" in out


@pytest.mark.parametrize("arguments,words", [
    (["memory"], ["memory cannot be played", "has no timeline, and no creations", "m-to-n", "--show timeline -o"]),
    (["nothing"], ["cannot read nothing", "there are: "]),
    (["m-to-n", "--mode", "virtaul"], ["unknown mode 'virtaul'; did you mean 'virtual'?"]),
    (["m-to-n", "--speed", "fast"], ["--speed cannot be 'fast'", "1 is as it was"]),
    (["m-to-n", "--speed", "0"], ["--speed cannot be '0'"]),
    (["m-to-n", "--once", "1000s"], ["--once cannot be '1000s'", "the run ends at"]),
    (["m-to-n", "--once", "soon"], ["--once"]),
    (["m-to-n", "--frames", "0"], ["--frames"]),
    ([SAMPLES / "compared.json"], ["cannot be played", "comparison"]),
])
def test_what_cannot_be_played_is_refused_with_what_could_be(anyone, arguments, words):
    done = anyone.run("replay", *arguments).ended_with(2)
    assert all(word in done.err for word in words), done.err
    assert done.out == ""


def test_at_a_terminal_it_plays_until_q_and_leaves_the_last_picture(anyone):
    shown, code = at_terminal(anyone, "replay", "parking", "--speed", "0.01", steps=[(b"100 times slower", b"q")])
    assert code == 0
    assert shown.count(TAKES) == shown.count(GIVES_BACK) == 1 and shown.count("\033[?25l") == shown.count("\033[?25h") == 1
    for screen in screens(shown):
        assert screen.count("\n") <= 23 and max(map(len, screen.splitlines())) <= 80
        assert screen.splitlines()[-1].startswith("space pause")
    left = plain(shown.rpartition(GIVES_BACK)[2])
    assert left.startswith("blocking-io, mode virtual") and "space pause" not in left


def test_time_goes_on_until_it_is_paused_and_then_step_by_step(anyone):
    shown, code = at_terminal(anyone, "replay", "parking", "--speed", "0.001", steps=[
        (b"1,000 times slower", b""), (b" \xc2\xb5s of", b" "), (b"paused, ", b"."), (b"paused, ", b"\033[C"), (b"paused, ", b","),
        (b"paused, ", b"\033[A"), (b"paused, 500 times", b"-"), (b"paused, 1,000 times", b"q")])
    seen = [clock(screen) for screen in screens(shown)]
    paused = next(i for i, screen in enumerate(screens(shown)) if "paused" in screen)
    assert code == 0
    assert seen[:paused] == sorted(seen[:paused]) and len(set(seen[:paused])) > 1
    steps = [time for before, time in zip(seen[paused:], seen[paused + 1:]) if time != before]
    assert len(steps) == 3 and steps[0] < steps[1] and steps[2] == steps[0], seen[paused:]
    assert clock(plain(shown.rpartition(GIVES_BACK)[2])) == seen[-1]


def test_r_begins_again(anyone):
    shown, code = at_terminal(anyone, "replay", "parking", "--speed", "1", steps=[(b"ended", b"r"), (b"as fast as it was", b"q")])
    seen = [clock(screen) for screen in screens(shown)]
    assert code == 0 and seen[-1] < max(seen)


def test_one_mode_follows_the_other_and_n_goes_to_the_next(anyone):
    shown, code = at_terminal(anyone, "replay", "m-to-n", "--speed", "100", steps=[
        (b"(1 of 3)", b""), (b"(2 of 3)", b"n"), (b"(3 of 3)", b""), (b"ended", b"q")])
    assert code == 0
    assert "n next mode" in shown and "n next mode" not in screens(shown)[-1]


@pytest.mark.parametrize("stop,code", [(signal.SIGTERM, 130), (signal.SIGINT, 130), (signal.SIGHUP, 130)])
def test_a_signal_ends_it_and_the_terminal_is_given_back(anyone, stop, code):
    echoes = []

    def end(at):
        echoes.append(at.echoes())
        os.kill(at.pid, stop)

    shown, ended = at_terminal(anyone, "replay", "parking", steps=[(b"times slower", end), (GIVES_BACK.encode(), lambda at: echoes.append(at.echoes()))])
    assert ended == code and echoes == [False, True]
    assert shown.endswith(GIVES_BACK)


def test_when_it_is_stopped_the_terminal_is_given_back_and_taken_again(anyone):
    def stopped(pid):
        return os.waitpid(pid, os.WUNTRACED | os.WNOHANG)[0] == pid

    def go_on(at):
        wait_until(lambda: stopped(at.pid), "it stopped")
        assert at.echoes()
        os.kill(at.pid, signal.SIGCONT)

    shown, code = at_terminal(anyone, "replay", "parking", "--speed", "0.001", steps=[
        (b"times slower", b"\x1a"), (GIVES_BACK.encode(), go_on), (TAKES.encode(), b""), (b"times slower", b"q")])
    assert code == 0 and shown.count(TAKES) == shown.count(GIVES_BACK) == 2


def test_without_colours_and_without_a_screen(anyone):
    shown, _ = at_terminal(anyone, "replay", "parking", steps=[(b"times slower", b"q")], env={"NO_COLOR": "1"})
    assert not re.search(r"\033\[[0-9;]*m", shown)
    shown, code = at_terminal(anyone, "replay", "parking", env={"TERM": "dumb"})
    assert code == 0 and "\033" not in shown and "space pause" not in shown


def test_without_a_keyboard_it_ends_by_itself(anyone):
    code, shown = on_a_terminal(anyone, "replay", "parking", "--speed", "1")
    assert code == 0 and "space pause" not in shown and shown.count(TAKES) == shown.count(GIVES_BACK) == 1
    assert "ended" in screens(shown)[-1]
