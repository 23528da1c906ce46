// result_json.cpp — the writer first, then the reader. Both follow result.h from top to bottom.
//
// Rule      A key is spelled here twice, once per direction, and nowhere else.
#include "result/result_json.h"

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

namespace vtlab::result {
namespace {

// Keeps keys in the order of insertion: params are shown in the order in which they were given.
using Json = nlohmann::ordered_json;

constexpr std::string_view kNoReason = "no reason was recorded";
constexpr std::pair<Verdict, std::string_view> kVerdicts[] = {
    {Verdict::holds, "holds"},
    {Verdict::refuted, "refuted"},
    {Verdict::not_testable_here, "not-testable-here"},
};

std::string reason_or_default(const std::string& reason) {
  return reason.empty() ? std::string(kNoReason) : reason;
}

// ---- writing ----

template <class T, class F>
Json list(const std::vector<T>& items, F write) {
  Json out = Json::array();
  for (const T& item : items) out.push_back(write(item));
  return out;
}

template <class T>
void put_if(Json& out, const char* key, const std::optional<T>& value) {
  if (value) out[key] = *value;
}

void put_if(Json& out, const char* key, const std::string& text) {
  if (!text.empty()) out[key] = text;
}

// Whole numbers are written without ".0" as far as a double holds them exactly.
Json number(double value) {
  constexpr double kExact = 9007199254740992.0;  // 2^53
  if (value == std::trunc(value) && std::abs(value) <= kExact)
    return static_cast<std::int64_t>(value);
  return value;
}

// An address does not fit into a double, which is what many readers of JSON make of a number.
std::string hex(std::uint64_t value) {
  char digits[16];
  const auto end = std::to_chars(digits, digits + sizeof(digits), value, 16).ptr;
  return "0x" + std::string(digits, end);
}

Json write(const Host& host) {
  Json out;
  out["kernel"] = host.kernel;
  out["machine"] = host.machine;
  put_if(out, "distribution", host.distribution);
  out["cpus"] = host.cpus;
  out["memory_bytes"] = host.memory_bytes;
  out["vtlab_version"] = host.vtlab_version;
  out["started_at"] = host.started_at;
  return out;
}

Json write(const std::vector<Param>& params) {
  Json out = Json::object();
  for (const Param& param : params)
    std::visit([&](const auto& value) { out[param.key] = value; }, param.value);
  return out;
}

Json write(const LedgerRow& row) {
  Json out;
  out["action"] = row.action;
  put_if(out, "title", row.title);
  out["kernel_tasks"] = row.kernel_tasks;
  put_if(out, "sharing_mm", row.sharing_mm);
  return out;
}

Json write(const Metric& metric) {
  Json out;
  out["title"] = metric.title;
  out["unit"] = metric.unit;
  put_if(out, "source", metric.source);
  if (!metric.value) {
    out["missing_because"] = reason_or_default(metric.missing_because);
  } else if (!std::isfinite(*metric.value)) {
    out["missing_because"] = "the measurement gave no finite number";
  } else {
    out["value"] = number(*metric.value);
    if (metric.low && metric.high && std::isfinite(*metric.low) && std::isfinite(*metric.high)) {
      out["low"] = number(*metric.low);
      out["high"] = number(*metric.high);
    }
  }
  return out;
}

Json write(const std::vector<Metric>& metrics) {
  Json out = Json::object();
  for (const Metric& metric : metrics) out[metric.key] = write(metric);
  return out;
}

Json write(const ClaimCheck& claim) {
  Json out;
  out["id"] = claim.id;
  put_if(out, "statement", claim.statement);
  for (const auto& [verdict, word] : kVerdicts)
    if (verdict == claim.verdict) out["verdict"] = word;
  out["because"] = claim.because;
  return out;
}

Json write(const TriedRung& tried) {
  Json out;
  out["rung"] = tried.rung;
  out["hook"] = tried.hook;
  out["because"] = tried.because;
  return out;
}

Json write(const ProbeNote& probe) {
  Json out;
  put_if(out, "counter", probe.counter);
  out["question"] = probe.question;
  out["rung"] = probe.rung;
  put_if(out, "hook", probe.hook);
  put_if(out, "meaning", probe.meaning);
  put_if(out, "count", probe.count);
  put_if(out, "recursion_misses", probe.recursion_misses);
  out["tried"] = list(probe.tried, [](const TriedRung& tried) { return write(tried); });
  return out;
}

Json write(const Repetition& repetition) {
  Json out;
  out["wall_ns"] = repetition.wall_ns;
  out["units_done"] = repetition.units_done;
  put_if(out, "kernel_tasks", repetition.kernel_tasks);
  return out;
}

Json write(const Creation& creation) {
  Json out;
  out["action"] = creation.action;
  put_if(out, "unit", creation.unit);
  out["asked_by"] = creation.asked_by;
  put_if(out, "flags", creation.flags);
  put_if(out, "flag_names", creation.flag_names);
  put_if(out, "error", creation.error);
  out["creator"] = creation.creator;
  put_if(out, "tid", creation.tid);
  put_if(out, "tgid", creation.tgid);
  Json times = Json::object();
  for (std::size_t i = 0; i < kStageKeys.size(); ++i)
    put_if(times, std::string(kStageKeys[i]).c_str(), creation.time_ns[i]);
  out["time_ns"] = times;
  Json sharing = Json::object();
  for (std::size_t i = 0; i < kShareables.size(); ++i)
    if (creation.sharing[i] != Share::unknown)
      sharing[std::string(kShareables[i])] =
          kShareWords[static_cast<std::size_t>(creation.sharing[i])];
  if (!sharing.empty()) out["sharing"] = sharing;
  if (!creation.task) return out;
  out["parent"] = creation.task->parent;
  out["kernel_stack"] = hex(creation.task->kernel_stack);
  put_if(out, "kernel_stack_bytes", creation.task->kernel_stack_bytes);
  out["policy"] = creation.task->policy;
  out["nice"] = creation.task->nice;
  out["prio"] = creation.task->prio;
  out["cpus_allowed"] = creation.task->cpus_allowed;
  return out;
}

Json write(const Creations& creations) {
  Json out;
  out["stages"] = list(creations.stages, [](const StageNote& note) {
    Json stage;
    stage["stage"] = note.stage;
    stage["rung"] = note.rung;
    stage["hook"] = note.hook;
    return stage;
  });
  out["records"] = list(creations.records, [](const Creation& record) { return write(record); });
  out["lost"] = creations.lost;
  put_if(out, "void_because", creations.void_because);
  return out;
}

Json write(const Result& result) {
  Json out;
  out["scenario"] = result.scenario;
  out["mode"] = result.mode;
  put_if(out, "mode_title", result.mode_title);
  out["partial"] = result.partial;
  put_if(out, "partial_because", result.partial_because);
  put_if(out, "observer", result.observer);
  out["params"] = write(result.params);
  put_if(out, "kernel_tasks", result.kernel_tasks);
  if (!result.kernel_tasks)
    out["kernel_tasks_missing_because"] = reason_or_default(result.kernel_tasks_missing_because);
  out["ledger"] = list(result.ledger, [](const LedgerRow& row) { return write(row); });
  out["wall_ns"] = result.wall_ns;
  out["metrics"] = write(result.metrics);
  out["claims"] = list(result.claims, [](const ClaimCheck& claim) { return write(claim); });
  out["probes"] = list(result.probes, [](const ProbeNote& probe) { return write(probe); });
  out["lost_events"] = result.lost_events;
  if (result.creations) out["creations"] = write(*result.creations);
  put_if(out, "creations_missing_because", result.creations_missing_because);
  if (!result.repetitions.empty())
    out["repetitions"] = list(result.repetitions, [](const Repetition& r) { return write(r); });
  return out;
}

Json write(const Skip& skip) {
  Json out;
  out["scenario"] = skip.scenario;
  out["mode"] = skip.mode;
  out["because"] = skip.because;
  return out;
}

// ---- reading ----

// One value of the document together with the way to it, so that every complaint can name its
// place.
class Node {
 public:
  Node(const Json& json, std::string path) : json_(json), path_(std::move(path)) {}

