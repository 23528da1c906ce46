"""What comes out, and where it goes: pipes get plain text and nothing else, terminals get colours and progress."""
import json
import re

import pytest

from support import by_mode, on_a_terminal, rows_of_csv

RUN = ("run", "spawn-join", "--mode=virtual,platform,fork,pool,green", "--tasks", 31)
ESCAPE = "\x1b"


def test_json_follows_the_published_schema(each_observer):
    document = each_observer.results(*RUN)
    assert document["schema"] == "vtlab.results/1"
    assert document["partial"] is False


def test_every_number_has_a_source_and_every_gap_a_reason(each_observer):
    for result in each_observer.results(*RUN)["results"]:
        for key, metric in result["metrics"].items():
            assert metric["source"] or "missing_because" in metric, key
            assert ("value" in metric) != ("missing_because" in metric), key


def test_csv_has_as_many_fields_in_every_row_as_in_its_head(each_observer):
    rows = rows_of_csv(each_observer.run(*RUN, "--format", "csv").ended_with(0).out)
    assert rows
    assert all(None not in row and None not in row.values() for row in rows)


def test_csv_says_what_json_says(anyone, folder):
    saved = folder / "run.json"
    anyone.run(*RUN, "-o", saved).ended_with(0)
    rows = rows_of_csv(anyone.run("report", saved, "--format", "csv").ended_with(0).out)
    wanted = {(mode, str(result["kernel_tasks"])) for mode, result in by_mode(json.loads(saved.read_text())).items()}
    found = {(row["mode"], value) for row in rows for value in row.values()}
    assert wanted <= found


def test_markdown_has_a_table_with_every_mode(each_observer):
    text = each_observer.run(*RUN, "--format", "markdown").ended_with(0).out
    head = next(line for line in text.splitlines() if line.startswith("|"))
    for mode in ("virtual", "platform", "fork", "pool", "green"):
        assert mode in head
    tables = [line for line in text.splitlines() if re.fullmatch(r"\|[ :|-]+\|", line)]
    assert len(tables) >= 2, text
    widths = [line.replace(r"\|", "").count("|") for line in text.splitlines() if line.startswith("|")]
    assert min(widths) >= 2


def test_a_piped_table_is_plain_and_no_wider_than_80_columns(each_observer):
    done = each_observer.run(*RUN, env={"TERM": "xterm"}).ended_with(0)
    assert ESCAPE not in done.out and "\r" not in done.out
    assert max(map(len, done.out.splitlines())) <= 80
    assert done.out.endswith("\n")


@pytest.mark.parametrize("words", [["list"], ["doctor"], ["--help"], ["run", "--help"], ["observe", "--help"],
                                   ["report", "--help"], ["compare", "--help"], ["prove", "--help"], ["explain", "--help"],
                                   ["explain"], ["prove", "--list"]])
def test_what_people_read_fits_80_columns(anyone, words):
    done = anyone.run(*words, env={"VTLAB_CALLED_AS": "./vtlabw"}).ended_with(0)
    assert [line for line in done.out.splitlines() if len(line) > 80] == []


@pytest.mark.parametrize("format", ["table", "json", "csv", "markdown"])
def test_a_pipe_gets_nothing_on_standard_error(each_observer, format):
    done = each_observer.run(*RUN, "--format", format, env={"TERM": "xterm"}).ended_with(0)
    assert done.err == ""
    assert ESCAPE not in done.out


def test_an_ascii_table_has_nothing_else(anyone):
    done = anyone.run(*RUN, "--ascii").ended_with(0)
    assert done.out.isascii() and "kernel task_structs created" in done.out
    assert not anyone.run(*RUN).out.isascii()


def test_a_terminal_gets_colour(anyone):
    code, text = on_a_terminal(anyone, *RUN)
    assert code == 0
    assert re.search(ESCAPE + r"\[[0-9;]+m", text)


def test_no_color_is_respected_on_a_terminal(anyone):
    code, text = on_a_terminal(anyone, *RUN, env={"NO_COLOR": "1"})
    assert code == 0
    assert not re.search(ESCAPE + r"\[[0-9;]*m", text)


def test_a_dumb_terminal_gets_no_escape_codes(anyone):
    code, text = on_a_terminal(anyone, "run", "blocking-io", "--tasks", 7, "--delay", "400ms", env={"TERM": "dumb"})
    assert code == 0
    assert ESCAPE not in text


def test_a_terminal_sees_progress_and_a_clean_line_after_it(anyone):
    code, text = on_a_terminal(anyone, "run", "blocking-io", "--tasks", 7, "--delay", "400ms")
    assert code == 0
    assert "of 7 units" in text
    after = text[text.rindex("of 7 units"):]
    assert ESCAPE + "[K" in after[:after.index("7 units,")], "the line of progress is still there"


def test_progress_says_nothing_where_nobody_looks(anyone):
    assert anyone.run("run", "blocking-io", "--tasks", 7, "--delay", "400ms").ended_with(0).err == ""


def test_lines_on_a_narrow_terminal_fit_it(anyone):
    code, text = on_a_terminal(anyone, *RUN, env={"NO_COLOR": "1"}, columns=64)
    assert code == 0
    lines = [line.rstrip("\r").rpartition("\r")[2].replace(ESCAPE + "[K", "") for line in text.split("\n")]
    assert max(map(len, lines)) <= 64, max(lines, key=len)


def test_list_names_scenarios_modes_and_formats(anyone):
    text = anyone.run("list").ended_with(0).out
    for name in ("blocking-io", "spawn-join", "virtual", "platform", "fork", "pool", "green", "gmp", "event-loop", "json", "csv", "markdown"):
        assert re.search(rf"^ +{name}\b", text, re.M), name


def test_doctor_tells_an_ordinary_user_what_root_would_see(nobody):
    done = nobody.run("doctor").ended_with(0)
    verdict = " ".join(done.out[done.out.index("verdict"):].split())
    assert "ptrace" in verdict and re.search(r"sudo \S*vtlab doctor$", verdict)
    assert max(map(len, done.out.splitlines())) <= 80
    assert done.err == ""


def test_doctor_finds_a_rung_for_every_question_where_bpf_works(bpf):
    text = bpf.run("doctor").ended_with(0).out
    assert "by eBPF" in text[text.index("verdict"):]
    assert re.search(r"^ +(fentry|kprobe|tp_btf|tracepoint) .* yes$", text, re.M)


@pytest.mark.parametrize("arguments", [("list",), ("doctor",), ("--help",), ("run", "--help"), ("--version",)])
def test_help_and_lists_go_to_standard_output(anyone, arguments):
    done = anyone.run(*arguments).ended_with(0)
    assert done.out and done.err == "" and ESCAPE not in done.out
