#include "explain/catalogue.h"

#include <algorithm>
#include <string>

#include "lab/metrics.h"
#include "probes/counters.h"
#include "prove/catalogue.h"
#include "scenarios/catalogue.h"

namespace vtlab::explain {
namespace {

std::string paragraph(std::string_view text) {
  return std::string(text) + "\n\n";
}

std::string names(const std::vector<std::string>& list) {
  std::string text;
  for (const std::string& name : list)
    text += (text.empty() ? "" : &name == &list.back() ? " and " : ", ") + name;
  return text;
}

Topic of(const Scenario& scenario) {
  Topic topic{.name = std::string(scenario.name), .kind = "scenario"};
  topic.title = "N units " + std::string(scenario.title);
  topic.text = paragraph(scenario.lesson);
  Params params = scenario.defaults;
  if (params.carriers == 0)
    params.carriers = 2;  // "as many as CPUs", of a machine that has several
  for (const Mode* mode : modes()) {
    const std::string_view why = why_not(scenario, *mode, params);
    if (!why.empty())
      topic.text +=
          paragraph("Not in mode " + std::string(mode->name) + ": " + std::string(why) + ".");
  }
  for (const Reported& number : scenario.reports)
    topic.text += paragraph("It counts for itself: " + std::string(number.title) + " (" +
                            std::string(number.key) + ").");
  for (const Claim* claim : scenario.claims) topic.see.emplace_back(claim->id);
  topic.text += paragraph("Real output, and what to look at: docs/scenarios/" + topic.name + ".md");
  topic.commands = {"run " + topic.name + " --mode=all"};
  return topic;
}

Topic of(const Mode& mode) {
  Topic topic{.name = std::string(mode.name), .kind = "mode", .title = std::string(mode.title)};
  topic.text = paragraph(mode.lesson);
  for (const Claim* claim : mode.claims) topic.see.emplace_back(claim->id);
  topic.commands = {"run blocking-io --mode=" + topic.name + " --tasks 101"};
  return topic;
}

Topic of(const lab::MetricKind& column) {
  Topic topic{.name = column.key, .kind = "column", .title = column.title, .also = {column.title}};
  topic.text = paragraph("Unit: " + column.unit +
                         ". Who said it stands in the documents as the source of the metric.");
  return topic;
}

Topic of(const probes::CounterText& counter) {
  Topic topic{.name = std::string(counter.id),
              .kind = "probe",
              .title = std::string(counter.question) + "?"};
  const auto means = [&](std::string_view where, std::string_view what) {
    if (!what.empty())
      topic.text += paragraph(std::string(where) + " 1 means: " + std::string(what) + ".");
  };
  means("On a kernel function", counter.function_means);
  means("On a tracepoint", counter.tracepoint_means);
  const auto only_with = [&](bool wanted, std::string_view views) {
    if (wanted) topic.text += paragraph("Attached only with --show " + std::string(views) + ".");
  };
  only_with(only_for_creations(counter.counter), "path or sharing");
  only_with(only_for_scheduling(counter.counter), "sched");
  only_with(only_for_calls(counter.counter), "syscalls");
  topic.see = {"rung"};
  topic.commands = {"doctor"};
  return topic;
}

Topic of(const ActionText& action) {
  Topic topic{
      .name = std::string(action.key), .kind = "action", .title = std::string(action.title)};
  std::vector<std::string> in;
  for (const Mode* mode : modes()) {
    if (mode->unit_action == action.action && action.action != Action::none)
      in.emplace_back(mode->name);
  }
  if (!in.empty())
    topic.text = paragraph("Starting a unit is called so in mode " + names(in) + ".");
  topic.see = {"ledger", "slot"};
  return topic;
}

Topic& claim_of(std::vector<Topic>& claims, std::string_view id, std::string_view statement) {
  const auto same =
      std::find_if(claims.begin(), claims.end(), [&](const Topic& t) { return t.name == id; });
  if (same != claims.end()) return *same;
  return claims.emplace_back(
      Topic{.name = std::string(id), .kind = "claim", .title = std::string(statement)});
}

// One id may be said differently of several modes: the statements stand below each other.
void add(std::vector<Topic>& claims, const Claim& claim, const std::vector<std::string>& in) {
  const std::string said =
      paragraph("run judges it for " + names(in) + ": " + std::string(claim.statement) + ".");
  std::string& text = claim_of(claims, claim.id, claim.statement).text;
  if (text.find(said) == std::string::npos) text += said;
}

void add(std::vector<Topic>& claims, const prove::Proof& proof) {
  Topic& topic = claim_of(claims, proof.id, proof.statement);
  topic.title = proof.statement;
  std::string text = paragraph("Where the texts say it: " + std::string(proof.where) +
                               ". The experiment, and what the letters mean: docs/claims.md");
  if (!proof.lacking.empty())
    text += paragraph("Not proven here: " + std::string(proof.lacking) + ".");
  topic.text.insert(0, text);
  topic.commands = {"prove " + topic.name};
}

std::vector<Topic> claims() {
  std::vector<Topic> found;
  for (const Mode* mode : modes())
    for (const Claim* claim : mode->claims)
      add(found, *claim, {"every scenario in mode " + std::string(mode->name)});
  for (const Scenario* scenario : scenarios()) {
    for (const Claim* claim : scenario->claims) {
      std::vector<std::string> in;
      for (const Mode* mode : modes())
        if (claim->about(*mode))
          in.push_back(std::string(scenario->name) + " in mode " + std::string(mode->name));
      add(found, *claim, in);
    }
  }
  for (const prove::Listed& listed : prove::proofs()) add(found, *listed.proof);
  return found;
}

}  // namespace

std::vector<Topic> catalogue() {
  std::vector<Topic> all;
  for (const Scenario* scenario : scenarios()) all.push_back(of(*scenario));
  for (const Mode* mode : modes()) all.push_back(of(*mode));
  for (const lab::MetricKind& column : lab::metric_kinds()) all.push_back(of(column));
  for (const Scenario* scenario : scenarios())
    for (const Reported& number : scenario->reports) {
      const auto same = std::find_if(all.begin(), all.end(), [&](const Topic& topic) {
        return topic.kind == "column" && topic.name == number.key;  // two may report the same
      });
      Topic& column = same != all.end() ? *same : all.emplace_back(of(lab::reported_kind(number)));
      column.see.emplace_back(scenario->name);
      column.text += paragraph("Source, in " + std::string(scenario->name) + ": " +
                               std::string(number.source) + ".");
    }
  for (const probes::CounterText& counter : probes::kCounters) all.push_back(of(counter));
  for (const ActionText& action : action_texts()) all.push_back(of(action));
  for (Topic& claim : claims()) all.push_back(std::move(claim));
  return all;
}

}  // namespace vtlab::explain