  [[noreturn]] void fail(const std::string& complaint) const {
    throw SchemaError((path_.empty() ? std::string("the document") : path_) + ": " + complaint);
  }

  void expect_object() const {
    if (!json_.is_object()) fail_type("an object");
  }

  bool has(const char* key) const { return json_.contains(key); }

  Node at(const std::string& key) const {
    const auto found = json_.find(key);
    if (found == json_.end()) fail("the key \"" + key + "\" is missing");
    return Node(*found, path_.empty() ? key : path_ + "." + key);
  }

  std::string text() const {
    if (!json_.is_string()) fail_type("a string");
    return json_.get<std::string>();
  }

  std::uint64_t whole() const {
    if (!json_.is_number_unsigned()) fail_type("a whole number that is not negative");
    return json_.get<std::uint64_t>();
  }

  double real() const {
    if (!json_.is_number()) fail_type("a number");
    return json_.get<double>();
  }

  bool flag() const {
    if (!json_.is_boolean()) fail_type("true or false");
    return json_.get<bool>();
  }

  std::variant<std::uint64_t, std::string> whole_or_text() const {
    if (json_.is_string()) return text();
    if (json_.is_number_unsigned()) return whole();
    fail_type("a string or a whole number that is not negative");
  }

  std::int64_t integer() const {
    if (!json_.is_number_integer()) fail_type("a whole number");
    return json_.get<std::int64_t>();
  }

