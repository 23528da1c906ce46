#include "render/html/chart.h"

#include <algorithm>
#include <map>

#include "render/format.h"
#include "render/html/text.h"

namespace vtlab::render::html {
namespace {

std::string_view kind_word(ChartKind kind) {
  switch (kind) {
    case ChartKind::lines:
      return "lines";
    case ChartKind::steps:
      return "steps";
    case ChartKind::bars:
      return "bars";
    case ChartKind::stacked:
      return "stacked";
  }
  return "";
}

template <class T, class F>
std::string json_list(const std::vector<T>& items, F write) {
  std::string out;
  for (const T& item : items) out += (out.empty() ? "" : ",") + write(item);
  return "[" + out + "]";
}

std::string json(const Axis& axis) {
  return "{\"title\":" + json_text(axis.title) + ",\"unit\":" + json_text(axis.unit) +
         ",\"log\":" + (axis.logarithmic ? "true" : "false") + "}";
}

std::string json(const Point& point, ChartKind kind) {
  std::string out = "[" + format_exact(point.x) + "," + format_exact(point.y);
  if (kind == ChartKind::steps) out += "," + format_exact(point.from);
  return out + "]";
}

std::string json(const Series& series, ChartKind kind) {
  return "{\"name\":" + json_text(series.name) +
         ",\"hidden\":" + (series.hidden ? "true" : "false") + ",\"points\":" +
         json_list(series.points, [&](const Point& point) { return json(point, kind); }) + "}";
}

std::string json(const Chart& chart) {
  return "{\"kind\":" + json_text(kind_word(chart.kind)) + ",\"x\":" + json(chart.x) +
         ",\"y\":" + json(chart.y) + ",\"categories\":" +
         json_list(chart.categories, [](const std::string& name) { return json_text(name); }) +
         ",\"series\":" +
         json_list(chart.series, [&](const Series& series) { return json(series, chart.kind); }) +
         "}";
}

bool of_categories(const Chart& chart) {
  return chart.kind == ChartKind::bars || chart.kind == ChartKind::stacked;
}

std::string x_text(const Chart& chart, double x) {
  const auto place = static_cast<std::size_t>(x);
  if (of_categories(chart)) return place < chart.categories.size() ? chart.categories[place] : "";
  return (chart.kind == ChartKind::steps ? "≤ " : "") + format_value(x, chart.x.unit);
}

std::string table(const Chart& chart) {
  std::string head = words("th", of_categories(chart) ? "" : chart.x.title);
  for (const Series& series : chart.series) head += words("th", series.name, "class=\"n\"");
  std::map<double, std::vector<std::string>> rows;
  for (std::size_t i = 0; i < chart.series.size(); ++i) {
    for (const Point& point : chart.series[i].points) {
      auto& cells = rows[point.x];
      cells.resize(chart.series.size());
      cells[i] = format_value(point.y, chart.y.unit);
    }
  }
  std::string body;
  for (const auto& [x, cells] : rows) {
    std::string row = words("th", x_text(chart, x), "scope=\"row\"");
    for (const std::string& cell : cells) row += words("td", cell, "class=\"n\"");
    body += element("tr", row) + "\n";
  }
  return element("div",
                 element("table", element("thead", element("tr", head)) + element("tbody", body)),
                 "class=\"wide\"");
}

}  // namespace

std::string figure(const Chart& chart) {
  const bool empty = std::all_of(chart.series.begin(), chart.series.end(),
                                 [](const Series& series) { return series.points.empty(); });
  if (empty) return {};
  std::string inner = words("figcaption", chart.title) + "\n";
  inner +=
      element("div",
              "<canvas role=\"img\" " +
                  attribute("aria-label", chart.title + ": the numbers are in the table below") +
                  "></canvas>",
              "class=\"plot\"");
  if (!chart.note.empty()) inner += words("p", chart.note, "class=\"note\"");
  inner += element("script", json(chart), "type=\"application/json\"") + "\n";
  inner += fold("the numbers", table(chart));
  return element("figure", inner, "class=\"chart\"") + "\n";
}

}  // namespace vtlab::render::html
