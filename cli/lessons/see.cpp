#include "lessons/see.h"

#include <algorithm>

#include "lessons/source.h"

namespace vtlab::lessons {
namespace {

using namespace vtlab::result;

template <class T>
bool has(const std::vector<T>& list, const T& wanted) {
  return std::find(list.begin(), list.end(), wanted) != list.end();
}

void cut(ResultSet& set, const View& view) {
  std::erase_if(set.results,
                [&](const Result& r) { return !view.modes.empty() && !has(view.modes, r.mode); });
  for (Result& r : set.results) {
    std::erase_if(r.metrics, [&](const Metric& m) { return !has(view.rows, m.key); });
    std::sort(r.metrics.begin(), r.metrics.end(), [&](const Metric& a, const Metric& b) {
      const auto place = [&](const Metric& m) {
        return std::find(view.rows.begin(), view.rows.end(), m.key);
      };
      return place(a) < place(b);
    });
    r.claims.clear();
    r.probes.clear();
    r.repetitions.clear();
    std::erase_if(r.params, [](const Param& param) { return param.key == "runtime"; });
    r.details.task_names = {};
  }
  set.notes.clear();
  set.skipped.clear();
}

template <class T>
std::string why(const Detail<T>& detail) {
  if (detail.value) return {};
  return detail.missing_because.empty() ? "it was not recorded" : detail.missing_because;
}

std::string why_nothing(const Details& details, const std::string& show) {
  if (show == "path" || show == "sharing") return why(details.creations);
  if (show == "sched") return why(details.scheduling);
  if (show == "timeline") return why(details.timeline);
  if (show == "syscalls") return why(details.syscalls);
  if (show == "creators") return why(details.creators);
  if (show == "runtime") return why(details.runtime);
  return {};
}

}  // namespace

Document cut_down(const Document& document, const View& view) {
  Document out = document;
  if (auto* set = std::get_if<ResultSet>(&out)) cut(*set, view);
  if (auto* observed = std::get_if<Observed>(&out)) {
    observed->probes.clear();
    observed->notes.clear();
    if (!view.rows.empty())
      std::erase_if(observed->counts, [&](const Metric& m) { return !has(view.rows, m.key); });
  }
  return out;
}

std::string why_nothing(const Document& document, const View& view) {
  std::string because;
  for (const std::string& show : listed(view.show)) {
    if (const auto* set = std::get_if<ResultSet>(&document))
      for (const Result& r : set->results)
        if (view.modes.empty() || has(view.modes, r.mode))
          because = because.empty() ? why_nothing(r.details, show) : because;
    if (const auto* observed = std::get_if<Observed>(&document))
      because = because.empty() ? why_nothing(observed->details, show) : because;
  }
  return because;
}

}  // namespace vtlab::lessons
