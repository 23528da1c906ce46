"""report with several files: side by side, merged, of a folder; what is bad or twice is named. Needs no privileges."""
import json
import re
import shutil

import pytest

from support import REPOSITORY, must_follow_the_schema, rows_of_csv

SAMPLES = REPOSITORY / "tests/golden/samples"


def variant(folder, name, sample="repeated", kernel=None, **walls):
    """A copy of a sample under another name, with another kernel and, by mode, another wall time."""
    document = json.loads((SAMPLES / f"{sample}.json").read_text())
    if kernel:
        document["host"]["kernel"] = kernel
    for result in document["results"]:
        if result["mode"] in walls:
            result["wall_ns"] = walls[result["mode"]]
            for repetition in result.get("repetitions", []):
                repetition["wall_ns"] = walls[result["mode"]]
    document["host"]["command"] = name
    path = folder / f"{name}.json"
    path.write_text(json.dumps(document))
    return path


@pytest.fixture
def two(folder):
    return variant(folder, "old", kernel="6.1.0"), variant(folder, "new", kernel="6.18.4")


@pytest.fixture
def a_class(folder):
    room = folder / "class"
    room.mkdir()
    modes = [result["mode"] for result in json.loads((SAMPLES / "repeated.json").read_text())["results"]]
    for number in range(24):
        variant(room, f"student{number:02}", **{modes[0]: 100_000_000 + number * 10_000})
    variant(room, "zoe", **{modes[0]: 900_000_000})
    return room


def test_two_files_stand_side_by_side_with_what_differs(anyone, two):
    done = anyone.run("report", *two).ended_with(0)
    lines = done.out.splitlines()
    assert lines[0] == "2 saved documents, side by side" and lines[1].split(", ") == ["  old", "new"]
    assert re.search(r"^  kernel +6\.1\.0 +6\.18\.4$", done.out, re.M)
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("form", ["table", "json", "csv", "markdown", "html"])
def test_every_format_has_both_ways(anyone, two, form):
    for words in ((), ("--merge",)):
        done = anyone.run("report", *two, "--format", form, *words).ended_with(0)
        assert "old" in done.out and "new" in done.out and "6.18.4" in done.out


def test_a_merged_report_has_a_dot_for_each_document(anyone, two):
    page = anyone.run("report", *two, "--format", "html", "--merge").ended_with(0).out
    figures = re.findall(r'<figure class="collected">(.*?)</figure>', page, re.S)
    wall = next(figure for figure in figures if "<figcaption>wall time<" in figure)
    rows = len(re.findall(r'class="who"', wall))
    assert rows and len(re.findall("<circle", wall)) == 2 * rows


def test_a_trace_is_of_one_document(anyone, two, folder):
    done = anyone.run("report", *two, "-o", folder / "x.pftrace").ended_with(2)
    assert "of one document only" in done.err


def test_the_document_follows_its_schema_and_renders_again(anyone, two, folder):
    saved = folder / "both.json"
    anyone.run("report", *two, "-o", saved).ended_with(0)
    document = json.loads(saved.read_text())
    must_follow_the_schema(document)
    assert document["schema"] == "vtlab.collection/1" and not document["merged"]
    assert anyone.run("report", saved).ended_with(0).out == anyone.run("report", *two).out
    assert anyone.run("report", "--merge", saved).ended_with(0).out == anyone.run("report", "--merge", *two).out


def test_the_values_are_those_of_the_files(anyone, two):
    document = json.loads(anyone.run("report", *two, "--format", "json").ended_with(0).out)
    originals = [json.loads(path.read_text()) for path in two]
    (group,) = document["groups"]
    for mode in group["modes"]:
        for key, metric in mode["metrics"].items():
            if key in ("wall_ns", "kernel_tasks"):
                continue
            for value in metric["values"]:
                (result,) = [one for one in originals[value["document"]]["results"] if one["mode"] == mode["mode"]]
                assert value.get("value") == result["metrics"][key].get("value"), key


