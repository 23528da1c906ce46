// common_json.h — what the documents of `run` and of `observe` have in common. Internal to result.
#pragma once

#include "result/comparison.h"
#include "result/json_tools.h"
#include "result/result.h"

namespace vtlab::result {

inline constexpr std::pair<Verdict, std::string_view> kVerdicts[] = {
    {Verdict::holds, "holds"},
    {Verdict::refuted, "refuted"},
    {Verdict::not_testable_here, "not-testable-here"},
};

/// The document, indented, but each list of an object "columns" on one line: those may have millions of values.
std::string to_text(const Json& document);

/// So many whole numbers, kNull for null, as to_text() writes them: their text, which is smaller than a tree of them.
Json long_list(std::size_t count, const std::function<std::uint64_t()>& next);

std::string reason_or_default(const std::string& reason);

Json write(const Host& host);
Json write(const std::vector<Metric>& metrics);
Json write(const ProbeNote& probe);
Json write(const std::vector<Param>& params);
Json write(const Skip& skip);
Json write(const Against& against);

// The readers throw SchemaError.
/// The same family of documents, and none that is newer than `known`.
void check_schema(const Node& in, std::string_view known);
Host read_host(const Node& in);
Metric read_metric(const std::string& key, const Node& in);
ProbeNote read_probe(const Node& in);
Param read_param(const std::string& key, const Node& in);
Skip read_skip(const Node& in);
Against read_against(const Node& in);
ResultSet read_result_set(const Node& in);

}  // namespace vtlab::result
