"""./vtlabw bench runtimes: that every work is a row with every observer or a reason, and nothing is lost. Never how dear."""
import os

import pytest

from support import REPOSITORY, Running, cannot
from test_bench import BENCH, PYTHON, must_follow_the_schema

import lenses  # noqa: E402  (test_bench has told where it is)

WORKS = [work.name for work in lenses.WORKS]


@pytest.fixture
def bench(binaries, tmp_path, why_no_bpf):
    """Runs it; what it leaves in its temporary folder is a failure."""
    if why_no_bpf:
        cannot(why_no_bpf)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    temporary.chmod(0o755)

    def run(*arguments, code=0, path=None):
        words = [PYTHON, str(BENCH / "run.py"), "runtimes", "--quick", "--vtlab", str(binaries / "vtlab"), *map(str, arguments)]
        with Running(words, env={"TMPDIR": str(temporary), "PATH": path or os.environ["PATH"]}) as running:
            return running.finish(safety_net_s=600).ended_with(code)
    yield run
    assert os.listdir(temporary) == []


def there_is(pattern):
    return any((REPOSITORY / "build/runtimes").glob(pattern))


def test_every_work_has_a_row_of_each_observer_and_none_misses_a_pass(bench):
    document = bench("--format", "json").document
    must_follow_the_schema(document)
    works = [work for work in WORKS if there_is("go-*/bin/go" if work.startswith("go") else "jdk-*/bin/java")]
    if not works:
        cannot("there is neither Go nor a JDK: ./vtlabw runtimes")
    rows = {(row["work"], row["subject"]): row for row in document["rows"]}
    for work in works:
        for subject in lenses.LABELS:
            for measure in (work, f"{work}-cpu"):
                row = rows[measure, subject]
                assert row["median"] > 0 or measure != work
                assert row["lost"] == (None if subject == "unobserved" else 0)
    assert not [skip for skip in document["skipped"] if skip["failed"]]
    assert {target["verdict"] for target in document["targets"]} == {"not judged"}


def test_a_table_fits_a_terminal_and_says_what_a_number_is(bench):
    out = bench("--work", "go-paced,jvm-paced", "--subject", "runtime").out
    assert max(map(len, out.splitlines())) <= 80
    if there_is("go-*/bin/go"):
        assert "100,000 in a second" in out and "vtlab, lens " in out


def test_a_runtime_that_cannot_be_used_is_named_with_what_gets_one_and_the_other_is_measured(bench, tmp_path):
    document = bench("--work", "go-storm,jvm-paced", "--subject", "ledger", "--go", tmp_path / "no-go", "--format", "json").document
    must_follow_the_schema(document)
    because = [skip["because"] for skip in document["skipped"] if skip["work"] == "go-storm"]
    assert because and all("./vtlabw runtimes" in each for each in because)
    if there_is("jdk-*/bin/java"):
        assert {row["work"] for row in document["rows"]} == {"jvm-paced", "jvm-paced-cpu"}


def test_without_any_runtime_there_is_nothing_to_measure(bench, tmp_path):
    said = bench("--go", tmp_path / "no-go", "--java", tmp_path / "no-java", code=3).err
    assert "cannot measure" in said and "./vtlabw runtimes" in said
