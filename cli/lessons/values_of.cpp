#include "lessons/values_of.h"

#include <algorithm>
#include <set>

namespace vtlab::lessons {
namespace {

using namespace vtlab::result;

// "count/unit" is a ratio, "ns/unit" a time.
std::string base_unit(const std::string& unit) {
  const std::string base = unit.substr(0, unit.find('/'));
  return base == "count" && base != unit ? "" : base;
}

Value optional(const std::optional<std::uint64_t>& value, const std::string& why) {
  return value ? Value::count(*value) : Value::missing(why);
}

std::string_view verdict(Verdict verdict) {
  switch (verdict) {
    case Verdict::holds:
      return "holds";
    case Verdict::refuted:
      return "refuted";
    case Verdict::not_testable_here:
      break;
  }
  return "not-testable";
}

// "CLONE_VM|CLONE_FILES|SIGCHLD" as "VM-FILES-SIGCHLD"; without any, "none".
std::string flags_as_name(const std::string& names) {
  std::string out;
  for (std::size_t at = 0; at < names.size();) {
    const std::size_t end = std::min(names.find('|', at), names.size());
    std::string flag = names.substr(at, end - at);
    if (flag.starts_with("CLONE_")) flag = flag.substr(6);
    out += (out.empty() ? "" : "-") + flag;
    at = end + 1;
  }
  return out.empty() ? "none" : out;
}

class Collector {
 public:
  Values values;

  void host(const Host& host) {
    put("host.kernel", Value::word(host.kernel));
    put("host.machine", Value::word(host.machine));
    put("host.distribution", Value::word(host.distribution));
    put("host.date", Value::word(host.started_at.substr(0, 10)));
    put("host.cpus", Value::count(host.cpus));
    put("host.memory", Value::of(static_cast<double>(host.memory_bytes), "bytes"));
  }

  void run(const Result& r) {
    const std::string mode = r.mode + ".";
    put(mode + "title", Value::word(r.mode_title));
    put(mode + "kernel_tasks", optional(r.kernel_tasks, r.kernel_tasks_missing_because));
    put(mode + "wall", Value::of(static_cast<double>(r.wall_ns), "ns"));
    for (const LedgerRow& row : r.ledger) {
      put(mode + "ledger." + row.action, Value::count(row.kernel_tasks));
      put(mode + "ledger." + row.action + ".sharing_mm",
          optional(row.sharing_mm, "nobody saw what they share"));
    }
    for (const Metric& metric : r.metrics) this->metric(mode + "metrics.", metric);
    for (const Param& param : r.params) {
      const auto* number = std::get_if<std::uint64_t>(&param.value);
      put(mode + "params." + param.key,
          number ? parameter(param.key, *number) : Value::word(std::get<std::string>(param.value)));
    }
    for (const ProbeNote& probe : r.probes)
      put(mode + "probes." + probe.counter, optional(probe.count, "no rung of this probe served"));
    for (const ClaimCheck& claim : r.claims)
      put(mode + "claims." + claim.id, Value::word(std::string(verdict(claim.verdict))));
    const Metric* units = nullptr;
    for (const Metric& metric : r.metrics)
      if (metric.key == "units_done") units = &metric;
    details(mode, r.details, units && units->value ? *units->value : 0);
  }

  void observed(const Observed& o) {
    put("wall", Value::of(static_cast<double>(o.wall_ns), "ns"), true);
    for (const Metric& count : o.counts) metric("observed.", count);
    put("observed.processes", o.processes.empty() ? Value::missing(o.processes_missing_because)
                                                  : Value::count(o.processes.size()));
    details("observed.", o.details, 0);
  }

  void comparison(const Comparison& c) {
    for (const Quantity& quantity : c.quantities) {
      if (quantity.sizes.empty()) continue;
      for (const Estimate& e : quantity.sizes.back().estimates) {
        const std::string name = e.contender + "." + quantity.key + ".";
        const std::string unit = base_unit(quantity.unit);
        put(name + "median",
            e.median ? Value::of(*e.median, unit) : Value::missing(e.missing_because));
        if (!e.against) continue;
        constexpr std::string_view kWords[] = {"lower", "higher", "none-shown"};
        put(name + "difference",
            Value::word(std::string(kWords[static_cast<std::size_t>(e.against->difference)])));
        put(name + "ratio", e.against->ratio ? Value::of(*e.against->ratio, "")
                                             : Value::missing("one of the two is 0"));
      }
    }
  }

 private:
  void put(const std::string& name, Value value, bool of_observed = false) {
    values[of_observed ? "observed." + name : name] = std::move(value);
  }

  // Parameters that are times say so by their names.
  static Value parameter(const std::string& key, std::uint64_t number) {
    const auto value = static_cast<double>(number);
    if (key.ends_with("_ms")) return Value::of(value * 1e6, "ns");
    if (key.ends_with("_us")) return Value::of(value * 1e3, "ns");
    if (key.ends_with("_ns")) return Value::of(value, "ns");
    return Value::count(number);
  }

  void metric(const std::string& before, const Metric& metric) {
    put(before + metric.key, metric.value ? Value::of(*metric.value, base_unit(metric.unit))
                                          : Value::missing(metric.missing_because));
  }

  void details(const std::string& of, const Details& d, double units) {
    if (d.creations.value) creations(of, *d.creations.value);
    if (d.scheduling.value) scheduling(of, *d.scheduling.value);
    if (d.syscalls.value) syscalls(of, *d.syscalls.value, units);
    if (d.task_names.value) task_names(of, *d.task_names.value);
    if (d.runtime.value) runtime(of, *d.runtime.value);
    if (d.timeline.value) timeline(of, *d.timeline.value);
  }

