#include "render/frame.h"

#include <algorithm>
#include <cmath>

#include "render/format.h"

namespace vtlab::render {
namespace {

constexpr std::size_t kLabel = 28, kNumber = 16;
constexpr std::size_t kMostActions = 5, kMostPlaceLines = 5;
constexpr std::size_t kPlace = 40;

std::string repeat(std::string_view text, std::size_t times) {
  std::string out;
  while (times-- > 0) out += text;
  return out;
}

// So much of `width` columns; something is never nothing.
std::size_t part(double value, double whole, std::size_t width) {
  if (value <= 0 || whole <= 0) return 0;
  const double columns = std::round(std::min(1.0, value / whole) * static_cast<double>(width));
  return std::max<std::size_t>(1, static_cast<std::size_t>(columns));
}

// A local of draw(): sections are made first, and then as much of them is put together as there is room for.
class Screen {
 public:
  Screen(const Frame& frame, const Options& options)
      : f_(frame), options_(options), width_(std::max<std::size_t>(60, options.width)) {}

  std::string draw(std::size_t lines) {
    const Lines above = {line(shorten(one_line(f_.title), width_), Tone::strong), clock()};
    const Lines below =
        f_.below.empty() ? Lines{} : Lines{line(shorten(one_line(f_.below), width_), Tone::dim)};
    const Lines blocks[] = {tasks(), units()};
    std::size_t used = above.size() + below.size();
    for (const Lines& block : blocks) used += with_gap(block.size());
    // Places may be many: they leave room for some of what has happened.
    constexpr std::size_t kLeast = 4;
    const std::size_t kept = with_gap(std::min(kLeast, f_.latest.size()));
    const std::size_t room = used + kept + 1 < lines ? lines - used - kept - 1 : 1;
    const Lines where = places(std::min(kMostPlaceLines, room));
    used += with_gap(where.size());

    Lines all = above;
    for (const Lines& block : blocks) append(all, block);
    append(all, where);
    if (used + 1 < lines) append(all, latest(lines - used - 1));
    if (all.size() + below.size() > lines) all.resize(lines - std::min(lines, below.size()));
    all.insert(all.end(), below.begin(), below.end());
    std::string out;
    for (std::size_t at = 0; at < std::min(lines, all.size()); ++at) {
      out += all[at].substr(0, all[at].find_last_not_of(" \n") + 1);
      out += '\n';
    }
    return out;
  }

 private:
  using Lines = std::vector<std::string>;

  std::string line(const std::string& text, Tone tone = Tone::plain) const {
    return paint(text, tone, options_) + "\n";
  }

  static std::size_t with_gap(std::size_t lines) { return lines == 0 ? 0 : lines + 1; }
  static void append(Lines& all, const Lines& block) {
    if (!block.empty()) all.emplace_back("\n");
    all.insert(all.end(), block.begin(), block.end());
  }

  // "12.3 ms of 103 ms  ██████──────────  143 times slower"
  std::string clock() const {
    std::string time = format_duration(static_cast<double>(f_.at_ns));
    if (f_.length_ns)
      time += (f_.expected ? " of about " : " of ") +
              format_duration(static_cast<double>(*f_.length_ns));
    time = pad_right(time, 20) + " ";
    const std::string pace = f_.pace.empty() ? "" : " " + one_line(f_.pace);
    const std::size_t taken =
        display_width(time) + (pace.empty() ? 0 : std::max<std::size_t>(26, display_width(pace)));
    if (!f_.length_ns || taken >= width_) return line(shorten(time + pace, width_));
    const std::size_t room = width_ - taken;
    const std::size_t full = std::min(
        room, part(static_cast<double>(f_.at_ns), static_cast<double>(*f_.length_ns), room));
    return line(time + repeat("█", full) + repeat("─", room - full) + pace);
  }

  std::string bar(std::uint64_t value, std::uint64_t whole, Tone tone) const {
    const std::size_t room = width_ - kLabel - kNumber - 2;
    return paint(repeat("█", part(static_cast<double>(value), static_cast<double>(whole), room)),
                 tone, options_);
  }

