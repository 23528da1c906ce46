"""What documents show is what vtlab prints: commands with their output, messages, links, and names of commands.

Rule      A block ```console begins with `$ vtlab …`; what stands below it is its output. A line with nothing but … stands
          for any number of lines. Only commands that need no privileges and measure nothing: their output is always the
          same. VTLAB_APPROVE=1 writes what differs anew, whole: leave out again what nobody needs.
"""
import os
import pathlib
import re
import shlex

import pytest

from support import REPOSITORY

BLOCK = re.compile(r"^```console\n\$ ([^\n]*)\n(.*?)^```$", re.M | re.S)
DOCUMENTS = sorted([REPOSITORY / "README.md", *(REPOSITORY / "docs").rglob("*.md"), *(REPOSITORY / "recordings").glob("*.md")])
SHOWN = [pytest.param(document, match, id=f"{document.relative_to(REPOSITORY)}: {match[1]}")
         for document in DOCUMENTS for match in BLOCK.finditer(document.read_text())]
LEFT_OUT = "…\n"


def as_shown(shown, printed):
    """The output with … where the document leaves something out, or None if it does not have what the document has."""
    at, out = 0, ""
    for place, part in enumerate(shown.split(LEFT_OUT)):
        found = printed.find(part, at) if place else (0 if printed.startswith(part) else -1)
        if found < 0:
            return None
        out += (LEFT_OUT if place else "") + part
        at = found + len(part)
    return out if shown.endswith(LEFT_OUT) or at == len(printed) else None


@pytest.mark.parametrize("document,match", SHOWN)
def test_a_command_that_a_document_shows_prints_what_stands_below_it(anyone, document, match):
    program, *words = shlex.split(match[1])
    assert program == "vtlab" and words[0] in ("report", "explain", "list", "replay", "lesson", "prove")
    printed = anyone.run(*words, env={"VTLAB_CALLED_AS": "vtlab"}).ended_with(0).out
    if as_shown(match[2], printed) is None and os.environ.get("VTLAB_APPROVE"):
        document.write_text(document.read_text().replace(match[0], f"```console\n$ {match[1]}\n{printed}```"))
        return
    assert as_shown(match[2], printed) is not None, f"vtlab prints:\n{printed}"


def test_there_are_such_documents():
    assert len(SHOWN) >= 3


def sources():
    folders = ("cli", "probes", "scenarios", "vtlabw", "fetch")
    files = [path for folder in folders for path in ([REPOSITORY / folder] if (REPOSITORY / folder).is_file() else (REPOSITORY / folder).rglob("*"))]
    return "\n".join(path.read_text() for path in files if path.is_file() and path.suffix in ("", ".cpp", ".h", ".c", ".py"))


def test_the_messages_of_troubleshooting_are_vtlabs():
    text = (REPOSITORY / "docs/troubleshooting.md").read_text()
    messages = [message for message in re.findall(r"^\| `([^`]*)` \|", text, re.M)]
    assert len(messages) > 25
    # A message may be written in several pieces, and be put together of several.
    said = re.sub(r'"\s*\n\s*"', "", sources())
    pieces = {message: message.replace("load refused: Operation not permitted", " refused") for message in messages}
    assert [message for message in messages if pieces[message] not in said] == []


COMMANDS_IN = re.compile(r"(?:^ {4}|`)(?:sudo )?(?:\./)?vtlabw? ((?:[a-z]+))\b", re.M)


def test_every_command_that_a_document_names_exists(anyone):
    listed = anyone.run("--help").ended_with(0).out
    known = set(re.findall(r"^  ([a-z]+) ", listed[listed.index("Subcommands:"):], re.M)) | {"build", "runtimes", "bench", "test"}
    used = {(document.relative_to(REPOSITORY).as_posix(), word) for document in DOCUMENTS if "decisions" not in document.parts
            for word in COMMANDS_IN.findall(document.read_text())}
    assert len(used) > 30
    assert {(document, word) for document, word in used if word not in known} == set()


def anchors(document):
    """The names of a document's headings, as a code host gives them."""
    titles = re.findall(r"^#+ (.*)$", document.read_text(), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_link_between_documents_leads_somewhere():
    broken = []
    for document in [*DOCUMENTS, REPOSITORY / "tests/README.md", REPOSITORY / "probes/README.md", REPOSITORY / "vthreads/README.md"]:
        text = re.sub(r"^```.*?^```$", "", document.read_text(), flags=re.M | re.S)
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if re.match(r"[a-z]+:", target):
                continue
            path, _, anchor = target.partition("#")
            file = pathlib.Path(os.path.normpath(document.parent / path)) if path else document
            if not file.exists() or (anchor and file.suffix == ".md" and anchor not in anchors(file)):
                broken.append((document.relative_to(REPOSITORY).as_posix(), target))
    assert broken == []
