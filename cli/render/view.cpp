// view.cpp — see view.h: the blocks, then what is said once for all results.
#include "render/view.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "render/block.h"
#include "render/format.h"
#include "render/words.h"

namespace vtlab::render {
namespace {

using result::ProbeNote;
using result::Result;
using result::ResultSet;

auto identity(const ProbeNote& note) {
  std::string tried;
  for (const result::TriedRung& rung : note.tried)
    tried += rung.rung + '\n' + rung.hook + '\n' + rung.because + '\n';
  return std::tuple(note.counter, note.question, note.rung, note.hook, note.meaning, tried);
}

std::vector<Probe> make_probes(const ResultSet& set) {
  std::vector<const ProbeNote*> different;
  for (const Result& r : set.results)
    for (const ProbeNote& note : r.probes)
      if (std::none_of(different.begin(), different.end(),
                       [&](const ProbeNote* seen) { return identity(*seen) == identity(note); }))
        different.push_back(&note);

  std::set<std::string> scenarios;
  for (const Result& r : set.results) scenarios.insert(r.scenario);

  std::vector<Probe> out;
  for (const ProbeNote* note : different) {
    std::vector<std::string> users;
    std::size_t used = 0;
    for (const Result& r : set.results) {
      if (std::none_of(r.probes.begin(), r.probes.end(),
                       [&](const ProbeNote& other) { return identity(other) == identity(*note); }))
        continue;
      ++used;
      users.push_back(one_line(scenarios.size() > 1 ? r.scenario + " " + r.mode : r.mode));
    }
    Probe probe = to_probe(*note);
    if (used != set.results.size()) probe.only_for = listed_once(users);
    out.push_back(std::move(probe));
  }
  return out;
}

std::string partial_sentence(const ResultSet& set) {
  if (!set.partial) return "";
  std::vector<std::string> why;
  for (const Result& r : set.results)
    if (r.partial)
      why.push_back(one_line(r.scenario + " " + r.mode) + " was cut short (" +
                    reason(r.partial_because) + ")");
  if (!set.skipped.empty())
    why.push_back(format_count(set.skipped.size()) +
                  (set.skipped.size() == 1 ? " experiment was" : " experiments were") + " not run");
  const std::string list = join(why, "; ");
  return "PARTIAL  This is not everything that was asked for" +
         (list.empty() ? "." : ": " + list + ".");
}

Claim to_claim(const result::ClaimCheck& check) {
  Claim claim{check.verdict,           "",
              one_line(check.id),      one_line(check.statement),
              one_line(check.because), one_line(check.group),
              one_line(check.where),   {}};
  for (const std::string& line : check.experiment) claim.experiment.push_back(one_line(line));
  return claim;
}

std::string verdicts_sentence(const std::vector<result::ClaimCheck>& claims) {
  if (claims.empty()) return "";
  const auto count = [&](result::Verdict verdict) {
    return static_cast<std::uint64_t>(
        std::count_if(claims.begin(), claims.end(),
                      [&](const result::ClaimCheck& claim) { return claim.verdict == verdict; }));
  };
  const std::uint64_t hold = count(result::Verdict::holds);
  return format_count(hold) + (hold == 1 ? " holds, " : " hold, ") +
         format_count(count(result::Verdict::refuted)) + " refuted, " +
         format_count(count(result::Verdict::not_testable_here)) + " not testable here";
}

}  // namespace

std::vector<std::vector<Claim>> by_group(const std::vector<Claim>& claims) {
  std::vector<std::vector<Claim>> groups;
  for (const Claim& claim : claims) {
    if (groups.empty() || groups.back().front().group != claim.group) groups.emplace_back();
    groups.back().push_back(claim);
  }
  return groups;
}

std::string heading(const Claim& claim) {
  return claim.group.empty() ? "Claims over several results" : claim.group;
}

Probe to_probe(const ProbeNote& note) {
  Probe probe{one_line(note.counter),
              one_line(note.question),
              one_line(note.rung),
              one_line(note.hook),
              one_line(note.meaning),
              "",
              {}};
  for (const result::TriedRung& rung : note.tried)
    probe.refused.push_back({one_line(rung.rung), one_line(rung.hook), one_line(rung.because)});
  return probe;
}

View make_view(const ResultSet& set) {
  View view;
  std::vector<std::string> scenarios;
  for (const Result& r : set.results)
    if (std::find(scenarios.begin(), scenarios.end(), r.scenario) == scenarios.end())
      scenarios.push_back(r.scenario);
  for (const std::string& scenario : scenarios) {
    std::vector<const Result*> results;
    for (const Result& r : set.results)
      if (r.scenario == scenario) results.push_back(&r);
    view.blocks.push_back(make_block(set.host, results));
  }
  view.probes = make_probes(set);
  for (const result::ClaimCheck& claim : set.claims) view.claims.push_back(to_claim(claim));
  view.verdicts = verdicts_sentence(set.claims);
  for (const std::string& note : set.notes) view.notes.push_back(one_line(note));
  for (const result::Skip& skip : set.skipped)
    view.skipped.push_back(one_line(skip.scenario + " " + skip.mode) + ": " + reason(skip.because));
  view.partial = partial_sentence(set);
  return view;
}

std::string verdict_word(result::Verdict verdict) {
  switch (verdict) {
    case result::Verdict::holds:
      return "holds";
    case result::Verdict::refuted:
      return "refuted";
    case result::Verdict::not_testable_here:
      return "not testable here";
  }
  return "";
}

std::string verdict_sign(result::Verdict verdict) {
  switch (verdict) {
    case result::Verdict::holds:
      return "✓";
    case result::Verdict::refuted:
      return "✗";
    case result::Verdict::not_testable_here:
      return "?";
  }
  return "";
}

}  // namespace vtlab::render
