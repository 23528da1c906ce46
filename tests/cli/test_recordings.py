"""recordings/: each is a document of today's format, holds what a lesson may rest on, and is found by its name."""
import json
import re
import runpy

import pytest

from support import REPOSITORY, must_follow_the_schema

FOLDER = REPOSITORY / "recordings"
RECORDER = runpy.run_path(str(FOLDER / "record"))
FILES = sorted(FOLDER.glob("*.json"))
NAMES = [file.stem for file in FILES]


def test_there_is_a_command_line_for_each_recording_and_a_recording_for_each():
    assert NAMES == sorted(RECORDER["RECORDINGS"])


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_a_recording_follows_the_schema_is_whole_and_its_claims_hold(file):
    document = json.loads(file.read_text())
    must_follow_the_schema(document)
    assert document["results"]
    assert list(RECORDER["complaints"](document)) == []
    assert document["host"]["command"] == f"vtlab run {RECORDER['RECORDINGS'][file.stem]} -o {file.stem}.json"
    assert file.stat().st_size <= RECORDER["MOST_BYTES"]


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_a_recording_names_no_place_of_whoever_made_it(file):
    assert re.findall(r'"/(?!usr/)[^"]*"|/(?:home|root|tmp)/', file.read_text()) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_recording_is_read_and_written_again_as_it_is(anyone, folder, name):
    again = anyone.run("report", name, "--format", "json", cwd=folder).ended_with(0).document
    assert again == json.loads((FOLDER / f"{name}.json").read_text())


@pytest.mark.parametrize("name", NAMES)
def test_a_report_of_a_recording_fits_80_columns(anyone, folder, name):
    lines = anyone.run("report", name, cwd=folder).ended_with(0).out.splitlines()
    assert max(map(len, lines)) <= 80
    assert any("Claims" in line for line in lines)


def test_the_list_says_what_each_recording_holds(anyone):
    listed = anyone.run("list").ended_with(0).out.partition("\nRecordings")[2]
    assert re.findall(r"^  (\S+) ", listed, re.M)[:len(NAMES)] == NAMES
    assert "blocking-io: virtual, platform, fork; with a timeline" in listed


def test_a_file_goes_before_a_recording_of_its_name(anyone, folder):
    (folder / "task").write_text((FOLDER / "memory.json").read_text())
    assert anyone.run("report", "task", "--format", "json", cwd=folder).document["results"][0]["scenario"] == "parked-memory"


def test_a_name_that_is_neither_file_nor_recording_is_refused_with_what_there_is(anyone, folder):
    done = anyone.run("report", "memroy", cwd=folder).ended_with(2)
    assert "cannot read memroy" in done.err and "No such file" in done.err
    assert "did you mean 'memory'?" in done.err and ", ".join(NAMES) in done.err
    assert "recording" not in anyone.run("report", "memroy.json", cwd=folder).ended_with(2).err
