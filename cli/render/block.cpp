// block.cpp — see block.h. Each add_ function adds one part, in the order in which people read
// them.
#include "render/block.h"

#include <algorithm>
#include <set>

#include "render/format.h"
#include "render/words.h"

namespace vtlab::render {
namespace {

using result::Metric;
using result::Param;
using result::ProbeNote;
using result::Result;
using Results = std::vector<const Result*>;

class BlockMaker {
 public:
  BlockMaker(const result::Host& host, Results results)
      : host_(host), results_(std::move(results)) {}

  Block make() {
    block_.scenario = one_line(results_.front()->scenario);
    for (const Result* r : results_)
      block_.columns.push_back({one_line(r->mode), one_line(r->mode_title), r->partial});
    add_parameters();
    add_setting();
    add_alerts();
    add_ledger();
    add_metrics();
    add_probe_counts();
    add_repetitions();
    for (std::size_t i = 0; i < footnote_modes_.size(); ++i)
      block_.footnotes[i].modes = listed_once(footnote_modes_[i]);
    for (const Result* r : results_)
      for (const result::ClaimCheck& claim : r->claims)
        block_.claims.push_back({claim.verdict, one_line(r->mode), one_line(claim.id),
                                 one_line(claim.statement), one_line(claim.because)});
    for (const Result* r : results_)
      block_.subjects.push_back({one_line(r->mode), one_line(r->observer), &r->details});
    return std::move(block_);
  }

 private:
  template <class F>
  Row row(std::string label, F cell) {
    Row out{std::move(label), {}, false};
    for (const Result* r : results_) out.cells.push_back(cell(*r));
    return out;
  }

  // Equal reasons share one footnote.
  Cell absent(const Result& r, const std::string& because) {
    const std::string text = reason(because);
    std::size_t i = 0;
    while (i < block_.footnotes.size() && block_.footnotes[i].because != text) ++i;
    if (i == block_.footnotes.size()) {
      block_.footnotes.push_back({"", text});
      footnote_modes_.emplace_back();
    }
    footnote_modes_[i].push_back(one_line(r.mode));
    return {"", "", "", i + 1};
  }

  static Cell measured(double value, std::optional<double> low, std::optional<double> high,
                       std::string_view unit) {
    Cell out{format_value(value, unit), "", "", 0};
    if (low && high && *low < *high) {
      out.range = format_range(*low, *high, unit);
      if (out.range == out.text) out.range.clear();  // they differ in digits that are not shown
      out.spread = unit == "count" ? out.range : format_spread(value, *low, *high);
    }
    return out;
  }

  // Parameters on which all agree that have them go into the headline, the others become rows.
  void add_parameters() {
    std::vector<std::string> agreed;
    Group differing{"parameters", {}};
    for (const std::string& key :
         keys_in_order([](const Result& r) -> auto& { return r.params; })) {
      std::set<std::variant<std::uint64_t, std::string>> values;
      const Param* some = nullptr;
      for (const Result* r : results_)
        if (const Param* param = find(r->params, key)) values.insert((some = param)->value);
      if (values.size() == 1) {
        agreed.push_back(sentence_part(*some));
        continue;
      }
      differing.rows.push_back(row(readable(*some).name, [&](const Result& r) {
        const Param* param = find(r.params, key);
        return Cell{param ? readable(*param).value : "", "", "", 0};
      }));
    }
    if (!same_observer())
      differing.rows.push_back(row("observer", [](const Result& r) {
        return Cell{one_line(r.observer), "", "", 0};
      }));
    block_.parameters = join(agreed, ", ");
    add(std::move(differing));
  }

  void add_setting() {
    const std::string observer = one_line(results_.front()->observer);
    block_.setting = setting_lines(host_, same_observer() ? observer : "");
  }

  void add_alerts() {
    for (const Result* r : results_) {
      const std::string who = one_line(r->mode) + ": ";
      if (r->partial)
        block_.alerts.push_back("PARTIAL " + who + reason(r->partial_because) +
                                "; its numbers are of what ran until then");
      if (r->lost_events)
        block_.alerts.push_back("LOST " + who + plural(r->lost_events, "event") +
                                " of the event stream; counts are exact, what is drawn from single "
                                "events is incomplete");
      for (const ProbeNote& probe : r->probes)
        if (probe.recursion_misses.value_or(0))
          block_.alerts.push_back("MISSED " + who + "the kernel skipped " +
                                  plural(*probe.recursion_misses, "run") + " of the probe for " +
                                  name_of(probe) + "; its count is a lower bound");
      std::uint64_t sum = 0;
      for (const result::LedgerRow& line : r->ledger) sum += line.kernel_tasks;
      if (r->kernel_tasks && !r->ledger.empty() && sum != *r->kernel_tasks)
        block_.alerts.push_back("CONTRADICTION " + who + "the actions add up to " +
                                plural(sum, "task_struct") + ", but " +
                                format_count(*r->kernel_tasks) + " were seen");
    }
  }

