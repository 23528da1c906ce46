"""vtlab run --live: a run while it happens, on a screen that is always given back; then the ordinary table."""
import os
import re
import signal

import pytest

from terminal import GIVES_BACK, TAKES, at_terminal, plain, screens

LONG = ["--tasks", "11", "--live"]


def number(screen, label):
    return int(re.search(rf"^ *{label} +([\d,]+)", screen, re.M)[1].replace(",", ""))


def test_it_shows_the_ledger_and_the_units_and_then_the_table(each_observer):
    shown, code = at_terminal(each_observer, "run", "blocking-io", "--mode=platform,virtual", "--carriers", "2", "--delay", "3s", *LONG)
    assert code == 0
    assert shown.count(TAKES) == shown.count(GIVES_BACK) == 1
    for screen in screens(shown):
        assert screen.count("\n") <= 23 and max(map(len, screen.splitlines())) <= 80
    platform = [screen for screen in screens(shown) if screen.startswith("blocking-io, mode platform") and "run 1 of 2" in screen]
    virtual = [screen for screen in screens(shown) if screen.startswith("blocking-io, mode virtual") and "run 2 of 2" in screen]
    assert number(platform[-1], "kernel tasks made") == number(platform[-1], "by start platform thread") == 11
    assert number(virtual[-1], "kernel tasks made") == number(virtual[-1], "by start carrier") == 2
    # Not in the last one: units may have ended when it was drawn.
    assert any("alive now 12" in screen and number(screen, "not finished") == 11 for screen in platform)
    assert any("alive now 3" in screen and " of about 3.00 s" in screen and number(screen, "units") == 11 for screen in virtual)
    assert "kernel task_structs created" in plain(shown.rpartition(GIVES_BACK)[2])


@pytest.mark.parametrize("stop", ["ctrl-c", "SIGTERM"])
def test_when_it_is_stopped_the_screen_is_given_back_and_the_results_are_shown(each_observer, stop):
    end = b"\x03" if stop == "ctrl-c" else lambda at: os.kill(at.pid, signal.SIGTERM)
    shown, code = at_terminal(each_observer, "run", "blocking-io", "--mode=platform", *LONG, "--delay", "100s", steps=[(b"alive now 12", end)])
    assert code == 130
    left = plain(shown.rpartition(GIVES_BACK)[2])
    assert shown.count(TAKES) == shown.count(GIVES_BACK) == 1 and "PARTIAL" in left and "kernel task_structs created" in left


def test_counts_have_a_rate_since_the_last_look(bpf):
    shown, code = at_terminal(bpf, "run", "blocking-io", "--delay", "100s", *LONG, steps=[(b"switches (", b"\x03")])
    assert code == 130 and re.search(r"so far: [\d,]+ switches \([\d,.]+/s\)", plain(shown))


def test_without_a_terminal_it_is_refused_before_anything_runs(anyone):
    done = anyone.run("run", "spawn-join", "--live").ended_with(2)
    assert "--live needs a terminal" in done.err and done.out == ""
