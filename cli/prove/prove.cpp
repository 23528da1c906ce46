#include "prove/prove.h"

#include <algorithm>
#include <deque>
#include <numeric>

#include "lab/error.h"
#include "lab/summarize.h"

namespace vtlab::prove {
namespace {

using lab::Observation;

constexpr int kTries = 3, kSeries = 3;

bool is_timed(const Trial& trial) {
  return trial.repeat > 1;
}

Params filled_in(const Trial& trial, const Scenario& scenario, const lab::Machine& machine) {
  Params p = trial.params;
  if (p.tasks == 0) p.tasks = scenario.defaults.tasks;
  if (p.carriers == 0) p.carriers = std::max(1u, machine.host.cpus);
  if (p.delay_ns == 0) p.delay_ns = scenario.defaults.delay_ns;
  if (p.seed == 0) p.seed = 1;
  return p;
}

std::string said_by(const lab::Error& error) {
  return error.what_failed + (error.why.empty() ? "" : ": " + error.why.front());
}

// With what to type, but not what that does.
std::string why_not(const lab::ForeignStart& start) {
  if (start.type.empty()) return start.why_not;
  const std::string& type = start.type.front();
  return start.why_not + "; type: " + type.substr(0, type.find("    "));
}

// Why nothing may rest on this run, as far as these records go; empty: it may.
std::string void_because(const Observation& o, const lab::Recording& needed) {
  if (const std::string why = lab::evidence_of(o).void_because; !why.empty()) return why;
  const result::Details& d = o.kernel.details;
  if (needed.creations && d.creations.value && !d.creations.value->void_because.empty())
    return d.creations.value->void_because;
  if (needed.scheduling && d.scheduling.value && !d.scheduling.value->void_because.empty())
    return d.scheduling.value->void_because;
  if (needed.runtime && d.runtime.value && !d.runtime.value->void_because.empty())
    return d.runtime.value->void_because;
  if (needed.syscalls && d.syscalls.value && !d.syscalls.value->void_because.empty())
    return d.syscalls.value->void_because;
  return {};
}

// Distinct experiment, what is recorded of it, and its runs.
struct Measured {
  lab::Experiment experiment;
  lab::Recording recording;
  const Proof* only_for = nullptr;  // null: whoever has an equal trial
  std::deque<Observation> runs;
  std::string cannot;  // it could not be run, or not to its end
};

// A proof and where its trials are measured.
struct Case {
  Listed listed;
  std::vector<Trial> trials;
  std::vector<Measured*> measured;  // null: a trial that may lack, and does
  std::map<std::size_t, std::string> lacks;
  std::string cannot;  // a trial is impossible here
};

class Proving {
 public:
  Proving(std::span<const Listed> proofs, const Setting& setting) : setting_(setting) {
    for (const Listed& listed : proofs) cases_.push_back(prepare(listed));
    for (const Measured& each : measured_) planned(each);
  }

  result::ResultSet go() {
    run_counted();
    for (Case& each : cases_) run_timed(each);
    result::ResultSet set;
    set.host = setting_.machine.host;
    for (const Case& each : cases_) set.claims.push_back(report(each));
    for (const Measured& each : measured_) add_results(each, set);
    set.partial = set.partial || interrupted_;
    return set;
  }

 private:
  // ---- what is to be run ----

  Case prepare(const Listed& listed) {
    Case out{listed, {}, {}, {}, std::string(listed.proof->lacking)};
    if (!out.cannot.empty()) return out;
    out.trials = listed.proof->trials(setting_.machine);
    for (const Trial& trial : out.trials) {
      if (out.cannot.empty()) out.cannot = why_not_seen(trial);
      if (!out.cannot.empty()) break;
      try {
        out.measured.push_back(measured(*listed.proof, trial));
      } catch (const lab::Error& error) {
        if (!trial.may_lack) out.cannot = said_by(error);
        out.lacks[out.measured.size()] = said_by(error);
        out.measured.push_back(nullptr);
      }
    }
    if (!out.cannot.empty()) out.measured.clear();
    return out;
  }

  std::string why_not_seen(const Trial& trial) const {
    if (setting_.sees_all) return {};
    const std::string type = "; type: " + setting_.with_root;
    if (trial.recording.any()) return "only eBPF records what this rests on" + type;
    if (is_timed(trial))
      return "times are not compared under ptrace, which slows what makes tasks" + type;
    return {};
  }

