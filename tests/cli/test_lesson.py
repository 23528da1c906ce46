"""vtlab lesson: played by answers on standard input, live and recorded; what it keeps; handouts."""
import json
import re

import pytest

from support import NOBODY, REPOSITORY, on_a_terminal

FOLDER = REPOSITORY / "docs/lessons"
LESSONS = sorted(file.stem for file in FOLDER.glob("*.md") if file.stem != "README")
MINE = """# Mine

- about: a lesson of my own
- time: 5 minutes

## Predict n: How many?

```answer
virtual.kernel_tasks exactly
```

## Run: Start

- recording: task

```vtlab
run spawn-join --mode=platform,virtual,fork --tasks 101 --carriers 2 --show ledger
```

## Explain n: So many

There were {virtual.kernel_tasks}.

> **Right:** Indeed.

> **Wrong:** No.
"""


def play(lab, folder, lesson, answers, *options, env=None, **how):
    """Answers one line each; the state is kept in the folder."""
    script = folder / "answers"
    script.write_text("".join(f"{answer}\n" for answer in answers))
    with open(script, encoding="utf-8") as stdin:
        return lab.run("lesson", lesson, *options, stdin=stdin, env={"XDG_STATE_HOME": str(folder), **(env or {})}, **how)


def kept(folder):
    return json.loads((folder / "vtlab/lessons.json").read_text())["lessons"]


@pytest.fixture
def mine(folder):
    file = folder / "mine.md"
    file.write_text(MINE)
    return file


def test_the_list_has_every_lesson_with_its_time_and_fits_80_columns(anyone, folder):
    listed = anyone.run("lesson", env={"XDG_STATE_HOME": str(folder)}).ended_with(0).out
    assert sorted(re.findall(r"^  (\S+) .* \d+ min +–$", listed, re.M)) == LESSONS
    assert max(map(len, listed.splitlines())) <= 80


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_plays_to_its_end_with_recordings_alone(anyone, folder, lesson):
    asked = len(re.findall(r"^## Predict ", (FOLDER / f"{lesson}.md").read_text(), re.M))
    # To each question one of these is an answer, the others are asked again.
    done = play(anyone, folder, lesson, ["1", "1 ms", "1 KiB"] * asked, "--recorded").ended_with(0)
    assert "came out differently" not in done.out and "{" not in done.out
    assert max(map(len, done.out.splitlines())) <= 80
    (score,) = kept(folder)
    assert score["lesson"] == lesson and score["finished"] and len(score["answers"]) == asked == score["predictions"]
    assert re.search(rf"── Score ── {sum(a['right'] for a in score['answers'])} of {asked} predictions right", done.out)


def test_a_lesson_runs_live_and_judges_by_that_run(bpf, folder, mine):
    right = play(bpf, folder, mine, ["2"]).ended_with(0).out
    assert "on this machine" in right and "✓ right" in right and "Indeed." in right and "recording" not in right
    wrong = play(bpf, folder, mine, ["3"]).ended_with(0).out
    assert "✗ not this time" in wrong and "No." in wrong and "There were 2." in wrong
    assert kept(folder)[0]["answers"] == [{"question": "n", "said": "3", "right": False}]


def test_without_privileges_a_lesson_runs_as_far_as_counting_goes(nobody, folder, mine):
    mine.chmod(0o644)
    assert "on this machine" in play(nobody, folder, mine, ["2"]).ended_with(0).out


def test_what_this_machine_cannot_show_comes_from_the_recording_and_is_said(nobody, folder):
    out = play(nobody, folder, "parking", ["2", "3", "2"]).ended_with(0).out
    assert "This machine cannot show it" in out and "The recording 'parking' is shown" in out
    assert "3 of 3 predictions right" in out


def test_a_jdk_that_is_not_there_is_no_reason_to_stop(anyone, folder):
    file = folder / "java.md"
    file.write_text((FOLDER / "java.md").read_text().replace("--carriers 2", "--java /nowhere --carriers 2"))
    out = play(anyone, folder, file, ["3", "101", "2"]).ended_with(0).out
    assert "This machine cannot show it" in out and "/nowhere" in out and "The recording 'java' is shown" in out


def test_what_is_no_answer_is_asked_again(anyone, folder, mine):
    out = play(anyone, folder, mine, ["many", "", "2"], "--recorded").ended_with(0).out
    assert out.count("Your answer") == 3 and "'many' is no answer: write a number" in out


def test_q_stops_and_keeps_what_was_answered(anyone, folder):
    out = play(anyone, folder, "task", ["3", "q"], "--recorded").ended_with(0).out
    assert "1 answer is kept" in out and "Run" not in out.split("Stopped")[1]
    (score,) = kept(folder)
    assert not score["finished"] and score["answers"] == [{"question": "threads", "said": "3. one for each thread"}]
    assert "begun" in anyone.run("lesson", env={"XDG_STATE_HOME": str(folder)}).out


def test_a_score_is_not_lost_by_beginning_again(anyone, folder):
    play(anyone, folder, "task", ["3", "2", "2"], "--recorded").ended_with(0)
    assert "the score of the last time stays" in play(anyone, folder, "task", ["1", "q"], "--recorded").ended_with(0).out
    assert kept(folder)[0]["finished"] and [answer["right"] for answer in kept(folder)[0]["answers"]] == [True, True, True]


def test_the_end_of_input_stops_like_q(anyone, folder):
    assert "Stopped" in play(anyone, folder, "task", ["3"], "--recorded").ended_with(0).out