def test_a_folder_is_a_class_and_is_merged(anyone, a_class):
    done = anyone.run("report", a_class).ended_with(0)
    assert done.out.startswith("25 saved documents, merged\n")
    assert "apart: wall time: zoe 900 ms" in " ".join(done.out.split())
    assert re.search(r"^  wall time +25 +100 ms +100 ms +900 ms", done.out, re.M)
    assert re.search(r"holds on 25 of 25", done.out)
    rows = {}  # of the first mode
    for row in rows_of_csv(anyone.run("report", a_class, "--format", "csv").ended_with(0).out):
        rows.setdefault(row["key"], row)
    assert rows["wall_ns[zoe]"]["value"] == "900000000" and rows["wall_ns[zoe]"]["source"] == "stands apart"


def test_a_bad_file_is_named_and_nothing_is_shown_unless_it_may_be_left_out(anyone, two, folder):
    bad = folder / "bad.json"
    bad.write_text("{")
    nowhere = folder / "nowhere.json"
    done = anyone.run("report", *two, bad, nowhere).ended_with(2)
    assert "cannot take 2 of 4 files" in done.err and done.out == ""
    assert str(bad) in done.err and str(nowhere) in done.err and "--keep-going" in done.err
    kept = anyone.run("report", "--keep-going", *two, bad, nowhere).ended_with(0)
    assert "2 saved documents" in kept.out and "Left out" in kept.out and "bad.json" in kept.out
    anyone.run("report", "--keep-going", bad, nowhere).ended_with(2)


def test_a_comparison_is_none_of_several(anyone, two):
    done = anyone.run("report", two[0], SAMPLES / "compared.json").ended_with(2)
    assert "a comparison is one picture already" in " ".join(done.err.split())


def test_the_same_document_counts_once(anyone, two, folder):
    again = folder / "again.json"
    shutil.copy(two[0], again)
    done = anyone.run("report", *two, again).ended_with(0)
    assert "2 saved documents" in done.out
    assert f"again.json: the same document as {two[0]}" in " ".join(done.out.split()).replace("- ", "-")


def test_files_of_one_name_are_told_apart_by_their_folders(anyone, two, folder):
    other = folder / "other"
    other.mkdir()
    path = variant(other, "old", kernel="5.10.0")
    document = json.loads(anyone.run("report", two[0], path, "--format", "json").ended_with(0).out)
    assert [one["name"] for one in document["documents"]] == [str(two[0]), str(path)]


def test_what_has_nothing_beside_it_is_said(anyone):
    done = anyone.run("report", "m-to-n", "memory").ended_with(0)
    assert "What has nothing beside it" in done.out
    assert "only m-to-n has" in done.out and "only memory has" in done.out


def test_observations_of_one_command_are_merged_too(anyone, folder):
    for number in range(3):
        document = json.loads((SAMPLES / "observed.json").read_text())
        document["wall_ns"] += number
        (folder / f"o{number}.json").write_text(json.dumps(document))
    done = anyone.run("report", *(folder / f"o{number}.json" for number in range(3)), "--merge").ended_with(0)
    assert "observed: " in done.out and "new kernel tasks" in done.out


def test_a_folder_without_documents_and_parts_of_many_are_refused(anyone, two, folder):
    empty = folder / "empty"
    empty.mkdir()
    assert "has no .json file" in anyone.run("report", empty).ended_with(2).err
    assert "--show chooses parts of one document" in anyone.run("report", *two, "--show", "ledger").ended_with(2).err


def test_what_the_docs_show_is_what_is_approved():
    text = (REPOSITORY / "docs/report.md").read_text()
    shown = [block for block in re.findall(r"^```\n(.*?)^```", text, re.M | re.S) if "saved documents" in block]
    assert len(shown) == 2
    for block, name in zip(shown, ("side-by-side", "class")):
        approved = (REPOSITORY / f"tests/golden/expected/{name}.txt").read_text().splitlines()
        assert [line for line in block.splitlines() if line not in approved] == []


def test_a_collection_cannot_be_played(anyone):
    done = anyone.run("replay", SAMPLES / "class.json").ended_with(2)
    assert "a collection of many documents" in " ".join(done.err.split())
