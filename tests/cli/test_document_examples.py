"""Every program that the documents of vthreads show compiles as it stands there, and prints what stands below it.

Rule      A block ```cpp is a complete program if it has a main(); the block after it, ``` without a language, is its output. Other
          blocks ```cpp are excerpts.
"""
import os
import pathlib
import re
import subprocess

import pytest

from support import REPOSITORY, SAFETY_NET_S, cannot

DOCUMENTS = ("vthreads/README.md", "docs/vthreads/api.md")
ONLY_PROGRAMS = ("docs/vthreads/api.md",)  # no excerpts there
COMPILE_S = 600  # a safety net: many may compile at once here
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$|^#+ ([^\n]*)$", re.M | re.S)


def programs_of(document):
    """Title of the section, program, and its output (None: there is none below)."""
    title, program = "", None
    for language, text, heading in BLOCK.findall((REPOSITORY / document).read_text()):
        if program is not None:
            yield title, program, None if language or heading else text
            program = None
        if heading:
            title = heading
        elif language == "cpp" and (document in ONLY_PROGRAMS or "int main(" in text):
            program = text
    if program is not None:
        yield title, program, None


SHOWN = [pytest.param(program, output, id=f"{pathlib.Path(document).name}: {title}")
         for document in DOCUMENTS for title, program, output in programs_of(document)]


@pytest.fixture(scope="session")
def library():
    folder = os.environ.get("VTLAB_BUILD_DIR")
    if not folder:
        pytest.skip("VTLAB_BUILD_DIR is not given, so there is no library to link")
    found = pathlib.Path(folder) / "vthreads/libvthreads.a"
    if not found.exists():
        cannot(f"{found} does not exist")
    return found


def test_each_document_has_programs():
    assert all(any(programs_of(document)) for document in DOCUMENTS)


@pytest.mark.parametrize("program,output", SHOWN)
def test_a_program_that_a_document_shows_prints_what_stands_below_it(program, output, library, tmp_path):
    assert output is not None, "the next block must be ``` with its output"
    source, binary = tmp_path / "example.cpp", tmp_path / "example"
    source.write_text(program)
    command = ["c++", "-std=c++20", "-Wall", "-Wextra", "-Wno-missing-field-initializers", "-Werror", "-pthread",
               f"-I{REPOSITORY / 'vthreads/include'}", str(source), str(library), "-lboost_context", "-luring",
               "-o", str(binary)]
    compiled = subprocess.run(command, capture_output=True, text=True, timeout=COMPILE_S, check=False)
    assert compiled.returncode == 0, compiled.stderr
    run = subprocess.run([str(binary)], capture_output=True, text=True, timeout=SAFETY_NET_S, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout == output
