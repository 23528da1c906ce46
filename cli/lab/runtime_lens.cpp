#include "lab/runtime_lens.h"

#include <algorithm>

#include "symbols/go_program.h"
#include "symbols/probe_place.h"

namespace vtlab::lab {
namespace {

// A '*' stands for any text.
bool fits(std::string_view name, std::string_view pattern) {
  const auto star = pattern.find('*');
  if (star == std::string_view::npos) return name == pattern;
  if (!name.starts_with(pattern.substr(0, star))) return false;
  const std::string_view rest = pattern.substr(star + 1);
  for (std::size_t at = star; at <= name.size(); ++at)
    if (fits(name.substr(at), rest)) return true;
  return false;
}

}  // namespace

RuntimeLens::RuntimeLens(probes::Session& session, RuntimeFile file, bool timeline)
    : file_(std::move(file)), timeline_(timeline), probes_(session) {
  for (const RuntimeQuestion& question : questions_of(file_.kind))
    if (timeline || !question.only_for_timeline) ask(question);
}

void RuntimeLens::ask(const RuntimeQuestion& question) {
  Asked asked{&question, static_cast<std::uint32_t>(asked_.size()), {}, {}, 0, {}};
  asked.refused = attach(asked);
  asked_.push_back(std::move(asked));
}

std::string RuntimeLens::attach(Asked& asked) {
  const RuntimeQuestion& question = *asked.question;
  if (question.names.empty()) return std::string(question.nobody_because);
  std::vector<symbols::Symbol> functions;
  for (std::size_t i = 0; functions.empty() && i < question.names.size(); ++i)
    functions =
        file_.elf->functions([&](std::string_view name) { return fits(name, question.names[i]); });
  if (functions.empty())
    return file_.path + " has no function " + std::string(question.function) +
           ": another release has, or it is inlined or stripped of names";
  probes::FunctionPlaces places{.key = asked.key,
                                .file = file_.handle(),
                                .offsets = {},
                                .abi = abi_of(file_.kind),
                                .by_word = question.reason_word,
                                .record = timeline_ && question.step != GoStep::none};
  for (const symbols::Symbol& function : functions) {
    const auto place =
        symbols::probe_place(file_.elf->bytes_at(function.address, symbols::kLongestBeginning));
    if (!place.cheap && !question.seldom)
      return "a probe on " + function.name +
             " would slow the program down: it begins with an instruction that the kernel "
             "single-steps";
    const auto offset = file_.elf->file_offset_of(function.address + place.offset);
    if (!offset) return function.name + " is not in the code of the file";
    places.offsets.push_back(*offset);
  }
  // Go has no other names than its linker's; those of C++ are mangled.
  asked.source = "uprobe " + (file_.kind == RuntimeKind::go ? functions.front().name
                                                            : std::string(question.function));
  if (functions.size() > 1) asked.source += " × " + std::to_string(functions.size());
  return probes_.attach(places).value_or("");
}

void RuntimeLens::begin() {
  for (Asked& asked : asked_) {
    if (!asked.refused.empty()) continue;
    asked.before = probes_.count(asked.key);
    if (asked.question->reason_word) asked.reasons_before = probes_.by_value(asked.key);
  }
  skipped_before_ = probes_.skipped().value_or(0);
  probes_.drain([](const probes::FunctionCall&) {});
  calls_.clear();
  lost_before_ = probes_.lost();
  not_kept_ = 0;
}

void RuntimeLens::service() {
  if (!timeline_) return;
  probes_.drain([this](const probes::FunctionCall& call) {
    const RuntimeQuestion& question = *asked_[call.key].question;
    if (calls_.size() == kMostCalls) return void(++not_kept_);
    std::uint16_t reason = 0;  // of the word's lower half; 0 is no reason in Go
    if (question.reason_word) reason = static_cast<std::uint8_t>(call.words[*question.reason_word]);
    calls_.push_back({call.time_ns, call.words[question.g_word], call.tid, reason, question.step});
  });
}

void RuntimeLens::tell(result::Timeline& timeline, std::uint64_t end_ns) {
  if (file_.kind != RuntimeKind::go) {
    timeline.mounts_missing_because =
        "the functions that a JVM passes do not say which virtual thread they are about";
    return;
  }
  service();
  const std::vector<std::string> words = symbols::go_wait_reasons(*file_.elf);
  // Of several CPUs, some calls stand in the ring before earlier ones.
  std::stable_sort(calls_.begin(), calls_.end(),
                   [](const Call& a, const Call& b) { return a.at_ns < b.at_ns; });
  UnitTimeline units(timeline);
  GoTimeline goroutines(units);
  for (const Call& call : calls_) {
    const bool known = call.step == GoStep::park && call.reason < words.size();
    goroutines.take(
        {call.at_ns, call.tid, call.step, call.g, known ? words[call.reason] : std::string()});
  }
  units.lost("records of the runtime", probes_.lost() - lost_before_ + not_kept_);
  units.finish(end_ns);
  calls_.clear();
}

result::RuntimeCount RuntimeLens::count_of(const Asked& asked) const {
  result::RuntimeCount out{std::string(asked.question->key),
                           std::string(asked.question->title),
                           {},
                           {},
                           asked.refused,
                           {}};
  if (!asked.refused.empty()) return out;
  out.count = probes_.count(asked.key) - asked.before;
  out.source = asked.source;
  if (!asked.question->reason_word) return out;
  const Reasons now = probes_.by_value(asked.key);
  const std::vector<std::string> names = symbols::go_wait_reasons(*file_.elf);
  for (std::size_t i = 0; i < now.size(); ++i) {
    const std::uint64_t count = now[i] - asked.reasons_before[i];
    if (count == 0) continue;
    const bool known = i < names.size() && !names[i].empty() && i + 1 < now.size();
    out.reasons.push_back({known ? names[i] : "reason " + std::to_string(i), count});
  }
  std::stable_sort(out.reasons.begin(), out.reasons.end(),
                   [](const auto& a, const auto& b) { return a.count > b.count; });
  return out;
}

result::RuntimeView RuntimeLens::end() const {
  result::RuntimeView view;
  view.runtime = file_.name;
  view.file = file_.path;
  for (const Asked& asked : asked_) view.counts.push_back(count_of(asked));
  if (const auto skipped = probes_.skipped().value_or(0) - skipped_before_; skipped != 0)
    view.void_because = "the kernel skipped " + std::to_string(skipped) + " runs of a probe";
  return view;
}

}  // namespace vtlab::lab
