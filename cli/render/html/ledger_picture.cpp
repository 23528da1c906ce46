#include "render/html/ledger_picture.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "render/format.h"
#include "render/html/text.h"
#include "render/words.h"

namespace vtlab::render::html {
namespace {

using result::LedgerRow;
using result::Result;

constexpr int kWidth = 440, kBox = 130, kField = 210, kLeft = kWidth - kField;
constexpr int kMostHeight = 260;  // of one field of squares
constexpr std::array<int, 4> kPitches = {20, 12, 7, 4};

enum class Kind { thread, process, unknown };

struct KindWords {
  const char *key, *one, *many;
};

constexpr KindWords words_of(Kind kind) {
  switch (kind) {
    case Kind::thread:
      return {"thread", "thread of one address space", "threads of one address space"};
    case Kind::process:
      return {"process", "process, own address space", "processes, own address spaces"};
    case Kind::unknown:
      break;
  }
  return {"unknown", "task; what it shares: not seen", "tasks; what they share: not seen"};
}

struct Field {
  Kind kind;
  std::uint64_t count;
};

std::vector<Field> fields_of(const LedgerRow& row) {
  if (!row.sharing_mm) return {{Kind::unknown, row.kernel_tasks}};
  const std::uint64_t threads = std::min(*row.sharing_mm, row.kernel_tasks);
  std::vector<Field> fields;
  if (threads) fields.push_back({Kind::thread, threads});
  if (threads < row.kernel_tasks) fields.push_back({Kind::process, row.kernel_tasks - threads});
  return fields;
}

std::uint64_t room(int pitch) {
  return static_cast<std::uint64_t>(kField / pitch) *
         static_cast<std::uint64_t>(kMostHeight / pitch);
}

// The same for all modes, so that areas can be compared. Counts for which even the smallest squares have no
// room are bars, and do not make the others small.
int pitch_for(const std::vector<const Result*>& modes) {
  std::uint64_t most = 0;
  for (const Result* mode : modes)
    for (const LedgerRow& row : mode->ledger)
      for (const Field& field : fields_of(row))
        if (field.count <= room(kPitches.back())) most = std::max(most, field.count);
  for (const int pitch : kPitches)
    if (most <= room(pitch)) return pitch;
  return kPitches.back();
}

std::string number(int value) {
  return std::to_string(value);
}

std::string rectangle(int x, int y, int width, int height, const std::string& attributes) {
  return "<rect x=\"" + number(x) + "\" y=\"" + number(y) + "\" width=\"" + number(width) +
         "\" height=\"" + number(height) + "\" " + attributes + "/>";
}

std::string text(int x, int y, std::string_view what, const std::string& kind) {
  return words("text", what,
               "x=\"" + number(x) + "\" y=\"" + number(y) + "\" class=\"" + kind + "\"");
}

// So many squares, full rows first. Patterns begin where the group does.
std::string squares(Kind kind, std::uint64_t count, int pitch, int y, int& height) {
  const auto per_row = static_cast<std::uint64_t>(kField / pitch);
  const int rows = static_cast<int>(count / per_row), rest = static_cast<int>(count % per_row);
  const std::string fill =
      "fill=\"url(#" + std::string(words_of(kind).key) + "-" + number(pitch) + ")\"";
  std::string out;
  if (rows) out += rectangle(0, 0, static_cast<int>(per_row) * pitch - 1, rows * pitch - 1, fill);
  if (rest) out += rectangle(0, rows * pitch, rest * pitch - 1, pitch - 1, fill);
  height = (rows + (rest ? 1 : 0)) * pitch;
  return element("g", out,
                 "transform=\"translate(" + number(kLeft) + " " + number(y) +
                     ")\" class=\"squares\" data-count=\"" + std::to_string(count) + "\"");
}

// Too many to draw each: a bar as long as the share of the most.
std::string bar(Kind kind, std::uint64_t count, std::uint64_t most, int y, int& height) {
  height = 26;
  const auto length = std::max(
      2, static_cast<int>(std::lround(kField * static_cast<double>(count) /
                                      static_cast<double>(std::max<std::uint64_t>(most, 1)))));
  return rectangle(kLeft, y, length, height,
                   "class=\"bar " + std::string(words_of(kind).key) + "\" data-count=\"" +
                       std::to_string(count) + "\"");
}

// From the box of the action to its squares, the wider the more there are.
std::string flow(int from_y, int to_y, std::uint64_t count) {
  const int width = 2 + static_cast<int>(std::lround(3 * std::log10(static_cast<double>(count))));
  const int begin = kBox, end = kLeft - 12, middle = (begin + end) / 2;
  const auto point = [](int x, int y) { return number(x) + " " + number(y); };
  return "<path class=\"flow\" stroke-width=\"" + number(width) + "\" d=\"M" +
         point(begin, from_y) + " C" + point(middle, from_y) + " " + point(middle, to_y) + " " +
         point(end, to_y) + "\"/>";
}

class Card {
 public:
  Card(int pitch, std::uint64_t most) : pitch_(pitch), most_(most) {}

