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
DOCUMENTS = [path for path in (REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))) if path.exists()]
SHOWN = sorted({(path.name, " ".join(words)) for path in DOCUMENTS for words in commands_of(path.read_text())})


@pytest.mark.parametrize("document,line", SHOWN or [pytest.param("", "", marks=pytest.mark.skip("no document shows a command yet"))])
def test_a_command_that_a_document_shows_exists(anyone, document, line):
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


def test_the_readme_shows_how_to_run_the_first_experiment():
    readme = REPOSITORY / "README.md"
    if not readme.exists():
        pytest.skip("there is no README.md yet")
    assert any(" run " in f" {' '.join(words)} " for words in commands_of(readme.read_text()))
