// prove.cpp — vtlab prove [CLAIM…]: the claims of docs/claims.md, each with its verdict and the evidence.
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <memory>

#include "commands/arguments.h"
#include "commands/command.h"
#include "commands/output.h"
#include "commands/progress.h"
#include "commands/selection.h"
#include "commands/show.h"
#include "lab/error.h"
#include "prove/laboratory.h"
#include "prove/prove.h"
#include "render/format.h"
#include "scenarios/unit_log.h"

namespace vtlab::commands {
namespace {

using lab::ExitCode;
using prove::Listed;

struct Options {
  std::vector<std::string> claims;
  std::string observer = "auto", show, java, go;
  bool list = false;
  OutputOptions output;
};

std::vector<Listed> parse_claims(const std::vector<std::string>& words,
                                 const Invocation& invocation) {
  const auto all = prove::proofs();
  if (words.empty()) return {all.begin(), all.end()};
  std::vector<Listed> chosen;
  for (const std::string& word : words) {
    const std::vector<Listed> found = prove::select(word);
    if (found.empty()) {
      std::vector<std::string> known;
      for (const Listed& listed : all) {
        const std::string group(prove::group_name(listed.proof->id));
        if (known.empty() || prove::group_name(known.back()) != group) known.push_back(group);
        known.emplace_back(listed.proof->id);
      }
      unknown_name("claim", word, known, invocation.program + " prove --list");
    }
    for (const Listed& listed : found)
      if (std::none_of(chosen.begin(), chosen.end(),
                       [&](const Listed& other) { return other.proof == listed.proof; }))
        chosen.push_back(listed);
  }
  return chosen;
}

void paragraph(std::string_view text, std::size_t indent) {
  for (const std::string& line : render::wrap(text, 80 - indent))
    std::cout << std::string(indent, ' ') << line << "\n";
}

int list(const std::vector<Listed>& chosen, const lab::Machine& machine) {
  std::string_view group;
  for (const Listed& listed : chosen) {
    const prove::Proof& proof = *listed.proof;
    if (listed.group != group) std::cout << (group.empty() ? "" : "\n") << listed.group << "\n";
    group = listed.group;
    std::cout << "  " << proof.id << "  (" << proof.where << ")\n";
    paragraph(proof.statement, 6);
    if (!proof.lacking.empty()) paragraph("not yet: " + std::string(proof.lacking), 6);
    for (const std::string& line : prove::command_lines(proof, machine, views_of))
      paragraph("$ " + line, 6);
  }
  return 0;
}

// What the runs that are done took besides waiting, those to come will take as well.
class TimeLeft {
 public:
  void next(const prove::Step& step, Progress& progress) {
    const std::uint64_t elapsed = monotonic_ns() - start_ns_;
    if (step.run == 0) all_waiting_ns_ = step.expected_left_ns;
    const std::uint64_t waited = all_waiting_ns_ - std::min(all_waiting_ns_, step.expected_left_ns);
    const std::uint64_t work = step.run ? (elapsed - std::min(elapsed, waited)) / step.run : 0;
    progress.set(step.run, step.runs, step.expected_left_ns + work * (step.runs - step.run));
  }

 private:
  const std::uint64_t start_ns_ = monotonic_ns();
  std::uint64_t all_waiting_ns_ = 0;
};

// As many as there are CPUs want one of them before vtlab even begins (getloadavg(3), of the last minute).
std::string why_busy(const lab::Machine& machine) {
  double load = 0;
  if (getloadavg(&load, 1) != 1 || load < machine.host.cpus) return {};
  return "the machine is busy with something else (load " + render::format_number(load) + " on " +
         std::to_string(machine.host.cpus) + " CPUs)";
}

ExitCode exit_code(const result::ResultSet& results, bool interrupted) {
  const auto any = [&](result::Verdict verdict) {
    return std::any_of(results.claims.begin(), results.claims.end(),
                       [&](const auto& claim) { return claim.verdict == verdict; });
  };
  if (interrupted) return ExitCode::interrupted;
  if (any(result::Verdict::refuted)) return ExitCode::claim_failed;
  return any(result::Verdict::holds) ? ExitCode::done : ExitCode::machine_cannot;
}

int prove_claims(const Options& options, const Invocation& invocation) {
  const std::vector<Listed> chosen = parse_claims(options.claims, invocation);
  const lab::ObserverChoice observer = parse_observer(options.observer);
  render::Parts parts;
  if (!options.show.empty()) parts = parse_show(options.show).parts;
  parts.results = !options.show.empty();
  const lab::Machine machine = lab::read_machine(invocation.version);
  if (options.list) return list(chosen, machine);

  const lab::User user = lab::invoking_user();
  lab::Signals signals;  // first: an interrupt must find somebody who cleans up
  Output output(options.output, user);
  lab::raise_file_limit();

  Progress progress(1);
  TimeLeft time_left;
  const lab::Surroundings around{
      child_program(), user, [&](const auto& experiment, std::uint32_t finished, std::uint64_t ns) {
        progress.show(experiment, finished, ns);
      }};
  prove::Laboratory laboratory(observer, "sudo " + invocation.line, signals, around);
  lab::ForeignModes foreign = foreign_modes(options.java, options.go);
  bool interrupted = false;
  const prove::Setting setting{
      .machine = machine,
      .sees_all = laboratory.sees_all(),
      .with_root = "sudo " + invocation.line,
      .busy = why_busy(machine),
      .mode =
          [&](std::string_view name) {
            const auto meant = foreign.modes(name);
            return meant.empty() ? nullptr : meant.front();
          },
      .start = [&](const Mode& mode) { return foreign.start(mode); },
      .run =
          [&](const lab::Experiment& experiment, const lab::Recording& recording) {
            lab::Observation seen = laboratory.run(experiment, recording);
            interrupted = interrupted || seen.ending == lab::Ending::interrupted;
            return seen;
          },
      .step = [&](const prove::Step& step) { time_left.next(step, progress); },
      .show = views_of,
  };
  result::ResultSet results = prove::prove(chosen, setting);
  progress.clear();
  results.notes = laboratory.notes();
  results.host.command = invocation.line;
  output.write(results, parts);
  return static_cast<int>(exit_code(results, interrupted));
}

std::vector<std::string> claim_names() {
  std::vector<std::string> names;
  for (const prove::Listed& listed : prove::proofs()) {
    const std::string group(prove::group_name(listed.proof->id));
    if (std::find(names.begin(), names.end(), group) == names.end()) names.push_back(group);
    names.emplace_back(listed.proof->id);
  }
  return names;
}

Action add(CLI::App& app, const Invocation& invocation) {
  auto o = std::make_shared<Options>();
  app.add_option("CLAIM", o->claims, "ids or groups: gain.creation, exist; none: all")
      ->type_name("");
  app.add_flag("--list", o->list, "say what would be shown and how, and run nothing");
  app.add_option("--observer", o->observer, "auto, ebpf or ptrace")
      ->type_name("NAME")
      ->capture_default_str();
  app.add_option("--show", o->show, "the runs behind the claims, too: " + show_help())
      ->type_name("VIEWS");
  add_runtime_options(app, o->java, o->go);
  add_output_options(app, o->output);
  return [o, invocation] { return prove_claims(*o, invocation); };
}

}  // namespace

const Command command_prove{"prove", "the article's claims, tried on this machine", add, false,
                            claim_names};

}  // namespace vtlab::commands
