#include "lab/runtime_lens.h"

#include <algorithm>
#include <fstream>
#include <iterator>

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

bool jvm_tells_always(std::uint32_t tgid) {
  const std::string proc = "/proc/" + std::to_string(tgid);
  for (const char* words : {"/cmdline", "/environ"}) {
    std::ifstream in(proc + words, std::ios::binary);
    if (tells_always(std::string(std::istreambuf_iterator<char>(in), {}))) return true;
  }
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
  if (!question.fields[0].empty() && !asked.refused.empty()) cannot_tell_ = asked.refused;
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
                                .record = timeline_ && question.says_more(),
                                .fields = {}};
  for (std::size_t i = 0; i < question.fields.size() && !question.fields[i].empty(); ++i) {
    const auto variable = file_.elf->variable(question.fields[i]);
    if (!variable) return file_.path + " is stripped of the names of its variables";
    places.fields[i] = static_cast<std::int64_t>(variable->address);
  }
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
    for (std::int64_t& field : places.fields)
      if (field != 0) field -= static_cast<std::int64_t>(function.address + place.offset);
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

RuntimeLens::Call RuntimeLens::call_of(const probes::FunctionCall& call) const {
  const RuntimeQuestion& question = *asked_[call.key].question;
  Call out{call.time_ns, 0, call.tid, 0, static_cast<std::uint8_t>(call.key), false};
  if (file_.kind == RuntimeKind::go) {
    out.who = call.words[question.g_word];
    // Of the word's lower half; 0 is no reason in Go.
    if (question.reason_word)
      out.detail = static_cast<std::uint8_t>(call.words[*question.reason_word]);
  } else if (question.fields[0].empty()) {
    out.detail = static_cast<std::uint16_t>(call.words[1]);
  } else {
    out.who = call.words[0];
    out.detail = static_cast<std::uint8_t>(call.words[1]);  // without "suspended"
    out.hide = static_cast<std::uint8_t>(call.words[2]) != 0;
  }
  return out;
}

void RuntimeLens::service() {
  if (!timeline_) return;
  probes_.drain([this](const probes::FunctionCall& call) {
    if (calls_.size() == kMostCalls) return void(++not_kept_);
    calls_.push_back(call_of(call));
    if (file_.kind == RuntimeKind::jvm && !jvms_.contains(call.tgid))
      jvms_[call.tgid] = jvm_tells_always(call.tgid);
  });
}

void RuntimeLens::tell(result::Timeline& timeline, std::uint64_t end_ns) {
  service();
  // Of several CPUs, some calls stand in the ring before earlier ones.
  std::stable_sort(calls_.begin(), calls_.end(),
                   [](const Call& a, const Call& b) { return a.at_ns < b.at_ns; });
  UnitTimeline units(timeline);
  if (file_.kind == RuntimeKind::go)
    tell_go(units);
  else
    tell_jvm(timeline, units);
  units.lost("records of the runtime", probes_.lost() - lost_before_ + not_kept_);
  units.finish(end_ns);
  calls_.clear();
}

void RuntimeLens::tell_go(UnitTimeline& units) {
  const std::vector<std::string> words = symbols::go_wait_reasons(*file_.elf);
  GoTimeline goroutines(units);
  for (const Call& call : calls_) {
    const GoStep step = asked_[call.key].question->step;
    const bool known = step == GoStep::park && call.detail < words.size();
    goroutines.take(
        {call.at_ns, call.tid, step, call.who, known ? words[call.detail] : std::string()});
  }
}

void RuntimeLens::tell_jvm(result::Timeline& timeline, UnitTimeline& units) {
  const bool always =
      cannot_tell_.empty() &&
      std::all_of(jvms_.begin(), jvms_.end(), [](const auto& jvm) { return jvm.second; });
  JvmTimeline threads(timeline, units, always);
  for (const Call& call : calls_)
    threads.take({call.at_ns, call.tid, asked_[call.key].question->jvm_step, call.who, call.hide,
                  call.detail});
  threads.finish();
  if (always) return;
  timeline.mounts_missing_because = cannot_tell_;
  if (!cannot_tell_.empty()) return;
  timeline.mounts_missing_because =
      "compiled code tells of them only in a JVM that is started with";
  for (const char* option : kTellAlways)
    timeline.mounts_missing_because += std::string(" ") + option;
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
  for (const Asked& asked : asked_)
    if (!asked.question->title.empty()) view.counts.push_back(count_of(asked));
  if (const auto skipped = probes_.skipped().value_or(0) - skipped_before_; skipped != 0)
    view.void_because = "the kernel skipped " + std::to_string(skipped) + " runs of a probe";
  return view;
}

}  // namespace vtlab::lab
