#include "render/html/report.h"

#include <iterator>

#include "render/collection.h"
#include "render/collection_words.h"
#include "render/comparison.h"
#include "render/comparison_words.h"
#include "render/format.h"
#include "render/html/collection_picture.h"
#include "render/html/from_markdown.h"
#include "render/html/ledger_picture.h"
#include "render/html/observed_picture.h"
#include "render/html/page.h"
#include "render/html/pictures.h"
#include "render/html/tables.h"
#include "render/html/text.h"
#include "render/observed.h"
#include "render/view.h"
#include "render/words.h"

namespace vtlab::render::html {
namespace {

using result::Result;

void add(std::vector<Section>& sections, std::string title, std::string body) {
  if (!body.empty()) sections.push_back({std::move(title), std::move(body)});
}

std::vector<const Result*> modes_of(const result::ResultSet& set, const Block& block) {
  std::vector<const Result*> modes;
  for (const Result& result : set.results)
    if (one_line(result.scenario) == block.scenario) modes.push_back(&result);
  return modes;
}

std::string verdict_line(const std::vector<Claim>& claims) {
  std::size_t hold = 0, refuted = 0;
  for (const Claim& claim : claims) {
    hold += claim.verdict == result::Verdict::holds;
    refuted += claim.verdict == result::Verdict::refuted;
  }
  return words("p",
               verdict_sign(result::Verdict::holds) + " " + format_count(hold) + " hold · " +
                   verdict_sign(result::Verdict::refuted) + " " + format_count(refuted) +
                   " refuted · " + verdict_sign(result::Verdict::not_testable_here) + " " +
                   format_count(claims.size() - hold - refuted) + " not testable here",
               "class=\"verdicts\"");
}

// What was measured of one scenario, chapter by chapter.
std::vector<Section> block_sections(const result::ResultSet& set, const Block& block,
                                    const std::string& id, const Options& options) {
  const std::vector<const Result*> modes = modes_of(set, block);
  std::vector<Section> sections;
  if (options.parts.ledger) {
    add(sections, "From actions to task_structs", ledger_picture(modes));
    if (!block.claims.empty())
      add(sections, "Claims", verdict_line(block.claims) + claims_table(block.claims));
    add(sections, "Measurements", values_table(block, id) + memory_picture(modes));
  }
  std::vector<Section> details = detail_sections(block.subjects, options.parts);
  std::move(details.begin(), details.end(), std::back_inserter(sections));
  return sections;
}

std::string title_of(const View& view) {
  std::vector<std::string> names;
  for (const Block& block : view.blocks) names.push_back(block.scenario);
  if (!view.claims.empty()) return "The claims, tried on this machine";
  if (view.blocks.size() == 1 && !view.blocks[0].parameters.empty())
    return names[0] + " — " + view.blocks[0].parameters;
  return names.empty() ? "No results" : join(names, ", ");
}

void add_results(Page& page, const result::ResultSet& set, const View& view,
                 const Options& options) {
  for (std::size_t i = 0; i < view.blocks.size(); ++i) {
    const Block& block = view.blocks[i];
    for (const std::string& alert : block.alerts) page.alerts.push_back(alert);
    for (Section& section : block_sections(set, block, "block-" + std::to_string(i + 1), options)) {
      if (view.blocks.size() > 1) section.title = block.scenario + ": " + section.title;
      page.sections.push_back(std::move(section));
    }
  }
  if (options.parts.ledger && !view.probes.empty())
    add(page.sections, "Probes: who was asked", probes_html(view.probes));
}

}  // namespace

std::string results_page(const result::ResultSet& set, const Options& options) {
  const View view = make_view(set);
  Page page{.title = title_of(view),
            .setting = setting_lines(set.host, set.results.empty() ? "" : set.results[0].observer),
            .command = one_line(set.host.command)};
  if (!view.partial.empty()) page.alerts.push_back(view.partial);
  if (!view.claims.empty()) {
    std::string body = verdict_line(view.claims);
    for (const std::vector<Claim>& group : by_group(view.claims))
      body += words("h3", heading(group.front())) + claims_table(group);
    add(page.sections, "Verdicts", body);
  }
  if (options.parts.results) add_results(page, set, view, options);
  add(page.sections, "Notes", bullet_list(view.notes));
  add(page.sections, "Not run", bullet_list(view.skipped));
  if (page.sections.empty()) add(page.sections, "Nothing", words("p", "There are no results."));
  return write_page(page);
}

std::string observed_page(const result::Observed& observed, const Options& options) {
  Page page{.title = observed_title(observed),
            .setting = setting_lines(observed.host, observed.observer),
            .command = one_line(observed.host.command)};
  if (!observed.void_because.empty())
    page.alerts.push_back("void: " + one_line(observed.void_because) +
                          "; do not rely on the numbers");
  if (observed.partial) page.alerts.push_back("partial: " + reason(observed.partial_because));
  if (options.parts.ledger) {
    if (const std::string picture = observed_picture(observed); !picture.empty())
      add(page.sections, "From functions to task_structs", picture);
    add(page.sections, "What the kernel counted",
        from_markdown(observed_counts_markdown(observed)));
    add(page.sections, "Who made them", from_markdown(observed_tree_markdown(observed)));
  }
  for (Section& section :
       detail_sections({{"", observed.observer, &observed.details}}, options.parts))
    page.sections.push_back(std::move(section));
  if (options.parts.ledger) {
    std::vector<Probe> probes;
    for (const result::ProbeNote& note : observed.probes) probes.push_back(to_probe(note));
    add(page.sections, "Probes: who was asked",
        probes_html(probes) +
            words("p", plural(observed.lost_events, "event") + " lost", "class=\"note\""));
  }
  std::vector<std::string> notes;
  for (const std::string& note : observed.notes) notes.push_back(one_line(note));
  add(page.sections, "Notes", bullet_list(notes));
  return write_page(page);
}

std::string comparison_page(const result::Comparison& comparison, const Options&) {
  Page page{.title = comparison_title(comparison),
            .setting = setting_lines(comparison.host, comparison.observer),
            .command = one_line(comparison.host.command)};
  if (comparison.partial) page.alerts.push_back("PARTIAL: " + reason(comparison.partial_because));
  for (const result::Quantity& quantity : comparison.quantities)
    add(page.sections, one_line(quantity.title),
        quantity_picture(quantity) + from_markdown(quantity_markdown(comparison, quantity)) +
            (quantity.source.empty()
                 ? ""
                 : words("p", "Who said so: " + one_line(quantity.source), "class=\"note\"")));
  std::vector<std::string> stops, notes, skipped;
  for (const result::Stop& stop : comparison.stops) stops.push_back(stop_sentence(stop));
  for (const std::string& note : comparison.notes) notes.push_back(one_line(note));
  for (const result::Skip& skip : comparison.skipped)
    skipped.push_back(one_line(skip.mode) + ": " + reason(skip.because));
  add(page.sections, "Where modes stop", bullet_list(stops));
  add(page.sections, "Runs that stand apart", bullet_list(outlier_sentences(comparison)));
  add(page.sections, "Notes", bullet_list(notes));
  add(page.sections, "Not run", bullet_list(skipped));
  add(page.sections, "How to read this", words("p", comparison_legend(comparison)));
  return write_page(page);
}

std::string collection_page(const result::Collection& collection, const Options&) {
  Page page{.title = collection_title(collection), .setting = {join(names_of(collection), ", ")}};
  for (const result::CollectedGroup& group : collection.groups)
    if (const std::string picture = collection_picture(collection, group); !picture.empty())
      add(page.sections, "In one picture: " + group_title(group),
          words("p",
                collection.merged ? "A bar is the median, a dot each document."
                                  : "A bar for each document; a dot each repetition.",
                "class=\"note\"") +
              picture);
  for (const Chapter& chapter : collection_chapters(collection))
    add(page.sections, chapter.title, from_markdown(chapter.markdown));
  return write_page(page);
}

}  // namespace vtlab::render::html
