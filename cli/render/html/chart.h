// chart.h — a chart as plain values, and as an element of a page: a canvas, its data for report.js, and the same numbers
// as a table, for those who do not see the picture, who select and copy, and who print.
//
// Threads   Plain values and one pure function.
#pragma once

#include <string>
#include <vector>

namespace vtlab::render::html {

struct Axis {
  std::string title;
  std::string unit;  ///< as in result::Metric
  bool logarithmic = false;
};

struct Point {
  double x = 0, y = 0;
  double from = 0;  ///< of steps: y holds from there to x
};

struct Series {
  std::string name;
  std::vector<Point> points;
  bool hidden = false;  ///< until somebody asks for it: it would make all else invisible
};

enum class ChartKind {
  lines,   ///< points that are measured, joined
  steps,   ///< a histogram or an average: what holds up to x; nothing was there where no step is
  bars,    ///< x is the place in `categories`
  stacked  ///< bars, one upon the other
};

struct Chart {
  ChartKind kind = ChartKind::lines;
  std::string title, note;
  Axis x, y;
  std::vector<std::string> categories;  ///< of bars
  std::vector<Series> series;
};

/// <figure>; empty if there is no point.
std::string figure(const Chart& chart);

}  // namespace vtlab::render::html