  std::uint64_t address() const {
    const std::string word = text();
    std::uint64_t value = 0;
    const char* end = word.data() + word.size();
    if (!word.starts_with("0x") || word.size() == 2 ||
        std::from_chars(word.data() + 2, end, value, 16).ptr != end)
      fail_type("an address such as 0xffff");
    return value;
  }

  std::string text(const char* key) const { return at(key).text(); }
  std::uint64_t whole(const char* key) const { return at(key).whole(); }
  bool flag(const char* key) const { return at(key).flag(); }

  std::string text_if(const char* key) const { return has(key) ? text(key) : std::string(); }
  std::optional<std::uint64_t> whole_if(const char* key) const {
    return has(key) ? std::optional(whole(key)) : std::nullopt;
  }
  std::optional<double> real_if(const char* key) const {
    return has(key) ? std::optional(at(key).real()) : std::nullopt;
  }

  // The reason for an absent value: there exactly when the value is not.
  std::string reason_unless(const char* value, const char* reason) const {
    if (has(value) == has(reason))
      fail(std::string("expected either \"") + value + "\" or \"" + reason + "\", found " +
           (has(value) ? "both" : "neither"));
    return text_if(reason);
  }

  template <class F>
  auto list(const char* key, F read) const {
    const Node node = at(key);
    if (!node.json_.is_array()) node.fail_type("a list");
    std::vector<decltype(read(node))> out;
    for (std::size_t i = 0; i < node.json_.size(); ++i)
      out.push_back(read(Node(node.json_[i], node.path_ + "[" + std::to_string(i) + "]")));
    return out;
  }

  template <class F>
  auto list_if(const char* key, F read) const {
    return has(key) ? list(key, read) : decltype(list(key, read)){};
  }

  template <class F>
  auto members(const char* key, F read) const {
    const Node node = at(key);
    node.expect_object();
    std::vector<decltype(read(std::string(), node))> out;
    for (const auto& [name, value] : node.json_.items())
      out.push_back(read(name, Node(value, node.path_ + "." + name)));
    return out;
  }

 private:
  [[noreturn]] void fail_type(const std::string& expected) const {
    std::string found = json_.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (found.size() > 40) found = std::string("a longer ") + json_.type_name();
    fail("expected " + expected + ", found " + found);
  }