  Measured* measured(const Proof& proof, const Trial& trial) {
    lab::Request request;
    request.scenario = find_scenario(trial.scenario);
    const Mode* mode = setting_.mode(trial.mode);
    if (!request.scenario || !mode)
      throw lab::Error(lab::ExitCode::machine_cannot, "this vtlab has no " +
                                                          std::string(trial.scenario) +
                                                          " in mode " + std::string(trial.mode));
    request.modes = {mode};
    request.params = filled_in(trial, *request.scenario, setting_.machine);
    if (mode->foreign) request.foreign[mode] = start_of(*mode);
    lab::Experiment experiment = lab::plan(request, setting_.machine).experiments.front();
    const Proof* only_for = is_timed(trial) ? &proof : nullptr;
    for (Measured& other : measured_) {
      if (other.experiment.scenario != experiment.scenario || other.experiment.mode != mode ||
          !(other.experiment.params == experiment.params) || other.only_for != only_for)
        continue;
      if (experiment.foreign && other.experiment.foreign->command != experiment.foreign->command)
        continue;
      if (only_for && !(other.recording == trial.recording)) continue;
      add(other.recording, trial.recording);
      return &other;
    }
    return &measured_.emplace_back(Measured{experiment, trial.recording, only_for, {}, {}});
  }

  lab::ForeignStart start_of(const Mode& mode) const {
    lab::ForeignStart start = setting_.start(mode);
    if (!start.why_not.empty()) throw lab::Error(lab::ExitCode::machine_cannot, why_not(start));
    return start;
  }

  static void add(lab::Recording& to, const lab::Recording& more) {
    to.creations |= more.creations;
    to.scheduling |= more.scheduling;
    to.timeline |= more.timeline;
    to.runtime |= more.runtime;
    to.syscalls |= more.syscalls;
    to.syscalls_by_name |= more.syscalls_by_name;
    to.creators |= more.creators;
  }

  static std::uint32_t rounds(const Case& each) {
    std::uint32_t most = 1;
    for (const Trial& trial : each.trials) most = std::max(most, trial.repeat);
    return most;
  }

  void planned(const Measured& each) {
    std::uint32_t times = 1;
    if (each.only_for)
      for (const Case& c : cases_)
        if (c.listed.proof == each.only_for) times = rounds(c);
    plan_runs(each, times);
  }

  void plan_runs(const Measured& each, std::uint32_t times) {
    step_.runs += times;
    step_.expected_left_ns += times * each.experiment.expected_ns;
  }

  // ---- running ----

  // Once each, those with the same records together: changing them means attaching anew.
  void run_counted() {
    std::vector<Measured*> order;
    for (Measured& each : measured_)
      if (!each.only_for) order.push_back(&each);
    const auto cost = [](const Measured* each) {
      const lab::Recording& r = each->recording;
      return r.creations + 2 * r.scheduling + 4 * r.syscalls + 8 * r.creators +
             16 * r.syscalls_by_name + 32 * r.runtime + 64 * r.timeline;
    };
    std::stable_sort(order.begin(), order.end(),
                     [&](const auto* a, const auto* b) { return cost(a) < cost(b); });
    for (Measured* each : order) run(*each);
  }

  // Round by round, every trial once in each, so that a slow minute of the machine hits all alike.
  void run_timed(Case& each) {
    if (!each.cannot.empty() || std::none_of(each.trials.begin(), each.trials.end(), is_timed))
      return;
    for (int series = 0; series < kSeries && !interrupted_; ++series) {
      if (series > 0) {
        if (judge(each).verdict == Verdict::holds) return;
        for (const Measured* timed : timed_of(each)) plan_runs(*timed, rounds(each));
      }
      for (std::uint32_t round = 0; round < rounds(each); ++round) {
        std::vector<Measured*> order = timed_of(each);
        if (round % 2) std::reverse(order.begin(), order.end());
        for (Measured* timed : order) run(*timed);
      }
    }
  }

  static std::vector<Measured*> timed_of(const Case& each) {
    std::vector<Measured*> timed;
    for (Measured* one : each.measured)
      if (one && one->only_for && std::find(timed.begin(), timed.end(), one) == timed.end())
        timed.push_back(one);
    return timed;
  }

  void run(Measured& each) {
    if (interrupted_ || !each.cannot.empty()) return;
    setting_.step(step_);
    step_.expected_left_ns -= std::min(step_.expected_left_ns, each.experiment.expected_ns);
    ++step_.run;
    try {
      for (int attempt = 1;; ++attempt) {
        each.experiment.repetition = static_cast<std::uint32_t>(each.runs.size());
        Observation seen = setting_.run(each.experiment, each.recording);
        interrupted_ = seen.ending == lab::Ending::interrupted;
        if (interrupted_) return;
        const bool ended =
            seen.ending == lab::Ending::done;  // what did not end will not end better
        if (ended && attempt < kTries && !void_because(seen, each.recording).empty()) continue;
        each.runs.push_back(std::move(seen));
        return;
      }
    } catch (const lab::Error& error) {
      each.cannot = said_by(error);
    }
  }

  // ---- judging ----

  // Null: it was run, or it was interrupted before.
  static const std::string* why_lacks(const Case& each, std::size_t trial) {
    const Measured* measured = each.measured[trial];
    if (!measured) return &each.lacks.at(trial);
    return measured->cannot.empty() ? nullptr : &measured->cannot;
  }