def test_the_next_time_it_says_how_the_last_was_and_the_list_has_the_score(anyone, folder):
    play(anyone, folder, "task", ["3", "2", "1"], "--recorded").ended_with(0)
    assert "Last time: 2 of 3 right." in play(anyone, folder, "task", ["q"], "--recorded").out
    play(anyone, folder, "task", ["3", "2", "2"], "--recorded").ended_with(0)
    assert re.search(r"^  task .* 3 of 3$", anyone.run("lesson", env={"XDG_STATE_HOME": str(folder)}).out, re.M)


def test_under_sudo_the_score_belongs_to_the_user_and_stands_in_their_home(root, folder, mine):
    # nobody has no home that can be written to: the lesson goes on and says so; nothing of root's is written instead.
    env = {"SUDO_UID": str(NOBODY), "SUDO_GID": str(NOBODY)}
    out = play(root, folder, mine, ["2"], "--recorded", env=env).ended_with(0).out
    assert "the score is not kept" in out and not (folder / "vtlab").exists()


def test_a_file_of_scores_that_is_not_understood_is_left_alone(anyone, folder, mine):
    (folder / "vtlab").mkdir()
    (folder / "vtlab/lessons.json").write_text("mine!")
    out = play(anyone, folder, mine, ["2"], "--recorded").ended_with(0).out
    assert "lessons.json is not understood" in out
    assert (folder / "vtlab/lessons.json").read_text() == "mine!"


def test_a_lecturer_is_asked_nothing_and_shown_everything(anyone, folder):
    out = play(anyone, folder, "task", [], "--recorded", "--demo").ended_with(0).out
    assert "Your answer" not in out and "In this run" in out and "Score" not in out
    assert not (folder / "vtlab").exists()


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_a_lesson_fits_its_terminal_also_in_ascii(anyone, folder, columns):
    code, out = on_a_terminal(anyone, "lesson", "task", "--recorded", "--demo", "--ascii", columns=columns, env={"XDG_STATE_HOME": str(folder)})
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", out)
    assert code == 0 and plain.isascii()
    assert max(len(line.rstrip("\r")) for line in plain.split("\n")) <= columns


@pytest.mark.parametrize("answers", [False, True])
@pytest.mark.parametrize("ending", ["md", "html"])
def test_a_handout_says_where_its_numbers_are_from(anyone, folder, ending, answers):
    file = folder / f"handout.{ending}"
    anyone.run("lesson", "task", "export", "-o", file, *(["--answers"] if answers else [])).ended_with(0)
    text = file.read_text()
    recording = json.loads((REPOSITORY / "recordings/task.json").read_text())
    for part in (recording["host"]["kernel"], recording["host"]["started_at"], "vtlab run spawn-join", "the recording"):
        assert part in text
    assert ("☑" in text) == answers and "{virtual" not in text
    assert text.startswith("<!DOCTYPE html>" if ending == "html" else "# What is a task?")


def test_a_handout_is_made_from_a_run_of_ones_own(anyone, folder, mine):
    run = folder / "run.json"
    anyone.run("run", "spawn-join", "--mode=virtual", "--tasks", 11, "--carriers", 3, "-o", run).ended_with(0)
    text = anyone.run("lesson", "export", mine, "--answers", "--result", run).ended_with(0).out
    assert "There were 3." in text and str(run) in text


def test_a_result_that_does_not_fit_is_refused_with_what_is_missing(anyone, folder, mine):
    done = anyone.run("lesson", "export", mine, "--result", "go").ended_with(2)
    assert "does not fit" in done.err and "virtual.kernel_tasks" in done.err


def test_several_documents_side_by_side_are_no_run(anyone, folder):
    both = folder / "both.json"
    anyone.run("report", "task", "memory", "-o", both).ended_with(0)
    assert "is not one run" in anyone.run("lesson", "values", both).ended_with(2).err


def test_every_lesson_fits_its_recordings_and_the_check_says_so(anyone):
    for lesson in LESSONS:
        assert "has" not in anyone.run("lesson", "check", lesson).ended_with(0).err


def test_the_check_names_line_and_value(anyone, mine):
    mine.write_text(MINE.replace("{virtual.kernel_tasks}", "{virtual.kernel_taks}"))
    assert "line 12: the run has no virtual.kernel_taks" in anyone.run("lesson", "check", mine).ended_with(1).out


def test_a_lesson_that_cannot_be_read_says_where(anyone, mine):
    mine.write_text(MINE.replace("## Predict n", "## Predikt n"))
    done = anyone.run("lesson", mine).ended_with(2)
    assert "mine.md, line 6: there is no kind of step 'Predikt'" in done.err and "Read, Predict, Run, See or Explain" in done.err


def test_the_names_of_values_can_be_listed(anyone):
    out = anyone.run("lesson", "values", "task").ended_with(0).out
    assert re.search(r"^virtual\.kernel_tasks +2$", out, re.M)


def test_an_unknown_lesson_is_refused_with_what_there_is(anyone):
    done = anyone.run("lesson", "taks").ended_with(2)
    assert "did you mean 'task'?" in done.err


def test_readme_lists_every_lesson_with_its_title():
    rows = dict(re.findall(r"^\| \[([a-z-]+)\]\(\1\.md\) \| ([^|]+) \|", (FOLDER / "README.md").read_text(), re.M))
    assert rows == {name: (FOLDER / f"{name}.md").read_text().partition("\n")[0][2:] for name in LESSONS}
