// comparison_json.cpp — the writer first, then the reader. Both follow comparison.h from top to bottom.
#include "result/comparison_json.h"

#include "result/common_json.h"

namespace vtlab::result {
namespace {

constexpr std::pair<Difference, std::string_view> kDifferences[] = {
    {Difference::lower, "lower"},
    {Difference::higher, "higher"},
    {Difference::none_shown, "none-shown"},
};

// ---- writing ----

Json write(const Interval& interval) {
  Json out;
  out["low"] = number(interval.low);
  out["high"] = number(interval.high);
  out["confidence"] = interval.confidence;
  return out;
}

void put_interval(Json& out, const char* key, const std::optional<Interval>& interval) {
  if (interval) out[key] = write(*interval);
}

Json write(const Contender& contender) {
  Json out;
  out["name"] = contender.name;
  put_if(out, "title", contender.title);
  return out;
}

Json write(const Outlier& outlier) {
  Json out;
  out["round"] = outlier.round;
  out["value"] = number(outlier.value);
  out["because"] = outlier.because;
  return out;
}

}  // namespace

Json write(const Against& against) {
  Json out;
  out["difference"] = word_of(kDifferences, against.difference);
  put_if(out, "because", against.because);
  if (against.ratio) out["ratio"] = number(*against.ratio);
  put_interval(out, "interval", against.interval);
  return out;
}

namespace {

Json write(const Estimate& estimate) {
  Json out;
  out["contender"] = estimate.contender;
  if (!estimate.median) {
    out["missing_because"] = reason_or_default(estimate.missing_because);
    return out;
  }
  out["rounds"] = estimate.rounds;
  out["values"] = list(estimate.values, [](double value) { return number(value); });
  out["median"] = number(*estimate.median);
  put_interval(out, "interval", estimate.interval);
  if (!estimate.outliers.empty())
    out["outliers"] =
        list(estimate.outliers, [](const Outlier& outlier) { return write(outlier); });
  if (estimate.against) out["against"] = write(*estimate.against);
  return out;
}

Json write(const Size& size) {
  Json out;
  out["tasks"] = size.tasks;
  out["estimates"] = list(size.estimates, [](const Estimate& estimate) { return write(estimate); });
  return out;
}

Json write(const Growth& growth) {
  Json out;
  out["contender"] = growth.contender;
  out["per_unit"] = number(growth.per_unit);
  put_interval(out, "per_unit_interval", growth.per_unit_interval);
  if (growth.power) out["power"] = number(*growth.power);
  return out;
}

Json write(const Quantity& quantity) {
  Json out;
  out["key"] = quantity.key;
  out["title"] = quantity.title;
  out["unit"] = quantity.unit;
  put_if(out, "source", quantity.source);
  out["counted"] = quantity.counted;
  out["sizes"] = list(quantity.sizes, [](const Size& size) { return write(size); });
  if (!quantity.growth.empty())
    out["growth"] = list(quantity.growth, [](const Growth& growth) { return write(growth); });
  return out;
}

Json write(const Stop& stop) {
  Json out;
  out["contender"] = stop.contender;
  out["tasks"] = stop.tasks;
  out["because"] = stop.because;
  return out;
}

Json write(const ComparedRun& run) {
  Json out;
  out["round"] = run.round;
  out["contender"] = run.contender;
  out["tasks"] = run.tasks;
  out["wall_ns"] = run.wall_ns;
  put_if(out, "others_cpu_ns", run.others_cpu_ns);
  put_if(out, "stolen_ns", run.stolen_ns);
  put_if(out, "major_faults", run.major_faults);
  put_if(out, "preempted", run.preempted);
  return out;
}

// ---- reading ----

std::optional<Interval> read_interval_if(const Node& in, const char* key) {
  if (!in.has(key)) return std::nullopt;
  const Node interval = in.at(key);
  interval.expect_object();
  return Interval{interval.at("low").real(), interval.at("high").real(),
                  interval.at("confidence").real()};
}

Contender read_contender(const Node& in) {
  in.expect_object();
  return {in.text("name"), in.text_if("title")};
}

Outlier read_outlier(const Node& in) {
  in.expect_object();
  return {in.whole("round"), in.at("value").real(), in.text("because")};
}

}  // namespace

Against read_against(const Node& in) {
  in.expect_object();
  Against out;
  out.difference = read_word(in.at("difference"), kDifferences);
  out.because = in.text_if("because");
  out.ratio = in.real_if("ratio");
  out.interval = read_interval_if(in, "interval");
  return out;
}

namespace {

Estimate read_estimate(const Node& in) {
  in.expect_object();
  Estimate out;
  out.contender = in.text("contender");
  out.missing_because = in.reason_unless("median", "missing_because");
  out.rounds = in.list_if("rounds", [](const Node& round) { return round.whole(); });
  out.values = in.list_if("values", [](const Node& value) { return value.real(); });
  if (out.rounds.size() != out.values.size())
    in.fail("expected as many rounds as values, found " + std::to_string(out.rounds.size()) +
            " and " + std::to_string(out.values.size()));
  out.median = in.real_if("median");
  out.interval = read_interval_if(in, "interval");
  out.outliers = in.list_if("outliers", read_outlier);
  if (in.has("against")) out.against = read_against(in.at("against"));
  return out;
}

Size read_size(const Node& in) {
  in.expect_object();
  return {in.whole("tasks"), in.list("estimates", read_estimate)};
}

Growth read_growth(const Node& in) {
  in.expect_object();
  return {in.text("contender"), in.at("per_unit").real(), read_interval_if(in, "per_unit_interval"),
          in.real_if("power")};
}

Quantity read_quantity(const Node& in) {
  in.expect_object();
  return {in.text("key"),
          in.text("title"),
          in.text("unit"),
          in.text_if("source"),
          in.flag("counted"),
          in.list("sizes", read_size),
          in.list_if("growth", read_growth)};
}

Stop read_stop(const Node& in) {
  in.expect_object();
  return {in.text("contender"), in.whole("tasks"), in.text("because")};
}

ComparedRun read_run(const Node& in) {
  in.expect_object();
  return {in.whole("round"),           in.text("contender"),         in.whole("tasks"),
          in.whole("wall_ns"),         in.whole_if("others_cpu_ns"), in.whole_if("stolen_ns"),
          in.whole_if("major_faults"), in.whole_if("preempted")};
}

}  // namespace

std::string to_json(const Comparison& comparison) {
  Json out;
  out["schema"] = comparison.schema;
  out["host"] = write(comparison.host);
  out["partial"] = comparison.partial;
  if (comparison.partial) out["partial_because"] = reason_or_default(comparison.partial_because);
  if (!comparison.notes.empty()) out["notes"] = comparison.notes;
  out["scenario"] = comparison.scenario;
  put_if(out, "observer", comparison.observer);
  out["params"] = write(comparison.params);
  out["rounds"] = comparison.rounds;
  out["warm_up"] = comparison.warm_up;
  out["paired"] = comparison.paired;
  out["confidence"] = comparison.confidence;
  out["baseline"] = comparison.baseline;
  out["contenders"] = list(comparison.contenders, [](const Contender& c) { return write(c); });
  out["quantities"] = list(comparison.quantities, [](const Quantity& q) { return write(q); });
  out["stops"] = list(comparison.stops, [](const Stop& stop) { return write(stop); });
  out["runs"] = list(comparison.runs, [](const ComparedRun& run) { return write(run); });
  out["skipped"] = list(comparison.skipped, [](const Skip& skip) { return write(skip); });
  return to_text(out);
}

Comparison read_comparison(const Node& in) {
  check_schema(in.at("schema"), kCompareSchema);
  Comparison out;
  out.host = read_host(in.at("host"));
  out.partial = in.flag("partial");
  out.partial_because = in.text_if("partial_because");
  out.notes = in.list_if("notes", [](const Node& note) { return note.text(); });
  out.scenario = in.text("scenario");
  out.observer = in.text_if("observer");
  out.params = in.members("params", read_param);
  out.rounds = in.whole("rounds");
  out.warm_up = in.whole("warm_up");
  out.paired = in.flag("paired");
  out.confidence = in.at("confidence").real();
  out.baseline = in.text("baseline");
  out.contenders = in.list("contenders", read_contender);
  out.quantities = in.list("quantities", read_quantity);
  out.stops = in.list("stops", read_stop);
  out.runs = in.list("runs", read_run);
  out.skipped = in.list("skipped", read_skip);
  return out;
}

}  // namespace vtlab::result
