// collection_json.cpp — the writer first, then the reader. Both follow collection.h from top to bottom.
#include "result/collection_json.h"

#include "result/common_json.h"
#include "result/comparison_json.h"

namespace vtlab::result {
namespace {

Json write(const CollectedDocument& document) {
  Json out;
  out["name"] = document.name;
  out["file"] = document.file;
  out["host"] = write(document.host);
  put_if(out, "observer", document.observer);
  return out;
}

Json write(const CollectedValue& value) {
  Json out;
  out["document"] = value.document;
  if (!value.value) {
    out["missing_because"] = reason_or_default(value.missing_because);
    return out;
  }
  out["value"] = number(*value.value);
  if (!value.values.empty()) out["values"] = list(value.values, number);
  if (value.apart) out["apart"] = true;
  if (value.against) out["against"] = write(*value.against);
  return out;
}

Json write(const CollectedMetric& metric) {
  Json out;
  out["title"] = metric.title;
  out["unit"] = metric.unit;
  out["counted"] = metric.counted;
  if (metric.median) {
    out["least"] = number(metric.least.value_or(*metric.median));
    out["median"] = number(*metric.median);
    out["most"] = number(metric.most.value_or(*metric.median));
  }
  out["values"] = list(metric.values, [](const CollectedValue& value) { return write(value); });
  return out;
}

Json write(const CollectedVerdict& verdict) {
  Json out;
  out["document"] = verdict.document;
  out["verdict"] = word_of(kVerdicts, verdict.verdict);
  out["because"] = verdict.because;
  return out;
}

Json write(const std::vector<CollectedClaim>& claims) {
  return list(claims, [](const CollectedClaim& claim) {
    Json out;
    out["id"] = claim.id;
    put_if(out, "statement", claim.statement);
    out["verdicts"] = list(claim.verdicts, [](const auto& verdict) { return write(verdict); });
    return out;
  });
}

Json write(const CollectedMode& mode) {
  Json out;
  put_if(out, "mode", mode.name);
  put_if(out, "mode_title", mode.title);
  Json metrics = Json::object();
  for (const CollectedMetric& metric : mode.metrics) metrics[metric.key] = write(metric);
  out["metrics"] = std::move(metrics);
  if (!mode.claims.empty()) out["claims"] = write(mode.claims);
  return out;
}

Json write(const CollectedGroup& group) {
  Json out;
  put_if(out, "scenario", group.scenario);
  put_if(out, "observed", group.observed);
  out["params"] = write(group.params);
  out["documents"] = group.documents;
  out["modes"] = list(group.modes, [](const CollectedMode& mode) { return write(mode); });
  return out;
}

// ---- reading ----

// A place in the list of documents.
std::size_t read_place(const Node& in, std::size_t documents) {
  const std::uint64_t place = in.whole();
  if (place >= documents) in.fail("there is no document " + std::to_string(place));
  return static_cast<std::size_t>(place);
}

std::string read_text(const Node& in) {
  return in.text();
}

double read_real(const Node& in) {
  return in.real();
}

CollectedDocument read_collected_document(const Node& in) {
  in.expect_object();
  return {in.text("name"), in.text("file"), read_host(in.at("host")), in.text_if("observer")};
}

CollectedValue read_value(const Node& in, std::size_t documents) {
  in.expect_object();
  CollectedValue out;
  out.document = read_place(in.at("document"), documents);
  out.missing_because = in.reason_unless("value", "missing_because");
  out.value = in.real_if("value");
  out.values = in.list_if("values", read_real);
  out.apart = in.has("apart") && in.flag("apart");
  if (in.has("against")) out.against = read_against(in.at("against"));
  return out;
}

CollectedMetric read_collected_metric(const std::string& key, const Node& in,
                                      std::size_t documents) {
  in.expect_object();
  CollectedMetric out{key, in.text("title"), in.text("unit"), in.flag("counted"), {}, {}, {}, {}};
  out.values = in.list("values", [&](const Node& value) { return read_value(value, documents); });
  out.least = in.real_if("least");
  out.median = in.real_if("median");
  out.most = in.real_if("most");
  return out;
}

CollectedClaim read_collected_claim(const Node& in, std::size_t documents) {
  in.expect_object();
  const auto verdict = [&](const Node& one) {
    one.expect_object();
    return CollectedVerdict{read_place(one.at("document"), documents),
                            read_word(one.at("verdict"), kVerdicts), one.text("because")};
  };
  return {in.text("id"), in.text_if("statement"), in.list("verdicts", verdict)};
}

CollectedMode read_mode(const Node& in, std::size_t documents) {
  in.expect_object();
  const auto metric = [&](const std::string& key, const Node& one) {
    return read_collected_metric(key, one, documents);
  };
  const auto claim = [&](const Node& one) { return read_collected_claim(one, documents); };
  return {in.text_if("mode"), in.text_if("mode_title"), in.members("metrics", metric),
          in.list_if("claims", claim)};
}

CollectedGroup read_group(const Node& in, std::size_t documents) {
  in.expect_object();
  CollectedGroup out;
  out.scenario = in.text_if("scenario");
  out.observed = in.text_if("observed");
  out.params = in.members("params", read_param);
  out.documents =
      in.list("documents", [&](const Node& place) { return read_place(place, documents); });
  out.modes = in.list("modes", [&](const Node& mode) { return read_mode(mode, documents); });
  return out;
}

}  // namespace

std::string to_json(const Collection& collection) {
  Json out;
  out["schema"] = collection.schema;
  out["merged"] = collection.merged;
  out["documents"] = list(collection.documents, [](const auto& one) { return write(one); });
  out["differ"] = list(collection.differ, [](const Circumstance& circumstance) {
    return Json{{"title", circumstance.title}, {"values", circumstance.values}};
  });
  out["left_out"] = list(collection.left_out, [](const LeftOut& one) {
    return Json{{"file", one.file}, {"because", one.because}};
  });
  if (!collection.notes.empty()) out["notes"] = collection.notes;
  out["groups"] = list(collection.groups, [](const auto& group) { return write(group); });
  out["claims"] = write(collection.claims);
  return to_text(out);
}

Collection read_collection(const Node& in) {
  check_schema(in.at("schema"), kCollectionSchema);
  Collection out;
  out.schema = in.text("schema");
  out.merged = in.flag("merged");
  out.documents = in.list("documents", read_collected_document);
  const std::size_t documents = out.documents.size();
  out.differ = in.list("differ", [&](const Node& one) {
    one.expect_object();
    Circumstance circumstance{one.text("title"), one.list("values", read_text)};
    if (circumstance.values.size() != documents)
      one.at("values").fail("expected a value for each document");
    return circumstance;
  });
  out.left_out = in.list("left_out", [](const Node& one) {
    one.expect_object();
    return LeftOut{one.text("file"), one.text("because")};
  });
  out.notes = in.list_if("notes", read_text);
  out.groups = in.list("groups", [&](const Node& group) { return read_group(group, documents); });
  out.claims =
      in.list("claims", [&](const Node& claim) { return read_collected_claim(claim, documents); });
  return out;
}

}  // namespace vtlab::result