  void add(const LedgerRow& row) {
    if (row.kernel_tasks == 0) return;
    const int top = y_;
    int fields_middle = 0;
    std::string right;
    std::vector<std::pair<int, std::uint64_t>> ends;
    for (const Field& field : fields_of(row)) {
      int height = 0;
      const KindWords kind = words_of(field.kind);
      right += text(kLeft, y_ + 16, format_count(field.count), "count");
      right += text(kLeft, y_ + 32, field.count == 1 ? kind.one : kind.many, "kind");
      y_ += 40;
      right += field.count <= room(pitch_) ? squares(field.kind, field.count, pitch_, y_, height)
                                           : bar(field.kind, field.count, most_, y_, height);
      ends.emplace_back(y_ + std::min(height, 60) / 2, field.count);
      y_ += height + 16;
    }
    for (const auto& [y, count] : ends) fields_middle += y / static_cast<int>(ends.size());
    add_action(row, std::max(top + 4, fields_middle - 26), ends);
    out_ += right;
    y_ = std::max(y_, top + 70) + 10;
  }

  std::string take(const std::string& label) {
    return element("svg", out_,
                   "viewBox=\"0 0 " + number(kWidth) + " " + number(std::max(y_, 20)) +
                       "\" role=\"group\" class=\"ledger\" " + attribute("aria-label", label));
  }

 private:
  void add_action(const LedgerRow& row, int y,
                  const std::vector<std::pair<int, std::uint64_t>>& ends) {
    for (const auto& [to, count] : ends) out_ += flow(y + 26, to, count);
    const std::string title = one_line(row.title.empty() ? spaced(row.action) : row.title);
    out_ += rectangle(1, y, kBox - 1, 52,
                      row.action == "unattributed" ? "rx=\"7\" class=\"action nobody\""
                                                   : "rx=\"7\" class=\"action\"");
    std::vector<std::string> lines = wrap(title, 17);
    if (lines.size() > 2) {
      lines.resize(2);
      lines.back() = shorten(lines.back() + " …", 17);
    }
    const int first = lines.size() == 1 ? y + 22 : y + 16;
    for (std::size_t i = 0; i < lines.size(); ++i)
      out_ += text(9, first + 14 * static_cast<int>(i), lines[i], "title");
    out_ +=
        text(9, y + (lines.size() == 1 ? 39 : 46), format_count(row.kernel_tasks) + "×", "times");
  }

