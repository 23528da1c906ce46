// collection_documents.cpp — a collection as json, markdown and csv.
#include <algorithm>

#include "render/collection.h"
#include "render/collection_words.h"
#include "render/csv_writer.h"
#include "render/format.h"
#include "render/markdown_text.h"
#include "render/words.h"
#include "result/collection_json.h"

namespace vtlab::render {
namespace {

using result::CollectedClaim;
using result::CollectedGroup;
using result::CollectedMetric;
using result::CollectedMode;
using result::CollectedValue;
using result::Collection;

std::string heading_line(const std::string& first, const Names& names) {
  std::vector<std::string> cells{escaped(first)}, sides{":--"};
  for (const std::string& name : names) {
    cells.push_back(escaped(name));
    sides.emplace_back("--:");
  }
  return table_line(cells) + table_line(sides);
}

std::string cell(const CollectedMetric& metric, std::size_t document) {
  for (const CollectedValue& value : metric.values) {
    if (value.document != document) continue;
    if (!value.value) return "–";
    const std::string ratio = ratio_of(value);
    return escaped(value_text(metric, *value.value) + (ratio.empty() ? "" : " (" + ratio + ")"));
  }
  return "";
}

std::string columns(const CollectedMode& mode, const Names& names) {
  std::string out = heading_line(mode_title(mode), names);
  for (const CollectedMetric& metric : mode.metrics) {
    if (!metric.median) continue;
    std::vector<std::string> cells{escaped(one_line(metric.title))};
    for (std::size_t i = 0; i < names.size(); ++i) cells.push_back(cell(metric, i));
    out += table_line(cells);
  }
  return out;
}

std::string spreads(const CollectedMode& mode) {
  std::string out = table_line({escaped(mode_title(mode)), "n", "least", "median", "most"}) +
                    table_line({":--", "--:", "--:", "--:", "--:"});
  for (const CollectedMetric& metric : mode.metrics) {
    if (!metric.median) continue;
    const auto there = std::count_if(metric.values.begin(), metric.values.end(),
                                     [](const auto& value) { return value.value.has_value(); });
    out += table_line(
        {escaped(one_line(metric.title)), format_count(static_cast<std::uint64_t>(there)),
         escaped(value_text(metric, *metric.least)), escaped(value_text(metric, *metric.median)),
         escaped(value_text(metric, *metric.most))});
  }
  return out;
}

std::vector<std::string> claims(const std::vector<CollectedClaim>& all, const Names& names) {
  std::vector<std::string> out;
  for (const CollectedClaim& claim : all)
    out.push_back(verdict_sign(verdict_of(claim)) + " " + one_line(claim.id) + " " +
                  claim_sentence(claim, names));
  return out;
}

std::string circumstances(const Collection& collection, const Names& names) {
  if (collection.differ.empty()) return {};
  if (collection.merged) {
    std::vector<std::string> sentences;
    for (const result::Circumstance& one : collection.differ)
      sentences.push_back(circumstance_sentence(one, names));
    return bullets(sentences);
  }
  std::string out = heading_line("", names);
  for (const result::Circumstance& one : collection.differ) {
    std::vector<std::string> cells{escaped(one_line(one.title))};
    for (const std::string& value : one.values) cells.push_back(escaped(one_line(value)));
    out += table_line(cells);
  }
  return out;
}

std::string group_markdown(const Collection& collection, const CollectedGroup& group,
                           const Names& names) {
  std::string out;
  for (const CollectedMode& mode : group.modes) {
    if (!out.empty()) out += "\n";
    out += collection.merged ? spreads(mode) : columns(mode, names);
    std::vector<std::string> sentences =
        collection.merged ? apart_sentences(mode, names) : verdict_sentences(mode, names);
    if (collection.merged)
      for (std::string& sentence : sentences) sentence = "apart: " + sentence;
    for (std::string& sentence : missing_sentences(mode, names))
      sentences.push_back(std::move(sentence));
    for (std::string& sentence : claims(mode.claims, names))
      sentences.push_back(std::move(sentence));
    if (!sentences.empty()) out += "\n" + bullets(sentences);
  }
  return out;
}

void add_claims(CsvWriter& out, const std::vector<CollectedClaim>& all, const Names& names) {
  for (const CollectedClaim& claim : all)
    for (const result::CollectedVerdict& one : claim.verdicts)
      out.add({"claim[" + claim.id + "][" + names[one.document] + "]", verdict_word(one.verdict),
               "", "", "", "", one.because});
}

void add_metric(CsvWriter& out, const CollectedMetric& metric, const Names& names) {
  if (metric.median)
    out.add({metric.key + ".median", format_exact(*metric.median), metric.unit,
             csv_text(metric.least), csv_text(metric.most), "", ""});
  for (const CollectedValue& value : metric.values) {
    const std::string key = metric.key + "[" + names[value.document] + "]";
    out.add({key, csv_text(value.value), metric.unit, "", "", value.apart ? "stands apart" : "",
             value.missing_because});
    if (value.against && value.against->ratio)
      out.add({key + ".ratio", format_exact(*value.against->ratio), "",
               value.against->interval ? format_exact(value.against->interval->low) : "",
               value.against->interval ? format_exact(value.against->interval->high) : "", "",
               value.against->because});
  }
}

}  // namespace

std::string collection_json(const Collection& collection, const Options&) {
  return result::to_json(collection) + "\n";
}

std::vector<Chapter> collection_chapters(const Collection& collection) {
  const Names names = names_of(collection);
  std::vector<Chapter> out;
  const auto add = [&](std::string title, std::string markdown) {
    if (!markdown.empty()) out.push_back({std::move(title), std::move(markdown)});
  };
  add("Where they differ", circumstances(collection, names));
  for (const CollectedGroup& group : collection.groups)
    if (is_shared(group, collection))
      add(group_title(group), group_markdown(collection, group, names));
  std::vector<std::string> left_out, notes;
  for (const result::LeftOut& one : collection.left_out)
    left_out.push_back(one_line(one.file) + ": " + reason(one.because));
  for (const std::string& note : collection.notes) notes.push_back(one_line(note));
  add("Claims over several results", bullets(claims(collection.claims, names)));
  add("What has nothing beside it", bullets(alone_sentences(collection, names)));
  add("Left out", bullets(left_out));
  add("Notes", bullets(notes));
  if (const std::string legend = collection_legend(collection); !legend.empty())
    add("How to read this", escaped(legend) + "\n");
  return out;
}

std::string collection_markdown(const Collection& collection, const Options&) {
  std::string out = "## " + escaped(collection_title(collection)) + "\n\n" +
                    escaped(join(names_of(collection), ", ")) + "\n";
  for (const Chapter& chapter : collection_chapters(collection))
    out += "\n### " + escaped(chapter.title) + "\n\n" + chapter.markdown;
  return out;
}

std::string collection_csv(const Collection& collection, const Options&) {
  const Names names = names_of(collection);
  CsvWriter out;
  for (const CollectedGroup& group : collection.groups) {
    for (const CollectedMode& mode : group.modes) {
      out.about(group.scenario.empty() ? group.observed : group_title(group), mode.name);
      for (const CollectedMetric& metric : mode.metrics) add_metric(out, metric, names);
      add_claims(out, mode.claims, names);
    }
  }
  out.about("", "");
  add_claims(out, collection.claims, names);
  for (const result::Circumstance& one : collection.differ)
    for (std::size_t i = 0; i < one.values.size() && i < names.size(); ++i)
      out.add({"differs[" + one.title + "][" + names[i] + "]", one.values[i], "", "", "", "", ""});
  for (std::size_t i = 0; i < names.size(); ++i)
    out.add({"file[" + names[i] + "]", collection.documents[i].file, "", "", "", "", ""});
  for (const result::LeftOut& one : collection.left_out)
    out.add({"left_out", one.file, "", "", "", "", one.because});
  for (const std::string& note : collection.notes) out.add({"note", note, "", "", "", "", ""});
  return out.take();
}

}  // namespace vtlab::render