  void creations(const std::string& of, const Creations& c) {
    std::map<std::string, std::set<std::string>> calls;
    std::map<std::string, std::set<std::string>> shares;  // by action, and by flags
    std::uint64_t made = 0, failed = 0;
    for (const Creation& each : c.records) {
      if (!each.error.empty()) {
        ++failed;
        put(of + "path." + each.action + ".error", Value::word(each.error));
      } else {
        ++made;
        for (std::size_t i = 0; i < kShareables.size(); ++i) {
          const std::string word(kShareWords[static_cast<std::size_t>(each.sharing[i])]);
          const std::string what = "." + std::string(kShareables[i]);
          shares["sharing." + each.action + what].insert(word);
          shares["flags." + flags_as_name(each.flag_names) + what].insert(word);
        }
      }
      calls[each.action].insert(each.asked_by);
    }
    put(of + "path.made", Value::count(made));
    put(of + "path.failed", Value::count(failed));
    for (const auto& [action, words] : calls)
      put(of + "path." + action + ".call",
          Value::word(words.size() == 1 ? *words.begin() : "several"));
    for (const auto& [what, words] : shares)
      put(of + what, Value::word(words.size() == 1 ? *words.begin() : "differs"));
  }

  void scheduling(const std::string& of, const Scheduling& s) {
    put(of + "sched.switches", Value::count(s.switches));
    for (const TaskGroup& group : s.groups) {
      const std::string name = of + "sched." + group.name + ".";
      put(name + "tasks", Value::count(group.tasks));
      put(name + "voluntary", Value::count(group.voluntary));
      put(name + "preempted", Value::count(group.preempted));
      put(name + "migrations", Value::count(group.migrations));
      put(name + "on_cpu", Value::of(static_cast<double>(group.on_cpu.total_ns), "ns"));
      put(name + "waiting", Value::of(static_cast<double>(group.waiting.total_ns), "ns"));
    }
  }

  void syscalls(const std::string& of, const SystemCalls& s, double units) {
    std::map<std::string, std::uint64_t> entered, blocked;
    std::uint64_t all = 0;
    for (const SystemCall& row : s.rows) {
      all += row.entered();
      entered[row.call] += row.entered();
      blocked[row.call] += row.waited_for.empty() ? 0 : row.entered();
    }
    put(of + "syscalls.all", Value::count(all));
    if (units > 0) put(of + "syscalls.per_unit", Value::of(static_cast<double>(all) / units, ""));
    for (const auto& [call, count] : entered) {
      put(of + "syscalls." + call, Value::count(count));
      put(of + "syscalls." + call + ".blocked", Value::count(blocked[call]));
    }
  }

  void task_names(const std::string& of, const TaskNames& names) {
    std::uint64_t before = 0, made = 0;
    for (const NamedTasks& row : names.rows) before += row.before_window, made += row.in_window;
    put(of + "names.before", Value::count(before));
    put(of + "names.new", names.new_missing_because.empty()
                              ? Value::count(made)
                              : Value::missing(names.new_missing_because));
  }

  void runtime(const std::string& of, const RuntimeView& view) {
    put(of + "runtime.name", Value::word(view.runtime));
    for (const RuntimeCount& count : view.counts)
      put(of + "runtime." + count.key, optional(count.count, count.missing_because));
  }

  void timeline(const std::string& of, const Timeline& t) {
    const std::string name = of + "timeline.";
    const auto count = [&](Timeline::Kind kind) {
      return Value::count(static_cast<std::uint64_t>(
          std::count_if(t.events.begin(), t.events.end(),
                        [&](const auto& event) { return event.kind == kind; })));
    };
    put(name + "parks", count(Timeline::Kind::park));
    put(name + "unparks", count(Timeline::Kind::unpark));
    put(name + "pins", count(Timeline::Kind::pin));
    put(name + "blocks", count(Timeline::Kind::block));
    put(name + "steals", count(Timeline::Kind::steal));
    put(name + "hand_offs", count(Timeline::Kind::hand_off));
    put(name + "compensations", count(Timeline::Kind::compensate));
    put(name + "mounts", Value::count(t.mounts.size()));
    put(name + "units", Value::count(t.units.size()));
    std::map<std::uint32_t, std::set<std::uint32_t>> tasks_of;
    std::set<std::uint32_t> tasks;
    for (const Timeline::Mount& mount : t.mounts) {
      tasks_of[mount.unit].insert(mount.task);
      tasks.insert(mount.task);
    }
    std::uint64_t moved = 0;
    for (const auto& [unit, on] : tasks_of) moved += on.size() > 1;
    put(name + "carriers", Value::count(tasks.size()));
    put(name + "moved_units", Value::count(moved));
  }
};

}  // namespace

Values values_of(const Document& document) {
  Collector all;
  all.host(host_of(document));
  if (const auto* set = std::get_if<ResultSet>(&document))
    for (const Result& r : set->results) all.run(r);
  if (const auto* observed = std::get_if<Observed>(&document)) all.observed(*observed);
  if (const auto* comparison = std::get_if<Comparison>(&document)) all.comparison(*comparison);
  return std::move(all.values);
}

Values prefixed(const Values& values, std::string_view run) {
  if (run.empty()) return values;
  Values out;
  for (const auto& [name, value] : values) out[std::string(run) + "." + name] = value;
  return out;
}

const Host& host_of(const Document& document) {
  static const Host kNowhere;
  if (const auto* set = std::get_if<ResultSet>(&document)) return set->host;
  if (const auto* observed = std::get_if<Observed>(&document)) return observed->host;
  if (const auto* comparison = std::get_if<Comparison>(&document)) return comparison->host;
  return kNowhere;
}

}  // namespace vtlab::lessons