  Lines tasks() const {
    if (!f_.made && f_.actions.empty()) return {};
    std::string heading = pad_right("kernel tasks made", kLabel) +
                          pad_left(f_.made ? format_count(*f_.made) : "–", kNumber);
    if (f_.alive) heading += "  alive now " + format_count(*f_.alive);
    Lines lines{line(heading, Tone::heading)};
    std::uint64_t most = 1;
    for (const Frame::Action& action : f_.actions)
      most = std::max(most, action.in_all.value_or(action.so_far.value_or(0)));
    for (const Frame::Action& action : f_.actions) {
      if (lines.size() > kMostActions) break;
      std::string number = action.so_far ? format_count(*action.so_far) : "–";
      if (action.in_all) number += " of " + format_count(*action.in_all);
      const std::string text =
          pad_right(shorten("  by " + one_line(action.title), kLabel), kLabel) +
          pad_left(number, kNumber) + "  ";
      lines.push_back(paint(text, Tone::plain, options_) +
                      bar(action.so_far.value_or(0), most, Tone::plain) + "\n");
    }
    if (f_.actions.size() > kMostActions)
      lines.push_back(
          line("  and by " + format_count(f_.actions.size() - kMostActions) + " actions more"));
    return lines;
  }

  Lines units() const {
    if (f_.units == 0 && f_.counts.empty()) return {};
    Lines lines;
    if (f_.units != 0) {
      lines.push_back(line(pad_right("units", kLabel) + pad_left(format_count(f_.units), kNumber),
                           Tone::heading));
      for (const Frame::State& state : f_.states)
        lines.push_back(paint(pad_right("  " + state.name, kLabel) +
                                  pad_left(format_count(state.units), kNumber) + "  ",
                              Tone::plain, options_) +
                        bar(state.units, f_.units, state.tone) + "\n");
    }
    if (!f_.counts.empty()) lines.push_back(line(shorten(counts(), width_)));
    return lines;
  }

  // "so far: 202 mounts · 101 parks"
  std::string counts() const {
    std::string out = "so far:";
    for (const Frame::Count& count : f_.counts) {
      out += (&count == &f_.counts.front() ? " " : " · ") + format_count(count.so_far) + " " +
             one_line(count.name);
      if (count.per_second) out += " (" + format_number(std::round(*count.per_second)) + "/s)";
    }
    return out;
  }

  // Two on a line, if there is the width for it; the last cell says how many more there are.
  Lines places(std::size_t most_lines) const {
    const std::size_t columns = width_ >= 2 * kPlace ? 2 : 1, cells = columns * most_lines;
    const std::size_t count = f_.places.size() + (f_.more_places > 0 ? 1 : 0);
    const std::size_t shown = count > cells ? cells - 1 : f_.places.size();
    Lines lines;
    for (std::size_t i = 0; i < shown; ++i) put(lines, i % columns, cell(f_.places[i]));
    const std::size_t more = f_.places.size() - shown + f_.more_places;
    if (more > 0)
      put(lines, shown % columns,
          paint("and " + format_count(more) + " more", Tone::dim, options_));
    return lines;
  }

  static void put(Lines& lines, std::size_t column, const std::string& cell) {
    if (column == 0) lines.emplace_back();
    lines.back() += cell;
  }

  std::string cell(const Frame::Place& place) const {
    constexpr std::size_t kName = 12, kHolder = 14;
    const std::string holder =
        place.holder.empty() ? "·" : shorten(one_line(place.holder), kHolder - 1);
    return paint(pad_right(shorten(one_line(place.name), kName - 1), kName), Tone::plain,
                 options_) +
           paint(holder, place.holder.empty() ? Tone::dim : Tone::good, options_) +
           std::string(kHolder - display_width(holder), ' ') +
           paint(pad_right(shorten(one_line(place.note), kPlace - kName - kHolder - 1),
                           kPlace - kName - kHolder),
                 Tone::dim, options_);
  }

  // As many of the last ones as there is room for.
  Lines latest(std::size_t room) const {
    Lines lines;
    const std::size_t count = std::min(room, f_.latest.size());
    for (std::size_t i = f_.latest.size() - count; i < f_.latest.size(); ++i)
      lines.push_back(line(shorten(f_.latest[i], width_)));
    return lines;
  }

  const Frame& f_;
  const Options& options_;
  const std::size_t width_;
};

}  // namespace

std::string draw(const Frame& frame, const Options& options, std::size_t lines) {
  return Screen(frame, options).draw(lines);
}

}  // namespace vtlab::render