  const Json& json_;
  std::string path_;
};

Host read_host(const Node& in) {
  in.expect_object();
  Host out;
  out.kernel = in.text("kernel");
  out.machine = in.text("machine");
  out.distribution = in.text_if("distribution");
  const std::uint64_t cpus = in.whole("cpus");
  out.cpus = static_cast<std::uint32_t>(cpus);
  if (out.cpus != cpus) in.at("cpus").fail("no machine has that many CPUs");
  out.memory_bytes = in.whole_if("memory_bytes").value_or(0);
  out.vtlab_version = in.text_if("vtlab_version");
  out.started_at = in.text_if("started_at");
  return out;
}

LedgerRow read_ledger_row(const Node& in) {
  in.expect_object();
  return {in.text("action"), in.text_if("title"), in.whole("kernel_tasks"),
          in.whole_if("sharing_mm")};
}

Metric read_metric(const std::string& key, const Node& in) {
  in.expect_object();
  Metric out;
  out.key = key;
  out.title = in.text("title");
  out.unit = in.text("unit");
  out.source = in.text_if("source");
  out.missing_because = in.reason_unless("value", "missing_because");
  out.value = in.real_if("value");
  out.low = in.real_if("low");
  out.high = in.real_if("high");
  return out;
}

Verdict read_verdict(const Node& in) {
  const std::string word = in.text();
  for (const auto& [verdict, known] : kVerdicts)
    if (known == word) return verdict;
  in.fail("expected holds, refuted or not-testable-here, found \"" + word + "\"");
}

ClaimCheck read_claim(const Node& in) {
  in.expect_object();
  return {in.text("id"), in.text_if("statement"), read_verdict(in.at("verdict")),
          in.text("because")};
}

TriedRung read_tried(const Node& in) {
  in.expect_object();
  return {in.text("rung"), in.text("hook"), in.text("because")};
}

ProbeNote read_probe(const Node& in) {
  in.expect_object();
  ProbeNote out;
  out.counter = in.text_if("counter");
  out.question = in.text("question");
  out.rung = in.text("rung");
  out.hook = in.text_if("hook");
  out.meaning = in.text_if("meaning");
  out.count = in.whole_if("count");
  out.recursion_misses = in.whole_if("recursion_misses");
  out.tried = in.list_if("tried", read_tried);
  return out;
}

Repetition read_repetition(const Node& in) {
  in.expect_object();
  return {in.whole("wall_ns"), in.whole("units_done"), in.whole_if("kernel_tasks")};
}

Share read_share(const Node& in) {
  const std::string word = in.text();
  for (std::size_t i = 0; i < kShareWords.size(); ++i)
    if (kShareWords[i] == word) return static_cast<Share>(i);
  in.fail("expected own, shared or none, found \"" + word + "\"");
}

Creation read_creation(const Node& in) {
  in.expect_object();
  Creation out;
  out.action = in.text("action");
  out.unit = in.whole_if("unit");
  out.asked_by = in.text("asked_by");
  out.flags = in.whole_if("flags");
  out.flag_names = in.text_if("flag_names");
  out.error = in.text_if("error");
  out.creator = in.whole("creator");
  out.tid = in.whole_if("tid");
  out.tgid = in.whole_if("tgid");
  const Node times = in.at("time_ns");
  times.expect_object();
  for (std::size_t i = 0; i < kStageKeys.size(); ++i)
    out.time_ns[i] = times.whole_if(std::string(kStageKeys[i]).c_str());
  if (in.has("sharing")) {
    const Node sharing = in.at("sharing");
    sharing.expect_object();
    for (std::size_t i = 0; i < kShareables.size(); ++i) {
      const std::string key(kShareables[i]);
      if (sharing.has(key.c_str())) out.sharing[i] = read_share(sharing.at(key));
    }
  }
  if (in.has("kernel_stack"))
    out.task = NewTask{
        in.whole("parent"),      in.at("kernel_stack").address(), in.whole_if("kernel_stack_bytes"),
        in.text("policy"),       in.at("nice").integer(),         in.whole("prio"),
        in.whole("cpus_allowed")};
  return out;
}

Creations read_creations(const Node& in) {
  in.expect_object();
  Creations out;
  out.stages = in.list("stages", [](const Node& stage) {
    stage.expect_object();
    return StageNote{stage.text("stage"), stage.text("rung"), stage.text("hook")};
  });
  out.records = in.list("records", read_creation);
  out.lost = in.whole("lost");
  out.void_because = in.text_if("void_because");
  return out;
}

Param read_param(const std::string& key, const Node& in) {
  return {key, in.whole_or_text()};
}

Result read_result(const Node& in) {
  in.expect_object();
  Result out;
  out.scenario = in.text("scenario");
  out.mode = in.text("mode");
  out.mode_title = in.text_if("mode_title");
  out.partial = in.has("partial") && in.flag("partial");
  out.partial_because = in.text_if("partial_because");
  out.observer = in.text_if("observer");
  out.params = in.members("params", read_param);
  out.kernel_tasks_missing_because =
      in.reason_unless("kernel_tasks", "kernel_tasks_missing_because");
  out.kernel_tasks = in.whole_if("kernel_tasks");
  out.ledger = in.list("ledger", read_ledger_row);
  out.wall_ns = in.whole("wall_ns");
  out.metrics = in.members("metrics", read_metric);
  out.claims = in.list("claims", read_claim);
  out.probes = in.list("probes", read_probe);
  out.lost_events = in.whole("lost_events");
  if (in.has("creations")) out.creations = read_creations(in.at("creations"));
  out.creations_missing_because = in.text_if("creations_missing_because");
  out.repetitions = in.list_if("repetitions", read_repetition);
  return out;
}

Skip read_skip(const Node& in) {
  in.expect_object();
  return {in.text("scenario"), in.text("mode"), in.text("because")};
}

void check_schema(const Node& in) {
  constexpr std::string_view known = kSchema;
  const std::string found = in.text();
  if (found == known) return;
  const std::string_view family = known.substr(0, known.find('/') + 1);
  if (!found.starts_with(family))
    in.fail("expected \"" + std::string(known) + "\", found \"" + found + "\": not a results file");
  unsigned number = 0;
  std::from_chars(found.data() + family.size(), found.data() + found.size(), number);
  if (number > 1)
    in.fail("\"" + found + "\" is newer than this vtlab, which knows \"" + std::string(known) +
            "\": use the vtlab that wrote the file, or a later one");
  in.fail("expected \"" + std::string(known) + "\", found \"" + found + "\"");
}

}  // namespace

std::string to_json(const ResultSet& set) {
  Json out;
  out["schema"] = set.schema;
  out["host"] = write(set.host);
  out["partial"] = set.partial;
  if (!set.notes.empty()) out["notes"] = set.notes;
  out["results"] = list(set.results, [](const Result& result) { return write(result); });
  out["skipped"] = list(set.skipped, [](const Skip& skip) { return write(skip); });
  if (!set.claims.empty())
    out["claims"] = list(set.claims, [](const ClaimCheck& claim) { return write(claim); });
  return out.dump(2, ' ', false, Json::error_handler_t::replace);
}

ResultSet from_json(std::string_view text) {
  Json json;
  try {
    json = Json::parse(text);
  } catch (const Json::exception& error) {
    // "[json.exception.parse_error.101] parse error at line 1, column 2: …": the id is for
    // programmers.
    const std::string what = error.what();
    const std::size_t id_end = what.find("] ");
    throw SchemaError("not JSON: " +
                      (id_end == std::string::npos ? what : what.substr(id_end + 2)));
  }
  const Node in(json, "");
  in.expect_object();
  check_schema(in.at("schema"));
  ResultSet out;
  out.host = read_host(in.at("host"));
  out.partial = in.flag("partial");
  out.notes = in.list_if("notes", [](const Node& note) { return note.text(); });
  out.results = in.list("results", read_result);
  out.skipped = in.list("skipped", read_skip);
  out.claims = in.list_if("claims", read_claim);
  return out;
}

}  // namespace vtlab::result
