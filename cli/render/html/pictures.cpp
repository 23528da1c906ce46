#include "render/html/pictures.h"

#include <algorithm>
#include <bit>
#include <map>
#include <memory>

#include "render/creation_view.h"
#include "render/format.h"
#include "render/html/chart.h"
#include "render/html/text.h"
#include "render/syscall_view.h"
#include "render/words.h"
#include "result/histogram.h"

namespace vtlab::render::html {
namespace {

using result::Histogram;

constexpr std::size_t kMostCalls = 12;

std::string named(const std::string& subject, const std::string& what) {
  return subject.empty() ? what : subject + (what.empty() ? "" : ": " + what);
}

// The values above the first and up to the second, and how many they are.
using Buckets = std::map<std::uint64_t, std::pair<std::uint64_t, std::uint64_t>>;  // by the second

// Four buckets for each power of two: a picture is read by eye, and the percentiles are in the table.
void add_coarse(Buckets& buckets, std::uint64_t up_to, std::uint64_t count) {
  const auto width = static_cast<unsigned>(std::bit_width(up_to));
  const unsigned shift = width > 3 ? width - 3 : 0;
  const std::uint64_t end = ((up_to >> shift) + 1) << shift;
  auto& [from, so_far] = buckets[end - 1];
  from = end - (std::uint64_t{1} << shift);
  so_far += count;
}

Series distribution(std::string name, const Buckets& buckets) {
  Series out{std::move(name), {}};
  for (const auto& [up_to, bucket] : buckets)
    out.points.push_back({static_cast<double>(up_to) + 1, static_cast<double>(bucket.second),
                          static_cast<double>(bucket.first)});
  return out;
}

Series distribution(std::string name, const Histogram& histogram) {
  Buckets buckets;
  histogram.each_bucket(
      [&](std::uint64_t up_to, std::uint64_t count) { add_coarse(buckets, up_to, count); });
  return distribution(std::move(name), buckets);
}

// Its rows are powers of two.
Series distribution(std::string name, const result::Spread& spread) {
  Series out{std::move(name), {}};
  for (const result::SpreadRow& row : spread.rows)
    out.points.push_back({static_cast<double>(row.up_to_ns), static_cast<double>(row.count),
                          static_cast<double>(row.up_to_ns) / 2});
  return out;
}

Chart latency_chart(std::string title, std::string note, std::string what) {
  return {ChartKind::steps,
          std::move(title),
          std::move(note),
          {"up to", "ns", true},
          {std::move(what), "count"},
          {},
          {}};
}

// ---- creation path ----

// From the first stage that was seen to the first run.
std::optional<std::uint64_t> whole_ns(const result::Creation& creation) {
  const auto& last = creation.time_ns.back();
  for (const auto& time : creation.time_ns)
    if (time && last && *time < *last) return *last - *time;
  return {};
}

}  // namespace

std::string path_pictures(const std::vector<Subject>& subjects) {
  Chart chart = latency_chart(
      "How long making a task took, until it first ran",
      "From the first stage that was seen to the first run of the new task.", "tasks");
  for (const Subject& subject : subjects) {
    const auto& creations = subject.details->creations.value;
    if (!creations) continue;
    std::map<std::string, std::unique_ptr<Histogram>> by_kind;
    for (const result::Creation& creation : creations->records) {
      const auto ns = whole_ns(creation);
      if (!ns || !creation.error.empty()) continue;
      const std::string kind = subject.name.empty()
                                   ? creation.asked_by
                                   : spaced(creation.action) + " → " + creation.asked_by;
      auto& histogram = by_kind[one_line(kind)];
      if (!histogram) histogram = std::make_unique<Histogram>();
      histogram->record(*ns);
    }
    for (const auto& [kind, histogram] : by_kind)
      chart.series.push_back(distribution(named(subject.name, kind), *histogram));
  }
  return figure(chart);
}

// ---- scheduling ----

std::string sched_pictures(const std::vector<Subject>& subjects) {
  std::string out;
  Chart waiting = latency_chart("How long runnable tasks waited for a CPU", "", "times");
  Chart running = latency_chart("How long tasks kept a CPU", "", "times");
  for (const Subject& subject : subjects) {
    const auto& value = subject.details->scheduling.value;
    if (!value) continue;
    for (std::size_t i = 0; i < std::min<std::size_t>(2, value->groups.size()); ++i) {
      const result::TaskGroup& group = value->groups[i];
      const std::string name =
          named(subject.name, one_line(value->by_action ? spaced(group.name) : group.name));
      waiting.series.push_back(distribution(name, group.waiting));
      running.series.push_back(distribution(name, group.on_cpu));
    }
  }
  out += figure(running) + figure(waiting);
  for (const Subject& subject : subjects) {
    const auto& value = subject.details->scheduling.value;
    if (!value || value->timeline.alive.empty()) continue;
    Chart chart{ChartKind::steps,
                named(subject.name, "tasks alive, running and waiting over time"),
                "Averages of equal steps of time.",
                {"time", "ns"},
                {"tasks", "count"},
                {},
                {}};
    const auto add = [&](const char* name, const std::vector<double>& values) {
      Series series{name, {}};
      const auto step = static_cast<double>(value->timeline.step_ns);
      for (std::size_t i = 0; i < values.size(); ++i)
        series.points.push_back(
            {step * static_cast<double>(i + 1), values[i], step * static_cast<double>(i)});
      chart.series.push_back(std::move(series));
    };
    add("alive", value->timeline.alive);
    add("running", value->timeline.running);
    add("waiting", value->timeline.waiting);
    out += figure(chart);
  }
  return out;
}

// ---- system calls ----

std::string syscall_pictures(const std::vector<Subject>& subjects) {
  Chart counts{ChartKind::bars, "System calls", "", {"call", ""}, {"calls", "count"}, {}, {}};
  Chart latency = latency_chart("How long system calls took", "Those that returned.", "calls");
  std::vector<SyscallView> views;
  for (const Subject& subject : subjects) {
    views.push_back(make_syscall_view(subject));
    for (const CallSum& call : views.back().calls)
      if (counts.categories.size() < kMostCalls &&
          std::find(counts.categories.begin(), counts.categories.end(), call.name) ==
              counts.categories.end())
        counts.categories.push_back(call.name);
  }
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    const auto& value = subjects[i].details->syscalls.value;
    if (!value) continue;
    Series bars{named(subjects[i].name, subjects[i].name.empty() ? "calls" : ""), {}};
    for (std::size_t place = 0; place < counts.categories.size(); ++place)
      for (const CallSum& call : views[i].calls)
        if (call.name == counts.categories[place])
          bars.points.push_back({static_cast<double>(place), static_cast<double>(call.count)});
    counts.series.push_back(std::move(bars));
    Buckets blocked, others;
    for (const result::SystemCall& row : value->rows)
      for (const result::LatencyBucket& bucket : row.latency)
        add_coarse(row.waited_for.empty() ? others : blocked, bucket.most_ns, bucket.count);
    if (!others.empty())
      latency.series.push_back(distribution(named(subjects[i].name, "did not block"), others));
    if (!blocked.empty())
      latency.series.push_back(distribution(named(subjects[i].name, "blocked"), blocked));
  }
  return figure(counts) + figure(latency);
}

