#include "render/syscall_view.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "render/format.h"
#include "render/words.h"

namespace vtlab::render {
namespace {

using result::SystemCall;

// Rows of the document, put together.
class Sum {
 public:
  void add(const SystemCall& row) {
    sum_.count += row.entered();
    sum_.returned += row.returned;
    if (!row.error.empty() && !row.begins_anew()) sum_.errors += row.returned;
    sum_.total_ns += row.total_ns;
    if (!row.waited_for.empty()) sum_.blocked += row.returned;
    max_ = std::max(max_, row.max_ns);
    for (const result::LatencyBucket& bucket : row.latency)
      latency_[bucket.most_ns] += bucket.count;
  }

  CallSum take(std::string name) const {
    CallSum sum = sum_;
    sum.name = std::move(name);
    if (latency_.empty()) return sum;
    sum.p50_ns = percentile(0.50);
    sum.p99_ns = percentile(0.99);
    sum.max_ns = max_;
    return sum;
  }

 private:
  // Nearest rank: the end of the bucket that has it.
  std::uint64_t percentile(double fraction) const {
    std::uint64_t all = 0, seen = 0;
    for (const auto& [end, count] : latency_) all += count;
    const auto rank = std::max<std::uint64_t>(
        1, static_cast<std::uint64_t>(std::ceil(fraction * static_cast<double>(all))));
    for (const auto& [end, count] : latency_) {
      seen += count;
      if (seen >= rank) return std::min(end, max_);
    }
    return max_;
  }

