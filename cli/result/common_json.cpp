#include "result/common_json.h"

#include <algorithm>

namespace vtlab::result {
namespace {

constexpr std::string_view kNoReason = "no reason was recorded";

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
    const bool all_finite = std::all_of(metric.values.begin(), metric.values.end(),
                                        [](double value) { return std::isfinite(value); });
    if (!metric.values.empty() && all_finite)
      out["values"] = list(metric.values, [](double value) { return number(value); });
  }
  return out;
}

Json write(const TriedRung& tried) {
  Json out;
  out["rung"] = tried.rung;
  out["hook"] = tried.hook;
  out["because"] = tried.because;
  return out;
}

TriedRung read_tried(const Node& in) {
  in.expect_object();
  return {in.text("rung"), in.text("hook"), in.text("because")};
}

std::string plain(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// As dump(2) does it, but for long lists, which are text already, and for lists of words beside them.
void put(std::string& out, const Json& value, std::size_t indent, bool in_columns = false) {
  if (value.is_binary()) {
    const auto& text = value.get_binary();
    out.append(text.begin(), text.end());
    return;
  }
  if (!value.is_structured() || value.empty() || (in_columns && value.is_array())) {
    out += plain(value);
    return;
  }
  const std::string line = "\n" + std::string(indent + 2, ' ');
  bool first = true;
  const auto next = [&] {
    out += (first ? "" : ",") + line;
    first = false;
  };
  out += value.is_object() ? "{" : "[";
  if (value.is_object()) {
    for (const auto& [key, member] : value.items()) {
      next();
      out += plain(key) + ": ";
      put(out, member, indent + 2, in_columns || key == "columns");
    }
  } else {
    for (const Json& item : value) {
      next();
      put(out, item, indent + 2);
    }
  }
  out += "\n" + std::string(indent, ' ') + (value.is_object() ? "}" : "]");
}

}  // namespace

std::string to_text(const Json& document) {
  std::string out;
  put(out, document, 0);
  return out;
}

Json long_list(std::size_t count, const std::function<std::uint64_t()>& next) {
  std::vector<std::uint8_t> text{'['};
  char digits[20];
  for (std::size_t i = 0; i < count; ++i) {
    if (i != 0) text.push_back(',');
    const std::uint64_t now = next();
    const std::string_view word =
        now == kNull ? "null"
                     : std::string_view(digits, std::to_chars(digits, std::end(digits), now).ptr);
    text.insert(text.end(), word.begin(), word.end());
  }
  text.push_back(']');
  return Json::binary(std::move(text));
}

std::string reason_or_default(const std::string& reason) {
  return reason.empty() ? std::string(kNoReason) : reason;
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
  put_if(out, "command", host.command);
  return out;
}

Json write(const std::vector<Metric>& metrics) {
  Json out = Json::object();
  for (const Metric& metric : metrics) out[metric.key] = write(metric);
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

Json write(const std::vector<Param>& params) {
  Json out = Json::object();
  for (const Param& param : params)
    std::visit([&](const auto& value) { out[param.key] = value; }, param.value);
  return out;
}

Json write(const Skip& skip) {
  Json out;
  out["scenario"] = skip.scenario;
  out["mode"] = skip.mode;
  out["because"] = skip.because;
  return out;
}

void check_schema(const Node& in, std::string_view known) {
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
  out.command = in.text_if("command");
  return out;
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
  out.values = in.list_if("values", [](const Node& value) { return value.real(); });
  return out;
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

Param read_param(const std::string& key, const Node& in) {
  return {key, in.whole_or_text()};
}

Skip read_skip(const Node& in) {
  in.expect_object();
  return {in.text("scenario"), in.text("mode"), in.text("because")};
}

}  // namespace vtlab::result
