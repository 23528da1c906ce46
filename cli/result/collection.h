// collection.h — many saved documents as one picture: what `vtlab report A.json B.json …` says, as plain values.
//
// Rule      As in result.h: what was not measured is absent with a reason, never 0. Every value stays with the document
//           that it is from.
// Threads   Plain values: no sharing, no locks.
#pragma once

#include "result/comparison.h"

namespace vtlab::result {

inline constexpr const char* kCollectionSchema = "vtlab.collection/1";

/// One of the documents; others speak of it by its place.
struct CollectedDocument {
  std::string name;  ///< short and unique: heads a column
  std::string file;  ///< as it was named
  Host host;
  std::string observer;  ///< "ebpf", "ptrace"; empty if nothing was run
};

/// A file that is no part of the collection.
struct LeftOut {
  std::string file;
  std::string because;  ///< "the same document as a.json"
};

/// Something about machine or run in which the documents differ.
struct Circumstance {
  std::string title;                ///< "kernel"
  std::vector<std::string> values;  ///< one per document; empty: it does not say
};

struct CollectedValue {
  std::size_t document = 0;
  std::optional<double> value;  ///< of several repetitions the median
  std::vector<double> values;   ///< of each repetition; empty if there was one
  std::string missing_because;  ///< set exactly when the value is absent
  bool apart = false;           ///< far from the others
  std::optional<Against>
      against;  ///< the first document that has a value; absent for that one, and if there is none
};

struct CollectedMetric {
  std::string key, title, unit;        ///< as in Metric
  bool counted = false;                ///< exact: what the program did, not how long that took
  std::vector<CollectedValue> values;  ///< of the documents that ran the mode, in their order
  std::optional<double> least, median, most;  ///< absent if no document has a value
};

struct CollectedVerdict {
  std::size_t document = 0;
  Verdict verdict = Verdict::not_testable_here;
  std::string because;
};

struct CollectedClaim {
  std::string id, statement;
  std::vector<CollectedVerdict> verdicts;
};

struct CollectedMode {
  std::string name, title;  ///< both empty for what `observe` saw
  std::vector<CollectedMetric> metrics;
  std::vector<CollectedClaim> claims;
};

/// What may be put side by side: the same work with the same parameters.
struct CollectedGroup {
  std::string scenario;  ///< empty for what `observe` saw
  std::string observed;  ///< then the command, the control group, or "a running process"
  std::vector<Param> params;
  std::vector<std::size_t> documents;  ///< that have any of it
  std::vector<CollectedMode> modes;
};

struct Collection {
  std::string schema = kCollectionSchema;
  bool merged =
      false;  ///< a row for each metric with the spread over all; else a column for each document
  std::vector<CollectedDocument> documents;
  std::vector<Circumstance> differ;  ///< in the order in which they are shown
  std::vector<LeftOut> left_out;
  std::vector<std::string> notes;  ///< for people
  std::vector<CollectedGroup> groups;
  std::vector<CollectedClaim> claims;  ///< over several results, of `prove`
};

}  // namespace vtlab::result