// ---- tasks of another runtime ----

std::string task_name_pictures(const std::vector<Subject>& subjects) {
  std::string out;
  for (const Subject& subject : subjects) {
    const result::TaskNames& names = *subject.details->task_names.value;
    Chart chart{ChartKind::stacked,
                named(subject.name, "threads by name"),
                "",
                {"name", ""},
                {"tasks", "count"},
                {},
                {}};
    Series before{"before the window", {}}, in{"made in the window", {}};
    for (const result::NamedTasks& row : names.rows) {
      const auto place = static_cast<double>(chart.categories.size());
      chart.categories.push_back(one_line(row.name));
      before.points.push_back({place, static_cast<double>(row.before_window)});
      if (names.new_missing_because.empty())
        in.points.push_back({place, static_cast<double>(row.in_window)});
    }
    chart.series = {std::move(before), std::move(in)};
    out += figure(chart);
  }
  return out;
}

// ---- memory ----

std::string memory_picture(const std::vector<const result::Result*>& modes) {
  struct MemoryKind {
    const char *key, *title;
  };
  constexpr MemoryKind kKinds[] = {{"resident_bytes_per_unit", "resident"},
                                   {"kernel_stack_bytes_per_unit", "kernel stack"},
                                   {"reserved_bytes_per_unit", "reserved, address space only"}};
  Chart chart{ChartKind::stacked,
              "Memory per unit, by kind",
              "",
              {"mode", ""},
              {"memory per unit", "bytes/unit"},
              {},
              {}};
  for (const auto& [key, title] : kKinds) chart.series.push_back({title, {}});
  for (const result::Result* mode : modes) {
    const auto place = static_cast<double>(chart.categories.size());
    chart.categories.push_back(one_line(mode->mode));
    double resident = 0;
    for (std::size_t kind = 0; kind < std::size(kKinds); ++kind) {
      for (const result::Metric& metric : mode->metrics) {
        if (metric.key != kKinds[kind].key || !metric.value) continue;
        double bytes = std::max(0.0, *metric.value);
        if (kind == 0) resident = bytes;
        if (kind == 2)
          bytes = std::max(0.0, bytes - resident);  // what is resident is reserved, too
        chart.series[kind].points.push_back({place, bytes});
      }
    }
  }
  double real = 0, reserved = 0;
  for (std::size_t kind = 0; kind < chart.series.size(); ++kind)
    for (const Point& point : chart.series[kind].points)
      (kind == 2 ? reserved : real) = std::max(kind == 2 ? reserved : real, point.y);
  if (reserved > 5 * real) {
    chart.series[2].hidden = true;
    chart.note =
        "Reserved address space is so much more that it would hide the rest: press its word to "
        "see it.";
  }
  return figure(chart);
}