  Check judge(const Case& each) const {
    if (!each.cannot.empty()) return {Verdict::not_testable_here, each.cannot};
    Shown shown;
    for (std::size_t i = 0; i < each.trials.size(); ++i) {
      const std::string* const cannot = why_lacks(each, i);
      if (cannot && !each.trials[i].may_lack) return {Verdict::not_testable_here, *cannot};
      if (cannot) {
        shown.lacks[i] = *cannot;
        shown.runs.emplace_back();
        continue;
      }
      const Measured& measured = *each.measured[i];
      if (measured.runs.empty())
        return {Verdict::not_testable_here, "interrupted before it was run"};
      auto& runs = shown.runs.emplace_back();
      for (const Observation& run : measured.runs) {
        if (const std::string why = void_because(run, each.trials[i].recording); !why.empty())
          return {Verdict::not_testable_here, name(measured.experiment) + ": " + why};
        runs.push_back(&run);
      }
    }
    Check check = each.listed.proof->judge(shown);
    const bool timed = std::any_of(each.trials.begin(), each.trials.end(), is_timed);
    if (timed && check.verdict == Verdict::refuted && !setting_.busy.empty())
      return {Verdict::not_testable_here, check.because + ", but " + setting_.busy};
    return check;
  }

  static std::string name(const lab::Experiment& experiment) {
    return std::string(experiment.scenario->name) + " in mode " +
           std::string(experiment.mode->name);
  }

  result::ClaimCheck report(const Case& each) const {
    const Proof& proof = *each.listed.proof;
    const Check check = judge(each);
    result::ClaimCheck out;
    out.id = proof.id;
    out.statement = proof.statement;
    out.verdict = lab::to_result(check.verdict);
    out.because = check.because;
    out.group = each.listed.group;
    out.where = proof.where;
    out.experiment = command_lines(proof, setting_.machine, setting_.show);
    return out;
  }

  void add_results(const Measured& each, result::ResultSet& set) const {
    if (each.runs.empty()) return;
    lab::Plan plan;
    plan.modes = {each.experiment.mode};
    plan.experiments.assign(each.runs.size(), each.experiment);
    const std::vector<Observation> runs(each.runs.begin(), each.runs.end());
    for (result::Result& result : lab::summarize(plan, runs, setting_.machine).results)
      set.results.push_back(std::move(result));
  }

  const Setting& setting_;
  std::deque<Measured> measured_;
  std::deque<Case> cases_;
  Step step_;
  bool interrupted_ = false;
};

// "tasks=1009" → " --tasks 1009"
std::string option_of(std::string_view word) {
  const auto equals = word.find('=');
  std::string name(word.substr(0, equals)), value(word.substr(equals + 1));
  if (const auto unit = name.rfind("_ns"); unit != std::string::npos) {
    name.erase(unit);
    value += "ns";
    if (value.ends_with("000000ns")) value.replace(value.size() - 8, 8, "ms");
  }
  return " --" + name + " " + value;
}

// What of the parameters people have to type.
std::string options_of(const Params& params, const Scenario& scenario) {
  const std::vector<std::string> unsaid = to_words(Params{.seed = 1});
  std::string out;
  for (const std::string& word : to_words(params)) {
    const bool no_delay = word.starts_with("delay_ns") && scenario.defaults.delay_ns == 0;
    const bool no_option = word.starts_with("event_log");  // only proofs ask for it
    if (no_delay || no_option || std::find(unsaid.begin(), unsaid.end(), word) != unsaid.end())
      continue;
    out += option_of(word);
  }
  return out;
}

}  // namespace

result::ResultSet prove(std::span<const Listed> proofs, const Setting& setting) {
  return Proving(proofs, setting).go();
}

std::vector<std::string> command_lines(
    const Proof& proof, const lab::Machine& machine,
    const std::function<std::string(const lab::Recording&)>& show) {
  struct Line {
    std::string scenario, modes, rest;
  };
  std::vector<Line> lines;
  if (!proof.trials) return {};
  for (const Trial& trial : proof.trials(machine)) {
    const Scenario* scenario = find_scenario(trial.scenario);
    if (!scenario) continue;
    std::string rest = options_of(filled_in(trial, *scenario, machine), *scenario);
    if (trial.repeat > 1) rest += " --repeat " + std::to_string(trial.repeat);
    if (trial.recording.any()) rest += " --show ledger," + show(trial.recording);
    const auto same = std::find_if(lines.begin(), lines.end(), [&](const Line& line) {
      return line.scenario == trial.scenario && line.rest == rest;
    });
    if (same == lines.end())
      lines.push_back({std::string(trial.scenario), std::string(trial.mode), rest});
    else if ((',' + same->modes + ',').find(',' + std::string(trial.mode) + ',') ==
             std::string::npos)
      same->modes += "," + std::string(trial.mode);
  }
  std::vector<std::string> out;
  for (const Line& line : lines)
    out.push_back("vtlab run " + line.scenario + " --mode=" + line.modes + line.rest);
  return out;
}

}  // namespace vtlab::prove