  int pitch_;
  std::uint64_t most_;
  int y_ = 4;
  std::string out_;
};

std::string card(const Result& mode, int pitch, std::uint64_t most) {
  const std::string name = one_line(mode.mode);
  std::string out = words("h3", name);
  if (!mode.mode_title.empty()) out += words("p", one_line(mode.mode_title), "class=\"mode\"");
  if (mode.partial)
    out += words("p", "⚠ partial: " + reason(mode.partial_because), "class=\"alert\"");
  if (!mode.kernel_tasks) {
    out +=
        words("p", "not observed: " + reason(mode.kernel_tasks_missing_because), "class=\"none\"");
    return element("article", out);
  }
  out += element("p",
                 words("strong", format_count(*mode.kernel_tasks), "class=\"total\"") +
                     safe(*mode.kernel_tasks == 1 ? " kernel task_struct" : " kernel task_structs"),
                 "class=\"sum\"");
  for (const result::Param& param : mode.params)
    if (const auto* units = std::get_if<std::uint64_t>(&param.value); units && param.key == "tasks")
      out += words("p", "for " + plural(*units, "unit") + " of the program", "class=\"units\"");
  Card picture(pitch, most);
  for (const LedgerRow& row : mode.ledger) picture.add(row);
  if (mode.ledger.empty() && *mode.kernel_tasks)
    picture.add({"unattributed", "no action was recorded", *mode.kernel_tasks, {}});
  if (*mode.kernel_tasks == 0)
    out += words("p", "no new task for the kernel: the units live in tasks that were there before",
                 "class=\"none\"");
  else
    out += picture.take(name + ": from actions to task_structs");
  return element("article", out);
}

std::string pattern(Kind kind, int pitch) {
  const std::string side = number(pitch), inner = number(pitch - (pitch > 8 ? 3 : 1));
  const std::string name = words_of(kind).key;
  std::string square;
  if (kind == Kind::process) {
    const int edge = pitch > 8 ? 3 : 1;
    const int size = pitch - (pitch > 8 ? 3 : 1) - edge;
    const std::string at = pitch > 8 ? "1.5" : "0.5";
    square = "<rect x=\"" + at + "\" y=\"" + at + "\" width=\"" + number(size) + "\" height=\"" +
             number(size) + "\" class=\"square process\" stroke-width=\"" + number(edge) + "\"/>";
  } else {
    square = "<rect width=\"" + inner + "\" height=\"" + inner + "\" rx=\"" +
             number(pitch > 8 ? 2 : 0) + "\" class=\"square " + name + "\"/>";
  }
  if (kind == Kind::unknown)
    square += "<path d=\"M0 " + inner + "L" + inner + " 0\" class=\"stripe\"/>";
  return element("pattern", square,
                 "id=\"" + name + "-" + side + "\" width=\"" + side + "\" height=\"" + side +
                     "\" patternUnits=\"userSpaceOnUse\"");
}

const char* meaning_of(Kind kind) {
  switch (kind) {
    case Kind::thread:
      return "a task_struct that shares the address space of its creator: a thread";
    case Kind::process:
      return "a task_struct with an address space of its own: a process";
    case Kind::unknown:
      break;
  }
  return "a task_struct; what it shares was not seen";
}

// Only of the kinds that are in the pictures.
std::string legend(const std::vector<const Result*>& modes) {
  std::string out;
  for (const Kind kind : {Kind::thread, Kind::process, Kind::unknown}) {
    const bool used = std::any_of(modes.begin(), modes.end(), [&](const Result* mode) {
      return std::any_of(mode->ledger.begin(), mode->ledger.end(), [&](const LedgerRow& row) {
        const std::vector<Field> fields = fields_of(row);
        return std::any_of(fields.begin(), fields.end(), [&](const Field& field) {
          return field.kind == kind && field.count != 0;
        });
      });
    });
    if (!used) continue;
    const std::string key = words_of(kind).key;
    out += element("span", "<svg viewBox=\"0 0 20 20\" class=\"sample\" aria-hidden=\"true\">" +
                               rectangle(0, 0, 20, 20, "fill=\"url(#" + key + "-20)\"") + "</svg>" +
                               safe(meaning_of(kind)));
  }
  return element("p", out, "class=\"legend\"") + "\n";
}

}  // namespace

std::string picture_patterns() {
  std::string out;
  for (const Kind kind : {Kind::thread, Kind::process, Kind::unknown})
    for (const int pitch : kPitches) out += pattern(kind, pitch);
  return element("svg", element("defs", out),
                 "class=\"patterns\" width=\"0\" height=\"0\" aria-hidden=\"true\"") +
         "\n";
}

std::string ledger_picture(const std::vector<const Result*>& modes) {
  const int pitch = pitch_for(modes);
  std::uint64_t most = 0;
  for (const Result* mode : modes)
    for (const LedgerRow& row : mode->ledger) most = std::max(most, row.kernel_tasks);
  std::string cards;
  for (const Result* mode : modes) cards += card(*mode, pitch, most) + "\n";
  return element("div", cards, "class=\"cards\"") + "\n" + legend(modes);
}

}  // namespace vtlab::render::html