// ---- comparisons ----

namespace {

struct Span {
  double low, high;
};

Span span_of(const result::Estimate& estimate) {
  if (estimate.interval) return {estimate.interval->low, estimate.interval->high};
  if (estimate.values.empty()) return {*estimate.median, *estimate.median};
  const auto [low, high] = std::minmax_element(estimate.values.begin(), estimate.values.end());
  return {*low, *high};
}

// Bars from 0 with whiskers, and a dot for every run.
std::string interval_bars(const result::Quantity& quantity, const result::Size& size) {
  constexpr int kNames = 170, kBars = 420, kNumbers = 150, kRow = 40;
  double most = 0;
  for (const result::Estimate& estimate : size.estimates) {
    if (!estimate.median) continue;
    most = std::max({most, *estimate.median, span_of(estimate).high});
    for (const double value : estimate.values) most = std::max(most, value);
  }
  if (most <= 0) return {};
  const auto x = [&](double value) {
    return format_exact(kNames + std::max(0.0, std::round(value / most * kBars * 10) / 10));
  };
  std::string out;
  int y = 6;
  std::size_t colour = 0;
  for (const result::Estimate& estimate : size.estimates) {
    const std::string line = std::to_string(y + 14), top = std::to_string(y + 4);
    out += words("text", shorten(one_line(estimate.contender), 24),
                 "x=\"" + std::to_string(kNames - 10) + "\" y=\"" + std::to_string(y + 19) +
                     "\" class=\"who\"");
    ++colour;
    if (estimate.median) {
      const auto [low, high] = span_of(estimate);
      const std::string series = " series-" + std::to_string((colour - 1) % 8);
      out += "<rect x=\"" + std::to_string(kNames) + "\" y=\"" + top + "\" width=\"" +
             format_exact(std::max(1.0, std::round(*estimate.median / most * kBars * 10) / 10)) +
             "\" height=\"20\" class=\"estimate" + series + "\"/>";
      for (const double value : estimate.values)
        out += "<circle cx=\"" + x(value) + "\" cy=\"" + std::to_string(y + 29) +
               "\" r=\"2.5\" class=\"run" + series + "\"/>";
      out += "<path class=\"whisker\" d=\"M" + x(low) + " " + line + "H" + x(high) + "M" + x(low) +
             " " + top + "v20M" + x(high) + " " + top + "v20\"/>";
      std::string said = format_value(*estimate.median, quantity.unit);
      out += words("text", said,
                   "x=\"" + std::to_string(kNames + kBars + 12) + "\" y=\"" +
                       std::to_string(y + 19) + "\" class=\"value\"");
    } else {
      out += words("text", "not observed",
                   "x=\"" + std::to_string(kNames + 4) + "\" y=\"" + std::to_string(y + 19) +
                       "\" class=\"value\"");
    }
    y += kRow;
  }
  const std::string width = std::to_string(kNames + kBars + kNumbers);
  return element(
      "svg", out,
      "viewBox=\"0 0 " + width + " " + std::to_string(y) +
          "\" class=\"intervals\" role=\"group\" " +
          attribute("aria-label", one_line(quantity.title) + ": medians with intervals"));
}

// A quantity "per unit" grows as the whole does only if it is multiplied: what is drawn is what was measured.
std::string growth_curves(const result::Quantity& quantity) {
  Chart chart{ChartKind::lines,
              one_line(quantity.title) + " over the number of units",
              "Both axes are logarithmic: a straight line of slope 1 is proportional growth.",
              {"units", "count", true},
              {one_line(quantity.title), quantity.unit, true},
              {},
              {}};
  std::map<std::string, std::size_t> place;
  for (const result::Size& size : quantity.sizes) {
    for (const result::Estimate& estimate : size.estimates) {
      const auto [at, fresh] = place.emplace(one_line(estimate.contender), chart.series.size());
      if (fresh) chart.series.push_back({at->first, {}});
      if (estimate.median && *estimate.median > 0)  // 0 has no place on a logarithmic axis
        chart.series[at->second].points.push_back(
            {static_cast<double>(size.tasks), *estimate.median});
    }
  }
  return figure(chart);
}

}  // namespace

std::string quantity_picture(const result::Quantity& quantity) {
  std::string out = quantity.sizes.size() > 1 ? growth_curves(quantity) : "", bars;
  for (const result::Size& size : quantity.sizes) {
    const std::string picture = interval_bars(quantity, size);
    if (picture.empty()) continue;
    if (quantity.sizes.size() > 1) bars += words("h4", plural(size.tasks, "unit"));
    bars += picture;
  }
  if (bars.empty()) return out;
  return out +
         (quantity.sizes.size() > 1 ? fold("medians and intervals, size by size", bars) : bars);
}

}  // namespace vtlab::render::html
