// Every proof can fail: what it must refute stands beside it. And prove(): what is run, how often, and what
// is said if it cannot be.
#include <algorithm>
#include <map>
#include <set>

#include "lab/error.h"
#include "prove/judging.h"
#include "prove/prove.h"
#include "support/catch.h"
#include "support/proof_cases.h"

namespace vtlab::test {
namespace {

using lab::Observation;
using prove::Listed;

// Runs that go as each proof's case says, by scenario, mode and parameters; counts how often each is asked for.
class PlayedBack {
 public:
  explicit PlayedBack(std::vector<Listed> proofs) : proofs_(std::move(proofs)) {
    for (const Listed& listed : proofs_) {
      if (!listed.proof->lacking.empty()) continue;
      Seen seen = plain_runs(*listed.proof);
      for (const ProofCase& known : proof_cases())
        if (known.id == listed.proof->id) known.as_claimed(seen);
      for (const auto& runs : seen) known_.push_back(runs.front());
    }
  }

  result::ResultSet prove(bool sees_all = true) {
    const prove::Setting setting{
        .machine = machine_,
        .sees_all = sees_all,
        .with_root = "sudo vtlab prove",
        .busy = busy,
        .mode = mode_named,
        .start = start,
        .run = [this](const lab::Experiment& e, const lab::Recording&) { return run(e); },
        .show = [](const lab::Recording&) { return std::string("path"); }};
    return prove::prove(proofs_, setting);
  }

  std::string busy;
  std::function<lab::ForeignStart(const Mode&)> start = has_runtime;
  std::function<void(Observation&)> change = [](Observation&) {};
  std::string fails;               // a mode of which no run can begin
  std::vector<std::string> asked;  // "blocking-io virtual"

 private:
  Observation run(const lab::Experiment& experiment) {
    asked.push_back(std::string(experiment.scenario->name) + " " +
                    std::string(experiment.mode->name));
    if (experiment.mode->name == fails)
      throw lab::Error(lab::ExitCode::machine_cannot, "it cannot be started");
    for (const Observation& known : known_) {
      if (known.experiment.scenario != experiment.scenario ||
          known.experiment.mode != experiment.mode ||
          known.experiment.params.tasks != experiment.params.tasks)
        continue;
      Observation out = known;
      out.experiment = experiment;
      change(out);
      return out;
    }
    FAIL("nobody asked for " + asked.back());
    throw;
  }