  void add_ledger() {
    Group group;
    group.rows.push_back(row("kernel task_structs created", [this](const Result& r) {
      if (!r.kernel_tasks) return absent(r, r.kernel_tasks_missing_because);
      std::vector<double> seen;
      for (const auto& repetition : r.repetitions)
        if (repetition.kernel_tasks) seen.push_back(static_cast<double>(*repetition.kernel_tasks));
      return with_extremes(static_cast<double>(*r.kernel_tasks), seen, "count");
    }));
    group.rows.back().total = true;
    std::vector<std::string> done;
    bool sharing_known = false;
    for (const Result* r : results_) {
      for (const result::LedgerRow& line : r->ledger) {
        sharing_known = sharing_known || line.sharing_mm;
        if (std::find(done.begin(), done.end(), line.action) != done.end()) continue;
        done.push_back(line.action);
        const std::string title = spaced(line.title.empty() ? line.action : line.title);
        group.rows.push_back(row((line.action == "unattributed" ? "  " : "  by ") + title,
                                 [&](const Result& of) { return ledger_cell(of, line.action); }));
      }
    }
    if (sharing_known)
      group.rows.push_back(
          row("  of these, sharing memory", [this](const Result& r) { return sharing_cell(r); }));
    add(std::move(group));
  }

  Cell ledger_cell(const Result& r, const std::string& action) {
    if (!r.kernel_tasks) return absent(r, r.kernel_tasks_missing_because);
    if (r.ledger.empty() && *r.kernel_tasks) return absent(r, "no action was recorded");
    std::uint64_t count =
        0;  // the ledger is complete, so an action that it does not name made none
    for (const result::LedgerRow& line : r.ledger)
      if (line.action == action) count += line.kernel_tasks;
    return {format_count(count), "", "", 0};
  }

  Cell sharing_cell(const Result& r) {
    if (!r.kernel_tasks) return absent(r, r.kernel_tasks_missing_because);
    std::uint64_t count = 0, known = 0;
    for (const result::LedgerRow& line : r.ledger) {
      count += line.sharing_mm.value_or(0);
      if (line.sharing_mm || !line.kernel_tasks) known += line.kernel_tasks;
    }
    if (known != *r.kernel_tasks) return absent(r, "what the tasks share was not recorded");
    return {format_count(count), "", "", 0};
  }

  // Where a metric is shown. A key that is not listed goes to the last group: a newer file still
  // renders.
  static std::size_t group_of(const std::string& key) {
    constexpr std::string_view kUnits[] = {"units_done", "peak_tasks_alive", "most_units_waiting",
                                           "switches_per_unit", "unit_switches_per_unit"};
    constexpr std::string_view kTime[] = {"latency_p50_ns", "latency_p99_ns", "cpu_ns_per_unit"};
    constexpr std::string_view kMemory[] = {
        "resident_bytes_per_unit", "kernel_stack_bytes_per_unit", "reserved_bytes_per_unit"};
    const auto has = [&key](const auto& keys) {
      return std::find(std::begin(keys), std::end(keys), key) != std::end(keys);
    };
    return has(kUnits) ? 0 : has(kTime) ? 1 : has(kMemory) ? 2 : 3;
  }

  void add_metrics() {
    Group groups[] = {{"work", {}}, {"time", {}}, {"memory", {}}, {"other", {}}};
    groups[1].rows.push_back(row("wall time", [](const Result& r) {
      std::vector<double> seen;
      for (const auto& repetition : r.repetitions)
        seen.push_back(static_cast<double>(repetition.wall_ns));
      return with_extremes(static_cast<double>(r.wall_ns), seen, "ns");
    }));
    for (const std::string& key : keys_in_order([](const Result& r) -> auto& { return r.metrics; }))
      groups[group_of(key)].rows.push_back(metric_row(key));
    for (Group& group : groups) add(std::move(group));
  }

