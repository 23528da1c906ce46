// view.h — what table and markdown have in common: a ResultSet as blocks, rows and sentences.
//
// Owns      which quantity is shown where, under which heading, with which reason when it is
//           absent.
// Rule      Every text is ready to print (formatted, one line, no escapes); layout and decoration
//           are the renderer's. Nothing observed is left out, nothing absent becomes a number.
// Threads   Plain values and one pure function.
#pragma once

#include <string>
#include <vector>

#include "render/detail.h"
#include "result/result.h"

namespace vtlab::render {

/// One value of one mode. At most one of text and footnote is set; neither means "does not apply".
struct Cell {
  std::string text;
  std::string range;  ///< lowest–highest of the repetitions; empty if they agree in what is shown
  std::string spread;  ///< the same for tables with many columns: "±5 %" unless it is a count
  std::size_t footnote = 0;  ///< 1 + index into Block::footnotes: not observed, and why
};

struct Row {
  std::string label;
  std::vector<Cell> cells;  ///< one per Block::columns
  bool total = false;       ///< the sum of the rows below it
  std::string source;       ///< who said so; empty if it needs no saying
};

struct Group {
  std::string title;  ///< empty for the ledger, whose first row is its heading
  std::vector<Row> rows;
  bool setting = false;  ///< of who counted, not of what was run
};

struct Column {
  std::string mode;
  std::string title;
  bool partial = false;
};

/// Why a value is absent, and in which modes.
struct Footnote {
  std::string modes;
  std::string because;
};

struct Claim {
  result::Verdict verdict;
  std::string mode;  ///< empty for a claim over several results
  std::string id, statement, because;
  std::string group, where;             ///< empty for a claim of one run
  std::vector<std::string> experiment;  ///< command lines
};

/// Everything about one scenario.
struct Block {
  std::string scenario;
  std::string parameters;            ///< "1,009 units, 2 carriers"; may be empty
  std::vector<std::string> setting;  ///< lines: the machine; observer, version and time
  std::vector<std::string> alerts;   ///< what forbids to take the numbers at face value
  std::vector<Column> columns;
  std::vector<Group> groups;
  std::vector<Footnote> footnotes;
  std::string repetitions;  ///< how many; empty if every value was measured once
  std::vector<Claim> claims;
  std::vector<Subject> subjects;  ///< each mode with its details; they stay the ResultSet's
};

/// One way in which one question was put to the kernel.
struct Probe {
  std::string counter, question;
  std::string rung, hook;  ///< empty if no rung served
  std::string meaning;
  std::string only_for;  ///< the modes; empty if it was the same for all
  std::vector<result::TriedRung> refused;
};

struct View {
  std::vector<Block> blocks;
  std::vector<Probe> probes;
  std::vector<Claim> claims;
  std::string verdicts;  ///< "31 hold, 1 refuted, 2 not testable here"; empty without claims
  std::vector<std::string> notes;
  std::vector<std::string> skipped;
  std::string partial;  ///< the sentence; empty if all is there
};

/// Those with the same heading, which stand together; none is empty.
std::vector<std::vector<Claim>> by_group(const std::vector<Claim>& claims);
/// The heading of claims over several results.
std::string heading(const Claim& claim);

View make_view(const result::ResultSet& set);
Probe to_probe(const result::ProbeNote& note);

/// "holds", "refuted", "not testable here"
std::string verdict_word(result::Verdict verdict);

/// "✓", "✗", "?": the same for those who do not see colours.
std::string verdict_sign(result::Verdict verdict);

}  // namespace vtlab::render