  CallSum sum_;
  std::uint64_t max_ = 0;
  std::map<std::uint64_t, std::uint64_t> latency_;  // end of bucket → calls
};

std::string name_of(const SystemCall& row) {
  return one_line(row.call) + (row.is_32_bit ? " (32-bit)" : "");
}

bool more_calls(const CallSum& a, const CallSum& b) {
  return a.count != b.count ? a.count > b.count : a.name < b.name;
}

std::vector<CallSum> by_name(const std::vector<const SystemCall*>& rows) {
  std::map<std::string, Sum> sums;
  for (const SystemCall* row : rows) sums[name_of(*row)].add(*row);
  std::vector<CallSum> calls;
  for (const auto& [name, sum] : sums) calls.push_back(sum.take(name));
  std::sort(calls.begin(), calls.end(), more_calls);
  return calls;
}

CallSum sum_of(const std::vector<const SystemCall*>& rows, std::string name) {
  Sum sum;
  for (const SystemCall* row : rows) sum.add(*row);
  return sum.take(std::move(name));
}

std::string span(const result::AskedRange& range) {
  return range.least == range.most ? format_duration(static_cast<double>(range.least))
                                   : format_range(static_cast<double>(range.least),
                                                  static_cast<double>(range.most), "ns");
}

// What the callers said of how long they would wait, and of how many fds.
std::string asked(const std::vector<const SystemCall*>& rows) {
  std::optional<result::AskedRange> ns, fds;
  bool none = false, time = false, sleeps = false;
  const auto widen = [](auto& range, const auto& more) {
    if (!more) return;
    if (!range) range = *more;
    range->least = std::min(range->least, more->least);
    range->most = std::max(range->most, more->most);
  };
  for (const SystemCall* row : rows) {
    widen(ns, row->asked_ns);
    widen(fds, row->asked_fds);
    none = none || row->limit == "none";
    time = time || row->limit == "time";
    sleeps = sleeps || row->limit.empty();
  }
  std::vector<std::string> parts;
  if (fds)
    parts.push_back(fds->least == fds->most
                        ? plural(fds->least, "fd")
                        : format_count(fds->least) + "–" + format_count(fds->most) + " fds");
  if (none && !time) parts.emplace_back("no time limit");
  if (time)
    parts.push_back(std::string(none ? "some " : "") + "with a time limit" +
                    (ns ? " of " + span(*ns) : ""));
  if (sleeps && ns) parts.push_back("asked " + span(*ns));
  return join(parts, ", ");
}

std::vector<BlockedKind> blocked(const std::vector<const SystemCall*>& rows) {
  std::map<std::pair<std::string, std::string>, std::vector<const SystemCall*>> kinds;
  for (const SystemCall* row : rows)
    if (!row->waited_for.empty()) kinds[{name_of(*row), one_line(row->waited_for)}].push_back(row);
  std::vector<BlockedKind> all;
  for (const auto& [key, members] : kinds) {
    BlockedKind kind;
    kind.call = key.first;
    kind.waited_for = key.second;
    kind.asked = asked(members);
    // "futex (futex WAIT)" says the same twice.
    const std::string what = kind.waited_for.starts_with(kind.call + " ")
                                 ? kind.waited_for.substr(kind.call.size() + 1)
                                 : kind.waited_for;
    kind.sum =
        sum_of(members, kind.waited_for == "unknown" ? kind.call : kind.call + " (" + what + ")");
    all.push_back(std::move(kind));
  }
  std::sort(all.begin(), all.end(), [](const BlockedKind& a, const BlockedKind& b) {
    return a.sum.total_ns != b.sum.total_ns ? a.sum.total_ns > b.sum.total_ns
                                            : a.sum.name < b.sum.name;
  });
  return all;
}

// A published action says more than who made the caller.
std::string group_of(const SystemCall& row) {
  if (!row.caller.empty()) return one_line(row.caller);
  if (!row.during.empty()) return "while it did " + one_line(spaced(row.during));
  if (row.made_by == "unattributed") return "the first task, and unattributed ones";
  return "tasks made by " + one_line(spaced(row.made_by));
}

std::vector<CallGroup> groups(const std::vector<const SystemCall*>& rows) {
  std::map<std::string, std::vector<const SystemCall*>> members;
  for (const SystemCall* row : rows) members[group_of(*row)].push_back(row);
  std::vector<CallGroup> all;
  for (const auto& [name, some] : members) all.push_back({sum_of(some, name), by_name(some)});
  if (all.size() == 1) return {};
  std::sort(all.begin(), all.end(),
            [](const CallGroup& a, const CallGroup& b) { return more_calls(a.sum, b.sum); });
  return all;
}

// "futex 3, read 1": what count() says of each row, added up under name(); rows of 0 are left out.
template <class Name, class Count>
std::string listed(const std::vector<const SystemCall*>& rows, Name name, Count count) {
  std::map<std::string, std::uint64_t> counts;
  for (const SystemCall* row : rows)
    if (const std::uint64_t n = count(*row)) counts[name(*row)] += n;
  std::vector<std::string> parts;
  for (const auto& [what, n] : counts) parts.push_back(what + " " + format_count(n));
  return join(parts, ", ");
}

std::vector<std::string> remarks(const std::vector<const SystemCall*>& rows) {
  std::vector<std::string> all;
  const auto add = [&](const char* what, const std::string& list) {
    if (!list.empty()) all.push_back(what + list);
  };
  const auto with_error = [](const SystemCall& row) {
    return name_of(row) + " " + one_line(row.error);
  };
  add("errors: ", listed(rows, with_error, [](const SystemCall& row) {
        return row.error.empty() || row.begins_anew() ? 0 : row.returned;
      }));
  add("broken off by a signal and begun anew: ", listed(rows, name_of, [](const SystemCall& row) {
        return row.begins_anew() ? row.returned : 0;
      }));
  add("the task ended in it: ",
      listed(rows, name_of, [](const SystemCall& row) { return row.unreturned; }));
  add("still going on at the end: ",
      listed(rows, name_of, [](const SystemCall& row) { return row.in_progress; }));
  return all;
}

}  // namespace

SyscallView make_syscall_view(const Subject& subject) {
  SyscallView view;
  const auto& [value, missing_because] = subject.details->syscalls;
  if (!value) {
    view.preface = preface_of(subject, missing_because);
    return view;
  }
  view.preface = preface_of(subject, {}, value->void_because, "the numbers are lower bounds");
  view.units = value->units;
  std::vector<const SystemCall*> rows;
  for (const SystemCall& row : value->rows) rows.push_back(&row);
  view.calls = by_name(rows);
  view.all = sum_of(rows, "all");
  view.blocked = blocked(rows);
  view.groups = groups(rows);
  view.remarks = remarks(rows);
  std::vector<std::string> hooks;
  for (const std::string& hook : value->seen_by) hooks.push_back(one_line(hook));
  view.seen_by = join(hooks, ", ");
  return view;
}

CallSum rest_of(const std::vector<CallSum>& calls, std::size_t from) {
  CallSum rest;
  for (std::size_t i = from; i < calls.size(); ++i) {
    rest.count += calls[i].count;
    rest.returned += calls[i].returned;
    rest.errors += calls[i].errors;
    rest.blocked += calls[i].blocked;
    rest.total_ns += calls[i].total_ns;
    if (calls[i].max_ns) rest.max_ns = std::max(rest.max_ns.value_or(0), *calls[i].max_ns);
  }
  rest.name = "… " + format_count(calls.size() - from) + " others";
  return rest;
}

std::string per_unit(std::uint64_t count, const std::optional<std::uint64_t>& units) {
  if (!units || *units == 0) return "";
  const double value = static_cast<double>(count) / static_cast<double>(*units);
  return count != 0 && value < 0.01 ? "<0.01" : format_number(value);
}

}  // namespace vtlab::render
