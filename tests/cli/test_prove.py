"""vtlab prove: claims of the article with a verdict each. Which are refuted is not this file's business, but what a
verdict stands on, and what is said where there can be none."""
import json
import signal

from support import must_follow_the_schema, wait_until

CHEAP = "exist.green"


def verdicts(document):
    return {claim["id"]: claim["verdict"] for claim in document["claims"]}


def test_list_says_what_is_claimed_where_and_what_would_be_run(anyone):
    listed = anyone.run("prove", "--list").ended_with(0).out
    assert "exist.virtual  (A§2, §8, §11)" in listed
    assert "      $ vtlab run blocking-io --mode=virtual --tasks 10007" in listed
    assert "--mode=java-virtual@21,java-virtual@25" in " ".join(listed.split())
    assert max(len(line) for line in listed.splitlines()) <= 80
    some = anyone.run("prove", "gain", "--list").ended_with(0).out
    assert "gain.creation" in some and "exist." not in some


def test_a_claim_holds_with_its_evidence_and_the_runs_that_it_stands_on(each_observer):
    document = each_observer.results("prove", CHEAP)
    [claim] = document["claims"]
    assert claim["verdict"] == "holds"
    assert claim["group"] == "What exists in the kernel" and claim["where"] == "B"
    assert "0 new kernel tasks" in claim["because"]
    [line] = claim["experiment"]
    assert [(run["scenario"], run["mode"]) for run in document["results"]] == [("blocking-io", "green")]
    assert not document["partial"]
    again = each_observer.results(*line.split()[1:])
    assert again["results"][0]["params"] == document["results"][0]["params"]


def jdk_17(folder):
    """The home of a JDK that is too old."""
    (folder / "bin").mkdir()
    java = folder / "bin/java"
    java.write_text("#!/bin/sh\nexit 99\n")
    java.chmod(0o755)
    (folder / "release").write_text('JAVA_VERSION="17.0.15"\nMODULES="java.base java.compiler jdk.compiler"\n')
    return folder


def test_a_table_has_groups_verdicts_and_a_sum(anyone, folder):
    table = anyone.run("prove", CHEAP, "exist.java-virtual", "--java", jdk_17(folder)).ended_with(0).out
    assert "\nWhat exists in the kernel\n" in table
    assert "✓ holds" in table and "? not testable here" in table
    assert table.endswith("1 holds, 0 refuted, 1 not testable here\n")
    assert max(len(line) for line in table.splitlines()) <= 80


def test_if_nothing_can_be_tested_the_exit_code_is_3(anyone, folder):
    done = anyone.run("prove", "exist.java-virtual", "--java", jdk_17(folder), "--format", "json").ended_with(3)
    must_follow_the_schema(done.document)
    assert verdicts(done.document) == {"exist.java-virtual": "not-testable-here"}
    because = done.document["claims"][0]["because"]
    assert "virtual threads need JDK 21" in because and "type: ./vtlabw runtimes" in because


def test_what_own_modes_show_is_judged_without_the_runtime_that_is_missing(anyone, folder):
    document = anyone.results("prove", "path.not-per-unit", "--java", jdk_17(folder))
    [claim] = document["claims"]
    assert claim["verdict"] == "holds"
    assert "virtual threads need JDK 21" in claim["because"]
    assert "java-virtual" not in {run["mode"] for run in document["results"]}


def test_an_unknown_claim_names_the_nearest_one(anyone):
    done = anyone.run("prove", "exist.virtaul").ended_with(2)
    assert "unknown claim 'exist.virtaul'; did you mean 'exist.virtual'?" in done.err
    assert "prove --list" in done.err


def test_an_ordinary_user_gets_counts_judged_and_is_told_what_the_rest_needs(nobody):
    document = nobody.results("prove", CHEAP, "park.carrier-visible", "gain.creation")
    assert verdicts(document) == {CHEAP: "holds", "park.carrier-visible": "not-testable-here",
                                  "gain.creation": "not-testable-here"}
    for claim in document["claims"]:
        assert claim["verdict"] == "holds" or "type: sudo " in claim["because"]


def test_an_interrupt_keeps_what_was_judged_and_marks_the_rest(bpf, folder):
    file = folder / "proven.json"
    # What is only counted is run in this order; the pool of the second takes two seconds.
    with bpf.start("prove", CHEAP, "gain.blocking", "-o", file) as running:
        def pool_runs():
            child = running.workload()
            return child and b"pool" in child._read("cmdline").split(b"\0") and child.sleeping_threads() == 3
        wait_until(pool_runs, "the pool is at work", of=running.process)
        running.process.send_signal(signal.SIGINT)
        running.finish().ended_with(130)
        running.leaves_nothing()
    document = json.loads(file.read_text())
    must_follow_the_schema(document)
    assert document["partial"]
    assert verdicts(document) == {CHEAP: "holds", "gain.blocking": "not-testable-here"}


def test_a_saved_proof_is_shown_again_as_it_was(anyone, folder):
    file = folder / "proven.json"
    anyone.run("prove", CHEAP, "-o", file).ended_with(0)
    assert anyone.run("report", file).ended_with(0).out.startswith("Linux ")
    assert "kernel task_structs created" in anyone.run("report", file, "--show", "ledger").ended_with(0).out


# Judged by times: on a machine that is busy with something else these have no verdict, and say so.
TIMED = {"gain.not-cpu", "gain.not-latency", "gain.creation", "gain.scheduler", "gain.user-mode", "green.one-core",
         "exist.gmp"}


def test_every_claim_that_needs_no_foreign_runtime_gets_a_verdict_here(bpf):
    with bpf.start("prove", "--format", "json") as running:
        done = running.finish(safety_net_s=600)
    must_follow_the_schema(done.document)
    foreign = {claim["id"] for claim in done.document["claims"] if "./vtlabw runtimes" in claim["because"]}
    wanting = {claim["id"]: claim["because"] for claim in done.document["claims"]
               if claim["verdict"] != "holds" and claim["id"] not in foreign | TIMED}
    assert wanting == {}
    assert len(done.document["claims"]) >= 43
    assert done.code == (1 if "refuted" in verdicts(done.document).values() else 0)