  const std::vector<Listed> proofs_;
  const lab::Machine machine_ = two_cpus();
  std::vector<Observation> known_;
};

const result::ClaimCheck& claim(const result::ResultSet& set, const std::string& id) {
  const auto found = std::find_if(set.claims.begin(), set.claims.end(),
                                  [&](const auto& each) { return each.id == id; });
  REQUIRE(found != set.claims.end());
  return *found;
}

}  // namespace

TEST_CASE("every proof holds on what its claim says, and each of its denials refutes it") {
  for (const Listed& listed : prove::proofs()) {
    const prove::Proof& proof = *listed.proof;
    if (!proof.lacking.empty()) continue;
    CAPTURE(proof.id);
    const auto known = std::find_if(proof_cases().begin(), proof_cases().end(),
                                    [&](const auto& each) { return each.id == proof.id; });
    REQUIRE(known != proof_cases().end());  // no case: nobody knows that it can fail
    REQUIRE_FALSE(known->denials.empty());
    Seen seen = plain_runs(proof);
    known->as_claimed(seen);
    const Check held = judged(proof, seen);
    CAPTURE(held.because);
    CHECK(held.verdict == Verdict::holds);
    CHECK_FALSE(held.because.empty());
    for (std::size_t i = 0; i < known->denials.size(); ++i) {
      Seen denied = seen;
      known->denials[i](denied);
      const Check check = judged(proof, denied);
      CAPTURE(i, check.because);
      CHECK(check.verdict == Verdict::refuted);
    }
  }
}

TEST_CASE("cases are of proofs that there are, and no claim is there twice") {
  std::set<std::string_view> ids;
  for (const Listed& listed : prove::proofs()) {
    CAPTURE(listed.proof->id);
    CHECK(ids.insert(listed.proof->id).second);
    CHECK_FALSE(listed.proof->statement.empty());
    CHECK_FALSE(listed.proof->where.empty());
    CHECK(listed.proof->lacking.empty() == (listed.proof->trials && listed.proof->judge));
  }
  for (const ProofCase& known : proof_cases()) {
    CAPTURE(known.id);
    CHECK(ids.count(known.id) == 1);
  }
}

TEST_CASE("every trial is of a scenario and a mode that go together, and can be typed") {
  for (const Listed& listed : prove::proofs()) {
    if (!listed.proof->lacking.empty()) continue;
    CAPTURE(listed.proof->id);
    for (const prove::Trial& trial : listed.proof->trials(two_cpus())) {
      const Scenario* scenario = find_scenario(trial.scenario);
      const Mode* mode = mode_named(trial.mode);
      CAPTURE(trial.scenario, trial.mode);
      REQUIRE(scenario);
      REQUIRE(mode);
      CHECK(why_not(*scenario, *mode, trial.params) == "");
    }
    const auto lines = prove::command_lines(*listed.proof, two_cpus(),
                                            [](const lab::Recording&) { return "sched"; });
    REQUIRE_FALSE(lines.empty());
    for (const std::string& line : lines) {
      CHECK(line.rfind("vtlab run ", 0) == 0);
      CHECK(line.find("event_log") == std::string::npos);
    }
  }
}

TEST_CASE("what was not observed refutes nothing and proves nothing, in any proof") {
  for (const Listed& listed : prove::proofs()) {
    if (!listed.proof->lacking.empty()) continue;
    CAPTURE(listed.proof->id);
    Seen seen = plain_runs(*listed.proof);
    for (auto& runs : seen)
      for (Observation& run : runs) {
        run.kernel = {};
        run.units.clear();
        run.cpu_ns.reset();
        run.start_ns = run.end_ns = 1000;
      }
    CHECK(judged(*listed.proof, seen).verdict == Verdict::not_testable_here);
  }
}

TEST_CASE("claims are chosen by id or by group, and those of a group stand together") {
  REQUIRE(prove::select("exist.virtual").size() == 1);
  CHECK(prove::select("exist.virtual")[0].proof->id == "exist.virtual");
  CHECK(prove::select("exist").size() > 3);
  CHECK(prove::select("exis").empty());
  std::vector<std::string_view> groups;
  for (const Listed& listed : prove::proofs())
    if (groups.empty() || groups.back() != prove::group_name(listed.proof->id))
      groups.push_back(prove::group_name(listed.proof->id));
  CHECK(std::set(groups.begin(), groups.end()).size() == groups.size());
}

TEST_CASE("equal trials of several proofs are run once") {
  std::vector<Listed> two = prove::select("exist.virtual");
  two.push_back(prove::select("exist.monitor")[0]);
  PlayedBack played(two);
  const result::ResultSet set = played.prove();
  CHECK(played.asked.size() == 1);
  CHECK(set.results.size() == 1);
  REQUIRE(set.claims.size() == 2);
  CHECK(set.claims[0].verdict == result::Verdict::holds);
  CHECK(set.claims[0].where == "A§2, §8, §11");
  CHECK(set.claims[0].group == "What exists in the kernel");
  REQUIRE(set.claims[0].experiment.size() == 1);
  CHECK(set.claims[0].experiment[0].rfind("vtlab run ", 0) == 0);
  CHECK(set.claims[0].experiment[0].find(" --carriers 2") != std::string::npos);
}

TEST_CASE(
    "a run of which the kernel skipped a probe is made again, and void for good after three") {
  PlayedBack played(prove::select("exist.virtual"));
  played.change = [&](Observation& run) {
    if (played.asked.size() < 3) run.kernel.void_because = "the kernel skipped 1 run of a probe";
  };
  CHECK(played.prove().claims[0].verdict == result::Verdict::holds);
  CHECK(played.asked.size() == 3);
  played.asked.clear();
  played.change = [](Observation& run) { run.kernel.void_because = "the kernel skipped all"; };
  const result::ResultSet set = played.prove();
  CHECK(set.claims[0].verdict == result::Verdict::not_testable_here);
  CHECK(set.claims[0].because.find("the kernel skipped all") != std::string::npos);
  CHECK(played.asked.size() == 3);
}

TEST_CASE(
    "times that deny a claim are asked for twice more, and believed unless the machine is busy") {
  PlayedBack played(prove::select("gain.creation"));
  played.change = [](Observation& run) { run.end_ns = run.start_ns + 100 * kMillisecond; };
  CHECK(played.prove().claims[0].verdict == result::Verdict::refuted);
  CHECK(played.asked.size() == 3 * 2 * 5);
  CHECK(played.asked[0] != played.asked[1]);  // round by round
  CHECK(played.asked[1] == played.asked[2]);  // and in turn
  played.busy = "the machine is busy";
  const result::ResultSet set = played.prove();
  CHECK(set.claims[0].verdict == result::Verdict::not_testable_here);
  CHECK(set.claims[0].because.find("the machine is busy") != std::string::npos);
}

TEST_CASE("times that support a claim are believed at once") {
  PlayedBack played(prove::select("gain.creation"));
  CHECK(played.prove().claims[0].verdict == result::Verdict::holds);
  CHECK(played.asked.size() == 2 * 5);
}

TEST_CASE(
    "a median supports a claim only if the rounds agree, and rounds that do not refute nothing") {
  const prove::Ratio steady{0.9, 0.94, 0.97, 1.0, 1.1, 5}, wild{0.3, 0.6, 0.97, 3.0, 10.0, 5};
  CHECK(prove::at_least(steady, 0.9, "").verdict == Verdict::holds);
  CHECK(prove::at_most(steady, 1.1, "").verdict == Verdict::holds);
  CHECK(prove::at_least(wild, 0.9, "").verdict == Verdict::not_testable_here);
  CHECK(prove::at_most(wild, 1.1, "").verdict == Verdict::not_testable_here);
  CHECK(prove::at_most(wild, 3.0, "").verdict == Verdict::holds);  // the worse quarter agrees
  CHECK(prove::at_least(wild, 3.1, "").verdict == Verdict::refuted);
  CHECK(prove::at_most(steady, 0.9, "").verdict == Verdict::refuted);
}

TEST_CASE("without a runtime what is about it alone has no verdict, and says what to type") {
  const auto missing = [](const Mode&) {
    return lab::ForeignStart{{}, {}, "there is no Go here", {"./vtlabw runtimes"}};
  };
  PlayedBack alone(prove::select("exist.goroutine"));
  alone.start = missing;
  const result::ResultSet set = alone.prove();
  CHECK(alone.asked.empty());
  CHECK(set.claims[0].verdict == result::Verdict::not_testable_here);
  CHECK(set.claims[0].because == "there is no Go here; type: ./vtlabw runtimes");

  PlayedBack partly(prove::select("park.handoff"));
  partly.start = missing;
  const result::ResultSet rest = partly.prove();
  CHECK(partly.asked == std::vector<std::string>{"blocking-syscall gmp"});
  CHECK(rest.claims[0].verdict == result::Verdict::holds);
  CHECK(rest.claims[0].because.find("there is no Go here; type: ./vtlabw runtimes") !=
        std::string::npos);
}

TEST_CASE("a runtime that is there, but whose program does not start, is said as one that lacks") {
  PlayedBack played(prove::select("park.handoff"));
  played.fails = "go";
  const result::ResultSet set = played.prove();
  CHECK(set.claims[0].verdict == result::Verdict::holds);
  CHECK(set.claims[0].because.find("cannot be started") != std::string::npos);
}

TEST_CASE("two JDKs are two modes, and a claim that needs both has no verdict by one") {
  PlayedBack played(prove::select("park.java-pin"));
  const result::ResultSet set = played.prove();
  CHECK(set.claims[0].verdict == result::Verdict::holds);
  CHECK(played.asked ==
        std::vector<std::string>{"pinned java-virtual@21", "pinned java-virtual@25"});
  CHECK(set.results.size() == 2);
  played.start = [](const Mode& mode) {
    if (mode.name == "java-virtual@21") return lab::ForeignStart{{}, {}, "there is no JDK 21", {}};
    return has_runtime(mode);
  };
  CHECK(played.prove().claims[0].because == "there is no JDK 21");
}

TEST_CASE("lost evidence voids every claim") {
  const auto all = prove::proofs();
  PlayedBack played({all.begin(), all.end()});
  played.change = [](Observation& run) { run.kernel.lost_events = 17; };
  for (const result::ClaimCheck& check : played.prove().claims) {
    CAPTURE(check.id, check.because);
    CHECK(check.verdict == result::Verdict::not_testable_here);
  }
}

TEST_CASE("an interrupt keeps what was judged and says what was not run") {
  std::vector<Listed> two = prove::select("exist.platform");
  two.push_back(prove::select("exist.process")[0]);
  PlayedBack played(two);
  played.change = [&](Observation& run) {
    if (played.asked.size() == 2) run.ending = lab::Ending::interrupted;
  };
  const result::ResultSet set = played.prove();
  CHECK(set.partial);
  CHECK(claim(set, "exist.platform").verdict == result::Verdict::holds);
  CHECK(claim(set, "exist.process").verdict == result::Verdict::not_testable_here);
}

TEST_CASE("without eBPF what needs records or times says what to type") {
  const auto all = prove::proofs();
  PlayedBack played({all.begin(), all.end()});
  const result::ResultSet set = played.prove(false);
  CHECK(claim(set, "exist.virtual").verdict == result::Verdict::holds);
  for (const Listed& listed : all) {
    if (!listed.proof->lacking.empty()) continue;
    const auto trials = listed.proof->trials(two_cpus());
    if (std::none_of(trials.begin(), trials.end(), [](const prove::Trial& trial) {
          return trial.recording.any() || trial.repeat > 1;
        }))
      continue;
    const result::ClaimCheck& check = claim(set, std::string(listed.proof->id));
    CAPTURE(check.id, check.because);
    CHECK(check.verdict == result::Verdict::not_testable_here);
    CHECK(check.because.find("type: sudo vtlab prove") != std::string::npos);
  }
}

}  // namespace vtlab::test
