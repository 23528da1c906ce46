#include "lessons/page.h"

#include <algorithm>
#include <vector>

#include "render/format.h"
#include "render/palette.h"

namespace vtlab::lessons {
namespace {

using render::display_width;
using render::Tone;

// "- ", "1. " and "> " begin something of their own.
std::size_t lead_of(std::string_view line) {
  if (line.starts_with("- ") || line.starts_with("> ")) return 2;
  const auto digits = line.find_first_not_of("0123456789");
  const bool numbered = digits != line.npos && digits > 0 && line.substr(digits).starts_with(". ");
  return numbered ? digits + 2 : 0;
}

class Page {
 public:
  explicit Page(const PageStyle& style) : style_(style) {}

  std::string write(std::string_view markdown) {
    bool inside = false;
    while (!markdown.empty()) {
      const auto end = std::min(markdown.find('\n'), markdown.size());
      const std::string_view line = markdown.substr(0, end);
      markdown.remove_prefix(std::min(end + 1, markdown.size()));
      if (line.starts_with("```")) {
        end_paragraph();
        inside = !inside;
      } else if (inside) {
        put(render::paint("  " + std::string(line), Tone::plain, style_.options));
      } else {
        add(line);
      }
    }
    end_paragraph();
    while (out_.ends_with("\n\n")) out_.pop_back();
    return std::move(out_);
  }

 private:
  void add(std::string_view line) {
    if (line.empty()) {
      end_paragraph();
      if (!out_.empty() && !out_.ends_with("\n\n")) out_ += "\n";
      return;
    }
    const std::size_t lead = lead_of(line);
    if (lead > 0) {
      end_paragraph();
      lead_ = line.starts_with("- ") ? "• " : std::string(line.substr(0, lead));
      line.remove_prefix(lead);
    }
    while (line.starts_with(' ')) line.remove_prefix(1);
    paragraph_ += (paragraph_.empty() ? "" : " ") + std::string(line);
  }

  void end_paragraph() {
    if (paragraph_.empty()) return;
    const std::size_t lead = display_width(lead_);
    const std::size_t room = std::max<std::size_t>(20, style_.options.width - style_.indent - lead);
    bold_ = code_ = false;
    std::string before = lead_;
    for (const std::string& line : render::wrap(paragraph_, room)) {
      put(render::paint(before, Tone::plain, style_.options) + marked(line));
      before.assign(lead, ' ');
    }
    paragraph_.clear();
    lead_.clear();
  }

  // The star of *slanted* words, not that of 2 * 3.
  static bool slants(const std::string& line, std::size_t at) {
    const bool before = at == 0 || line[at - 1] == ' ' || line[at - 1] == '(';
    const bool after = at + 1 == line.size() || line[at + 1] == ' ';
    return before != after || (!before && !after);
  }

  // **bold**, *slanted* and `code`, which may go on in the next line.
  std::string marked(const std::string& line) {
    std::string out, part;
    const auto end = [&] {
      if (!part.empty())
        out += render::paint(part,
                             code_   ? Tone::heading
                             : bold_ ? Tone::strong
                                     : Tone::plain,
                             style_.options);
      part.clear();
    };
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (line[i] == '`') {
        end();
        code_ = !code_;
      } else if (!code_ && line.compare(i, 2, "**") == 0) {
        end();
        bold_ = !bold_;
        ++i;
      } else if (!code_ && line[i] == '*' && slants(line, i)) {
        end();
        bold_ = !bold_;
      } else {
        part += line[i];
      }
    }
    end();
    return out;
  }

  void put(const std::string& line) {
    out_ += std::string(style_.indent, ' ') + line + (style_.roomy ? "\n\n" : "\n");
  }

  const PageStyle& style_;
  std::string out_, paragraph_, lead_;
  bool bold_ = false, code_ = false;
};

}  // namespace

std::string unwrapped(std::string_view markdown) {
  std::string out;
  bool inside = false, joins = false;
  while (!markdown.empty()) {
    const auto end = std::min(markdown.find('\n'), markdown.size());
    const std::string_view line = markdown.substr(0, end);
    markdown.remove_prefix(std::min(end + 1, markdown.size()));
    const bool fence = line.starts_with("```");
    const bool begins = inside || fence || line.empty() || lead_of(line) > 0;
    if (fence) inside = !inside;
    if (begins || !joins)
      out += (out.empty() ? "" : "\n") + std::string(line);
    else
      out += " " + std::string(line.substr(std::min(line.find_first_not_of(' '), line.size())));
    joins = !inside && !fence && !line.empty();
  }
  return out;
}

std::string page(std::string_view markdown, const PageStyle& style) {
  return Page(style).write(markdown);
}

std::string rule(const std::string& kind, const std::string& title, const PageStyle& style) {
  const std::size_t width = style.options.width;
  const std::string lead = "── " + kind + " ── ";
  const std::string room =
      render::shorten(title, width - std::min(width, display_width(lead) + 4)) + " ";
  std::string line;
  for (std::size_t i = display_width(lead + room); i < width; ++i) line += "─";
  return render::paint(lead, Tone::dim, style.options) +
         render::paint(room, Tone::heading, style.options) +
         render::paint(line, Tone::dim, style.options) + "\n";
}

}  // namespace vtlab::lessons
