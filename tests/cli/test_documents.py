"""Every command that the documents show exists, with every option that they show."""
import re
import shlex
import subprocess
import sys

import pytest

from support import REPOSITORY

OF_THE_WRAPPER = {"build", "test", "-y", "--yes"}


def commands_of(text):
    """The vtlab command lines in fenced and in indented blocks, as lists of words."""
    fenced = re.findall(r"^```[^\n]*\n(.*?)^```", text, re.M | re.S)
    indented = re.findall(r"^    (.*)$", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), re.M)
    for block in [*fenced, "\n".join(indented)]:
        for line in block.replace("\\\n", " ").splitlines():
            try:
                words = shlex.split(line.lstrip("$# ").strip(), comments=True)
            except ValueError:  # prose with an apostrophe
                continue
            if words[:1] == ["sudo"]:
                words = words[1:]
            if not words or words[0].rpartition("/")[2] not in ("vtlab", "vtlabw"):
                continue
            # What a shell does with it, or what stands beside it as an explanation (two spaces or more), is not vtlab's.
            shown = re.split(r"\s{2,}|\t| [|>&;] ?", line[line.index(words[0]):].strip())[0]
            yield shlex.split(shown, comments=True)


# Not docs/decisions: those tell of their day.
PAGES = REPOSITORY / "docs/scenarios"
DOCUMENTS = [path for path in (REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md")), *sorted(PAGES.glob("*.md")))
             if path.exists()]
EXPLAINED = {(path.name, "vtlab " + line.removeprefix("try: "))
             for path in sorted((REPOSITORY / "cli/explain/texts").glob("*/*.txt"))
             for line in path.read_text().splitlines() if line.startswith("try: ")}
SHOWN = sorted({(path.name, " ".join(words)) for path in DOCUMENTS for words in commands_of(path.read_text())} | EXPLAINED)
ADDS = ("extending.md",)  # shows what the reader has added before


@pytest.fixture(scope="module")
def catalogue(binaries):
    """The names below each heading of `vtlab list`, as a set; "Scenarios" and "Modes"."""
    listed = subprocess.run([str(binaries / "vtlab"), "list"], capture_output=True, text=True, check=True).stdout
    return {block.partition(":")[0]: set(re.findall(r"^  (\S+)", block, re.M)) for block in listed.split("\n\n")}


@pytest.mark.parametrize("document,line", SHOWN or [pytest.param("", "", marks=pytest.mark.skip("no document shows a command yet"))])
def test_a_command_that_a_document_shows_exists(anyone, catalogue, document, line):
    words = shlex.split(line)[1:]
    if not words or words[0] in OF_THE_WRAPPER or words[0].startswith("-") or words[0].isupper():
        return
    command, *rest = words
    if command == "bench":
        driver = [sys.executable, str(REPOSITORY / "tests/bench/run.py"), *rest[:1], "--help"]
        help_text = subprocess.run(driver, capture_output=True, text=True, check=True).stdout
    else:
        help_text = anyone.run(command, "--help").ended_with(0).out
    if "--" in rest:
        rest = rest[:rest.index("--")]
    for word in rest:
        option = word.partition("=")[0]
        if re.fullmatch(r"--?[a-zA-Z][a-z-]*", option):
            assert re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", help_text), f"{document}: {line}: no {option}"
    if command in ("run", "compare") and document not in ADDS:
        if rest and re.fullmatch(r"[a-z-]+", rest[0]) and not rest[0].startswith("-"):
            assert rest[0] in catalogue["Scenarios"], f"{document}: {line}: no scenario {rest[0]}"
        for word in rest:
            if word.startswith("--mode=") and word != "--mode=all":
                modes = {mode.partition("@")[0] for mode in word.removeprefix("--mode=").split(",")}
                assert modes <= catalogue["Modes"], f"{document}: {line}"


def test_each_scenario_has_a_page_that_shows_it_and_stands_in_the_index(anyone, catalogue):
    index = (PAGES / "README.md").read_text()
    for scenario in catalogue["Scenarios"]:
        page = (PAGES / f"{scenario}.md").read_text()
        assert any(words[1:3] == ["run", scenario] for words in commands_of(page)), f"{scenario}.md never runs it"
        for heading in ("## What to look at", "## What surprises", "## What it does not show"):
            assert heading in page, f"{scenario}.md: no {heading}"
        row = re.search(rf"^\| \[{scenario}\]\({scenario}\.md\) \|.*$", index, re.M)
        assert row, f"{scenario} is not in the index"
        # Which scenarios there are in Java and in Go is said in one sentence below.
        refused = re.findall(r"^Not in mode ([\w-]+): (?!it is not written in)", anyone.run("explain", scenario).ended_with(0).out, re.M)
        assert [mode for mode in refused if mode not in row[0]] == [], f"{scenario}: the index does not say which modes it refuses"


def test_the_readme_shows_how_to_run_the_first_experiment():
    readme = REPOSITORY / "README.md"
    if not readme.exists():
        pytest.skip("there is no README.md yet")
    assert any(" run " in f" {' '.join(words)} " for words in commands_of(readme.read_text()))
