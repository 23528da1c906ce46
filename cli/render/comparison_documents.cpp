// comparison_documents.cpp — a comparison for tools, spreadsheets and reports; the table is in comparison.cpp.
#include <algorithm>

#include "render/comparison.h"
#include "render/comparison_words.h"
#include "render/csv_writer.h"
#include "render/format.h"
#include "render/markdown_text.h"
#include "render/words.h"
#include "result/comparison_json.h"

namespace vtlab::render {
namespace {

using result::Comparison;
using result::Estimate;
using result::Quantity;

// ---- markdown ----

std::string bullets_if_any(const std::string& title, const std::vector<std::string>& items) {
  return items.empty() ? "" : "\n### " + title + "\n\n" + bullets(items);
}

}  // namespace

std::string quantity_markdown(const Comparison& comparison, const Quantity& quantity) {
  const bool sweep = quantity.sizes.size() > 1;
  std::string out =
      table_line({sweep ? "units" : "", "", "median", "interval", "beside the baseline"}) +
      table_line({"--:", ":--", "--:", "--:", ":--"});
  std::vector<std::string> sentences;
  for (const result::Size& size : quantity.sizes) {
    for (const Estimate& estimate : size.estimates) {
      const bool is_baseline = estimate.contender == comparison.baseline;
      out +=
          table_line({sweep ? format_count(size.tasks) : "", escaped(one_line(estimate.contender)),
                      estimate.median ? escaped(value_of(quantity, *estimate.median)) : "–",
                      escaped(interval_of(quantity, estimate)),
                      is_baseline        ? "baseline"
                      : estimate.against ? escaped(verdict_in_short(quantity, *estimate.against))
                                         : ""});
      const std::string sentence = verdict_sentence(comparison, quantity, estimate);
      if (!sentence.empty() && &size == &quantity.sizes.back())
        sentences.push_back((sweep ? "at " + plural(size.tasks, "unit") + " " : "") + sentence);
    }
  }
  for (const result::Growth& growth : quantity.growth)
    sentences.push_back(growth_sentence(quantity, growth));
  for (std::string& sentence : missing_sentences(quantity))
    sentences.push_back(std::move(sentence));
  return out + (sentences.empty() ? "" : "\n" + bullets(sentences));
}

namespace {

// ---- csv ----

void add_interval(CsvWriter& out, const std::string& key, const std::optional<double>& value,
                  const std::string& unit, const std::optional<result::Interval>& interval,
                  const std::string& source, const std::string& missing) {
  out.add({key, csv_text(value), unit, interval ? format_exact(interval->low) : "",
           interval ? format_exact(interval->high) : "", source, missing});
}

void add_estimate(CsvWriter& out, const Comparison& comparison, const Quantity& quantity,
                  std::uint64_t tasks, const Estimate& estimate) {
  const std::string at = "[" + std::to_string(tasks) + "]";
  add_interval(out, quantity.key + at, estimate.median, quantity.unit, estimate.interval,
               quantity.source, estimate.missing_because);
  for (std::size_t i = 0; i < estimate.values.size(); ++i)
    out.add({quantity.key + at + ".round[" + std::to_string(estimate.rounds[i]) + "]",
             format_exact(estimate.values[i]), quantity.unit, "", "", quantity.source, ""});
  for (const result::Outlier& outlier : estimate.outliers)
    out.add({quantity.key + at + ".outlier[" + std::to_string(outlier.round) + "]",
             format_exact(outlier.value), quantity.unit, "", "", outlier.because, ""});
  if (!estimate.against) return;
  const result::Against& against = *estimate.against;
  add_interval(out, quantity.key + at + ".ratio", against.ratio, "", against.interval,
               comparison.baseline, against.ratio ? "" : "a value is 0");
  out.add({quantity.key + at + ".difference",
           against.difference == result::Difference::lower    ? "lower"
           : against.difference == result::Difference::higher ? "higher"
                                                              : "none-shown",
           "", "", "", verdict_sentence(comparison, quantity, estimate), ""});
}

void add_run(CsvWriter& out, const Comparison& comparison, const result::ComparedRun& run) {
  const std::string key =
      "run[" + std::to_string(run.tasks) + "][" + std::to_string(run.round) + "].";
  out.about(comparison.scenario, run.contender);
  out.add({key + "wall_ns", csv_text(run.wall_ns), "ns", "", "", "", ""});
  const auto add = [&](const char* name, const std::optional<std::uint64_t>& value,
                       const char* unit) {
    if (value) out.add({key + name, csv_text(*value), unit, "", "", "", ""});
  };
  add("others_cpu_ns", run.others_cpu_ns, "ns");
  add("stolen_ns", run.stolen_ns, "ns");
  add("major_faults", run.major_faults, "count");
  add("preempted", run.preempted, "count");
}

}  // namespace

std::string comparison_json(const Comparison& comparison, const Options&) {
  return result::to_json(comparison) + "\n";
}

std::string comparison_markdown(const Comparison& comparison, const Options&) {
  std::string out = "## " + escaped(comparison_title(comparison)) + "\n";
  for (const std::string& line : setting_lines(comparison.host, comparison.observer))
    if (!line.empty()) out += "\n" + escaped(line) + "\n";
  if (comparison.partial)
    out += "\n> **PARTIAL: " + escaped(reason(comparison.partial_because)) + "**\n";
  for (const Quantity& quantity : comparison.quantities)
    out += "\n### " + escaped(one_line(quantity.title)) + "\n\n" +
           quantity_markdown(comparison, quantity);
  std::vector<std::string> stops, notes, skipped;
  for (const result::Stop& stop : comparison.stops) stops.push_back(stop_sentence(stop));
  for (const std::string& note : comparison.notes) notes.push_back(one_line(note));
  for (const result::Skip& skip : comparison.skipped)
    skipped.push_back(one_line(skip.mode) + ": " + reason(skip.because));
  out += bullets_if_any("Where modes stop", stops) +
         bullets_if_any("Runs that stand apart", outlier_sentences(comparison)) +
         bullets_if_any("Notes", notes) + bullets_if_any("Not run", skipped);
  return out + "\n" + escaped(comparison_legend(comparison)) + "\n";
}

std::string comparison_csv(const Comparison& comparison, const Options&) {
  CsvWriter out;
  for (const Quantity& quantity : comparison.quantities) {
    for (const result::Size& size : quantity.sizes) {
      for (const Estimate& estimate : size.estimates) {
        out.about(comparison.scenario, estimate.contender);
        add_estimate(out, comparison, quantity, size.tasks, estimate);
      }
    }
    for (const result::Growth& growth : quantity.growth) {
      out.about(comparison.scenario, growth.contender);
      const std::string unit = quantity.unit.substr(0, quantity.unit.find("/unit"));
      add_interval(out, quantity.key + ".growth_per_unit", growth.per_unit, unit,
                   growth.per_unit_interval, quantity.source, "");
      if (growth.power)
        out.add({quantity.key + ".growth_power", format_exact(*growth.power), "", "", "",
                 quantity.source, ""});
    }
  }
  for (const result::ComparedRun& run : comparison.runs) add_run(out, comparison, run);
  for (const result::Stop& stop : comparison.stops) {
    out.about(comparison.scenario, stop.contender);
    out.add({"stops[" + std::to_string(stop.tasks) + "]", "", "", "", "", "", stop.because});
  }
  for (const result::Skip& skip : comparison.skipped) {
    out.about(skip.scenario, skip.mode);
    out.add({"skipped", "", "", "", "", "", skip.because});
  }
  out.about(comparison.scenario, "");
  for (const result::Param& param : comparison.params)
    out.add({"param[" + param.key + "]",
             std::visit([](const auto& value) { return csv_text(value); }, param.value), "", "", "",
             "", ""});
  out.add({"rounds", csv_text(comparison.rounds), "count", "", "", "", ""});
  out.add({"warm_up", csv_text(comparison.warm_up), "count", "", "", "", ""});
  out.add({"baseline", comparison.baseline, "", "", "", "", ""});
  out.add({"partial", comparison.partial ? "true" : "false", "", "", "", "",
           comparison.partial_because});
  out.about("", "");
  for (const std::string& note : comparison.notes) out.add({"note", note, "", "", "", "", ""});
  add_host(out, comparison.host);
  return out.take();
}

}  // namespace vtlab::render
