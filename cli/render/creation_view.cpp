#include "render/creation_view.h"

#include <algorithm>
#include <memory>
#include <set>

#include "render/format.h"
#include "render/markdown_text.h"
#include "render/words.h"
#include "result/histogram.h"

namespace vtlab::render {
namespace {

using result::Creation;
using result::Histogram;
using result::kStageKeys;

constexpr std::size_t kStages = kStageKeys.size();
constexpr auto kFirstRun = static_cast<std::size_t>(result::Stage::first_run);

std::string call_of(const Creation& c) {
  return one_line(c.asked_by);
}

std::string flags_of(const Creation& c) {
  if (!c.flags) return "flags not known";
  return c.flag_names.empty() ? "no flags" : one_line(c.flag_names);
}

// The element that agrees, or a new one at the end: kinds stand in the order of their first record.
template <class T, class F>
T& find_or_add(std::vector<T>& items, F agrees, T fresh) {
  const auto found = std::find_if(items.begin(), items.end(), agrees);
  if (found != items.end()) return *found;
  items.push_back(std::move(fresh));
  return items.back();
}

template <class T>
auto same_kind(const Creation& c) {
  return [action = one_line(c.action), call = call_of(c), flags = flags_of(c)](const T& kind) {
    return kind.action == action && kind.call == call && kind.flags == flags;
  };
}

template <class T>
T kind_of(const Creation& c) {
  T kind;
  kind.action = one_line(c.action);
  kind.call = call_of(c);
  kind.flags = flags_of(c);
  return kind;
}

struct Times {
  std::array<Histogram, kStages> since_last;
  std::array<std::uint64_t, kStages> reached{};
  Histogram whole;
};

StageLine line_of(std::string key, const Histogram& histogram, std::uint64_t reached) {
  StageLine line;
  line.key = std::move(key);
  line.title = spaced(line.key);
  line.count = reached;
  if (histogram.count() == 0) return line;
  line.p50_ns = histogram.percentile(0.50);
  line.p99_ns = histogram.percentile(0.99);
  line.max_ns = histogram.max();
  return line;
}

std::string title_of(std::size_t stage) {
  constexpr const char* kTitles[] = {"system call entered", "kernel_clone",     "copy_process",
                                     "sched_process_fork",  "wake_up_new_task", "first run"};
  return kTitles[stage];
}

void add_times(Times& times, const Creation& c) {
  std::optional<std::uint64_t> first, last;
  for (std::size_t i = 0; i < kStages; ++i) {
    if (!c.time_ns[i]) continue;
    ++times.reached[i];
    if (last) times.since_last[i].record(*c.time_ns[i] - std::min(*last, *c.time_ns[i]));
    last = c.time_ns[i];
    if (!first) first = last;
  }
  if (first && c.time_ns[kFirstRun] && *first < *c.time_ns[kFirstRun])
    times.whole.record(*c.time_ns[kFirstRun] - *first);
}

void add_paths(CreationView& view, const result::Creations& creations) {
  std::vector<std::unique_ptr<Times>> times;  // as view.paths; big, hence not on the stack
  for (const Creation& c : creations.records) {
    if (!c.error.empty()) continue;
    PathKind& kind = find_or_add(view.paths, same_kind<PathKind>(c), kind_of<PathKind>(c));
    const auto at = static_cast<std::size_t>(&kind - view.paths.data());
    if (at == times.size()) times.push_back(std::make_unique<Times>());
    ++kind.count;
    add_times(*times[at], c);
  }
  for (std::size_t k = 0; k < view.paths.size(); ++k) {
    PathKind& kind = view.paths[k];
    for (std::size_t i = 0; i < kStages; ++i) {
      if (times[k]->reached[i] == 0) continue;
      StageLine line =
          line_of(std::string(kStageKeys[i]), times[k]->since_last[i], times[k]->reached[i]);
      line.title = title_of(i);
      for (const result::StageNote& note : creations.stages)
        if (note.stage == kStageKeys[i]) line.seen_by = one_line(note.rung + " " + note.hook);
      kind.stages.push_back(std::move(line));
    }
    kind.whole = line_of("whole", times[k]->whole, times[k]->whole.count());
    kind.whole.title = "all of it";
  }
}

void add_failures(CreationView& view, const result::Creations& creations) {
  for (const Creation& c : creations.records) {
    if (c.error.empty()) continue;
    FailedKind fresh = kind_of<FailedKind>(c);
    fresh.error = one_line(c.error);
    const auto agrees = [&, same = same_kind<FailedKind>(c)](const FailedKind& kind) {
      return same(kind) && kind.error == fresh.error;
    };
    ++find_or_add(view.failures, agrees, fresh).count;
  }
}

// What can be said of all tasks of a kind.
std::vector<std::string> task_facts(const std::vector<const Creation*>& some) {
  std::set<std::string> stacks, policies, nices, cpus;
  for (const Creation* c : some) {
    if (!c->task) return {};
    if (c->task->kernel_stack_bytes)
      stacks.insert("kernel stack " +
                    format_bytes(static_cast<double>(*c->task->kernel_stack_bytes)));
    policies.insert(one_line(c->task->policy));
    nices.insert("nice " + std::to_string(c->task->nice));
    cpus.insert("may run on " + plural(c->task->cpus_allowed, "CPU"));
  }
  std::vector<std::string> facts;
  for (const auto* fact : {&stacks, &policies, &nices, &cpus})
    if (fact->size() == 1) facts.push_back(*fact->begin());
  return facts;
}

void add_sharing(CreationView& view, const result::Creations& creations) {
  std::vector<std::vector<const Creation*>> members;  // as view.sharing
  for (const Creation& c : creations.records) {
    if (!c.error.empty()) continue;
    SharingKind fresh = kind_of<SharingKind>(c);
    fresh.sharing = c.sharing;
    const auto agrees = [&, same = same_kind<SharingKind>(c)](const SharingKind& kind) {
      return same(kind) && kind.sharing == c.sharing;
    };
    SharingKind& kind = find_or_add(view.sharing, agrees, fresh);
    const auto at = static_cast<std::size_t>(&kind - view.sharing.data());
    members.resize(std::max(members.size(), at + 1));
    members[at].push_back(&c);
    ++kind.count;
  }
  for (std::size_t i = 0; i < members.size(); ++i) view.sharing[i].task = task_facts(members[i]);
}

}  // namespace

bool has_creations(const result::Details& details) {
  return details.creations.asked_for();
}

CreationView make_creation_view(const Subject& subject) {
  CreationView view;
  const auto& [value, missing_because] = subject.details->creations;
  if (!value) {
    view.preface = preface_of(subject, missing_because);
    return view;
  }
  const result::Creations& creations = *value;
  view.preface = preface_of(subject, {}, creations.void_because,
                            "what follows is of the records that are left");
  add_paths(view, creations);
  add_failures(view, creations);
  add_sharing(view, creations);
  if (view.preface.name.empty()) {  // any program, which publishes no actions
    for (PathKind& kind : view.paths) kind.action.clear();
    for (FailedKind& kind : view.failures) kind.action.clear();
    for (SharingKind& kind : view.sharing) kind.action.clear();
  }
  for (const result::StageNote& note : creations.stages)
    view.seen_by.push_back(
        one_line(spaced(note.stage) == "system call" ? "system call" : note.stage) + ": " +
        one_line(note.rung + " " + note.hook));
  const auto waiting =
      std::count_if(creations.records.begin(), creations.records.end(),
                    [](const Creation& c) { return c.error.empty() && !c.time_ns[kFirstRun]; });
  if (waiting != 0)
    view.not_run =
        "of " + plural(static_cast<std::uint64_t>(waiting), "task") + " no first run was seen";
  return view;
}

std::vector<CreationView> creation_views(const std::vector<Subject>& subjects) {
  std::vector<CreationView> views;
  for (const Subject& subject : subjects) views.push_back(make_creation_view(subject));
  return views;
}

std::size_t count_width(const std::vector<CreationView>& views) {
  std::uint64_t most = 0;
  for (const CreationView& view : views) {
    for (const PathKind& kind : view.paths) most = std::max(most, kind.count);
    for (const FailedKind& kind : view.failures) most = std::max(most, kind.count);
  }
  return std::max<std::size_t>(7, format_count(most).size() + 1);
}

bool begin(LinePrinter& out, const CreationView& view, bool any) {
  const bool seen = print(out, view.preface);
  if (seen && !any) out.add("  no task was made");
  return seen;
}

std::string creations_alerts(const std::vector<CreationView>& views) {
  std::string out;
  for (const CreationView& view : views) {
    out += markdown_of(view.preface);
    if (!view.not_run.empty()) out += "- " + view.preface.who() + escaped(view.not_run) + "\n";
  }
  return out.empty() ? out : out + "\n";
}

std::string readable_flags(const std::string& flags) {
  std::string out;
  bool said = false;
  for (std::size_t at = 0; at <= flags.size();) {
    const std::size_t end = std::min(flags.find('|', at), flags.size());
    std::string word = flags.substr(at, end - at);
    if (word.starts_with("CLONE_")) {
      if (said) word.erase(0, 6);
      said = true;
    }
    out += (out.empty() ? "" : ", ") + word;
    at = end + 1;
  }
  return out;
}

}  // namespace vtlab::render
