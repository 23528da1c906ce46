"""How text looks on a terminal: --palette, VTLAB_PALETTE, NO_COLOR, --wide."""
import re

import pytest

from support import REPOSITORY, on_a_terminal

SAVED = REPOSITORY / "tests/golden/samples/five-modes.json"
STYLE = re.compile(r"\x1b\[([0-9;]*)m")
PALETTES = ["terminal", "safe", "light", "mono"]


def styles(text):
    return {style for style in STYLE.findall(text) if style != "0"}


def look(lab, *arguments, **how):
    code, text = on_a_terminal(lab, "report", SAVED, *arguments, **how)
    assert code == 0, text
    return text


@pytest.mark.parametrize("palette", PALETTES)
def test_each_palette_has_a_look_of_its_own_and_the_same_words(anyone, palette):
    text = look(anyone, "--palette", palette)
    others = [styles(look(anyone, "--palette", other)) for other in PALETTES if other != palette]
    assert styles(text) and styles(text) not in others
    assert STYLE.sub("", text) == look(anyone, "--palette", "none")


def test_mono_has_no_colours(anyone):
    assert not [style for style in styles(look(anyone, "--palette", "mono")) if re.search(r"[349][0-7]|38", style)]


def test_a_variable_chooses_the_palette_of_every_command(anyone):
    assert styles(look(anyone, env={"VTLAB_PALETTE": "safe"})) == styles(look(anyone, "--palette", "safe"))


def test_no_color_wins_over_the_variable_but_not_over_the_option(anyone):
    assert not styles(look(anyone, env={"VTLAB_PALETTE": "safe", "NO_COLOR": "1"}))
    assert styles(look(anyone, "--palette", "safe", env={"NO_COLOR": "1"}))


def test_a_palette_colours_nothing_but_terminals(anyone):
    assert "\x1b" not in anyone.run("report", SAVED, "--palette", "safe", env={"TERM": "xterm"}).ended_with(0).out


@pytest.mark.parametrize("how", [{}, {"env": {"VTLAB_PALETTE": "saef"}}])
def test_an_unknown_palette_is_said_with_those_that_there_are(anyone, how):
    words = [] if how else ["--palette", "saef"]
    done = anyone.run("report", SAVED, *words, **how).ended_with(2)
    assert "saef" in done.err and "did you mean 'safe'" in done.err
    assert done.out == ""


def test_wide_lines_use_the_whole_terminal(anyone):
    narrow, wide = look(anyone, columns=132), look(anyone, "--wide", columns=132)
    longest = [max(map(len, STYLE.sub("", text).splitlines())) for text in (narrow, wide)]
    assert longest[0] <= 100 < longest[1] <= 132


def test_wide_works_in_a_pipe_too(anyone):
    lines = anyone.run("report", SAVED, "--wide").ended_with(0).out.splitlines()
    assert 100 < max(map(len, lines)) <= 160