  Row metric_row(const std::string& key) {
    const Metric* some = nullptr;
    for (const Result* r : results_)
      if (!some) some = find(r->metrics, key);
    std::string label = some->title.empty() ? spaced(key) : one_line(some->title);
    if (some->unit.ends_with("/unit") && label.find("per unit") == std::string::npos)
      label += " per unit";
    std::vector<std::string> sources;
    for (const Result* r : results_)
      if (const Metric* metric = find(r->metrics, key); metric && metric->value)
        sources.push_back(one_line(metric->source));
    Row out = row(label, [&](const Result& r) {
      const Metric* metric = find(r.metrics, key);
      if (!metric) return absent(r, "not measured in this mode");
      if (!metric->value) return absent(r, metric->missing_because);
      return measured(*metric->value, metric->low, metric->high, one_line(metric->unit));
    });
    out.source = listed_once(sources);
    return out;
  }

  static Cell with_extremes(double value, const std::vector<double>& seen, std::string_view unit) {
    if (seen.empty()) return measured(value, {}, {}, unit);
    const auto [low, high] = std::minmax_element(seen.begin(), seen.end());
    return measured(value, *low, *high, unit);
  }

  static std::string name_of(const ProbeNote& probe) {
    return one_line(probe.counter.empty() ? probe.question : probe.counter);
  }

  void add_probe_counts() {
    Group group{"what the probes counted", {}, true};
    std::vector<std::string> done;
    for (const Result* r : results_) {
      for (const ProbeNote& probe : r->probes) {
        const std::string name = name_of(probe);
        if (std::find(done.begin(), done.end(), name) != done.end()) continue;
        done.push_back(name);
        group.rows.push_back(row(name, [&](const Result& of) { return probe_cell(of, name); }));
      }
    }
    if (std::any_of(results_.begin(), results_.end(),
                    [](const Result* r) { return misses_of(*r).has_value(); }))
      group.rows.push_back(row("recursion misses", [this](const Result& r) {
        const auto misses = misses_of(r);
        if (!misses) return absent(r, "this observer does not report it");
        return Cell{format_count(*misses), "", "", 0};
      }));
    group.rows.push_back(row("lost events", [](const Result& r) {
      return Cell{format_count(r.lost_events), "", "", 0};
    }));
    add(std::move(group));
  }

  Cell probe_cell(const Result& r, const std::string& name) {
    for (const ProbeNote& probe : r.probes) {
      if (name_of(probe) != name) continue;
      if (probe.count) return {format_count(*probe.count), "", "", 0};
      return absent(r, probe.rung.empty() ? "no way to attach this probe: see Probes"
                                          : "this probe does not count");
    }
    return absent(r, "this probe was not used in this mode");
  }

  static std::optional<std::uint64_t> misses_of(const Result& r) {
    std::optional<std::uint64_t> sum;
    for (const ProbeNote& probe : r.probes)
      if (probe.recursion_misses) sum = sum.value_or(0) + *probe.recursion_misses;
    return sum;
  }

  void add_repetitions() {
    std::size_t least = SIZE_MAX, most = 0;
    for (const Result* r : results_) {
      least = std::min(least, r->repetitions.size());
      most = std::max(most, r->repetitions.size());
    }
    if (most < 2) return;
    block_.repetitions = (least == most ? "" : format_count(least) + "–") + format_count(most);
  }

  template <class F>
  std::vector<std::string> keys_in_order(F items_of) const {
    std::vector<std::string> keys;
    for (const Result* r : results_)
      for (const auto& item : items_of(*r))
        if (std::find(keys.begin(), keys.end(), item.key) == keys.end()) keys.push_back(item.key);
    return keys;
  }

  template <class T>
  static const T* find(const std::vector<T>& items, const std::string& key) {
    for (const T& item : items)
      if (item.key == key) return &item;
    return nullptr;
  }

  bool same_observer() const {
    return std::all_of(results_.begin(), results_.end(), [this](const Result* r) {
      return r->observer == results_.front()->observer;
    });
  }

  void add(Group group) {
    if (!group.rows.empty()) block_.groups.push_back(std::move(group));
  }

  const result::Host& host_;
  Results results_;
  Block block_;
  std::vector<std::vector<std::string>> footnote_modes_;  // as block_.footnotes
};

}  // namespace

Block make_block(const result::Host& host, const std::vector<const result::Result*>& results) {
  return BlockMaker(host, results).make();
}

}  // namespace vtlab::render
