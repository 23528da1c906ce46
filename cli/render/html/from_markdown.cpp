#include "render/html/from_markdown.h"

#include <array>
#include <vector>

#include "render/html/text.h"

namespace vtlab::render::html {
namespace {

constexpr std::array<std::string_view, 6> kKept = {"<br>", "<sup>", "</sup>",
                                                   "&lt;", "&amp;", "&nbsp;"};

std::string inline_html(std::string_view text) {
  std::string out;
  bool bold = false, slanted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = text.substr(i);
    if (text[i] == '\\' && i + 1 < text.size()) {
      out += safe(text.substr(++i, 1));
      if (text[i] == '|') out += "<wbr>";  // flags: else a long word, which paper cuts off
    } else if (text[i] == '`' && text.find('`', i + 1) != text.npos) {
      const std::size_t end = text.find('`', i + 1);
      out += words("code", text.substr(i + 1, end - i - 1));
      i = end;
    } else if (rest.starts_with("**")) {
      out += bold ? "</strong>" : "<strong>";
      bold = !bold;
      ++i;
    } else if (text[i] == '*') {
      out += slanted ? "</em>" : "<em>";
      slanted = !slanted;
    } else {
      std::string_view kept;
      for (const std::string_view known : kKept)
        if (rest.starts_with(known)) kept = known;
      out += kept.empty() ? safe(text.substr(i, 1)) : std::string(kept);
      if (!kept.empty()) i += kept.size() - 1;
    }
  }
  return out + (slanted ? "</em>" : "") + (bold ? "</strong>" : "");
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

// "| a | b\|c |": an escaped bar ends no cell.
std::vector<std::string_view> cells_of(std::string_view line) {
  std::vector<std::string_view> cells;
  std::size_t begin = 1;
  for (std::size_t i = 1; i < line.size(); ++i) {
    if (line[i] == '\\') {
      ++i;
    } else if (line[i] == '|') {
      cells.push_back(trimmed(line.substr(begin, i - begin)));
      begin = i + 1;
    }
  }
  return cells;
}

bool is_word(std::string_view cell) {
  return !cell.empty() && cell.find_first_not_of("abcdefghijklmnopqrstuvwxyz") == cell.npos;
}

class Converter {
 public:
  std::string convert(std::string_view markdown) {
    while (!markdown.empty()) {
      const std::size_t end = std::min(markdown.find('\n'), markdown.size());
      add(markdown.substr(0, end));
      markdown.remove_prefix(std::min(end + 1, markdown.size()));
    }
    close();
    return std::move(out_);
  }

 private:
  enum class Inside { nothing, list, table, text };

  void add(std::string_view line) {
    if (line.starts_with("```")) {  // text that stands as it is, until the next such line
      if (inside_ == Inside::text)
        close();
      else
        open(Inside::text, "<div class=\"wide\"><pre>");
      return;
    }
    if (inside_ == Inside::text) {
      out_ += safe(line) + "\n";
      return;
    }
    if (line.starts_with('|')) return add_row(cells_of(line));
    if (line.starts_with("- ")) {
      open(Inside::list, "<ul>\n");
      out_ += element("li", inline_html(line.substr(2))) + "\n";
      return;
    }
    close();
    if (line.starts_with("### "))
      out_ += element("h4", inline_html(line.substr(4))) + "\n";
    else if (line.starts_with("## "))
      out_ += element("h3", inline_html(line.substr(3))) + "\n";
    else if (line.starts_with("> "))
      out_ += element("p", inline_html(line.substr(2)), "class=\"alert\"") + "\n";
    else if (!line.empty())
      out_ += element("p", inline_html(line)) + "\n";
  }

  void add_row(const std::vector<std::string_view>& cells) {
    if (inside_ != Inside::table) {
      open(Inside::table, "<div class=\"wide\"><table>\n");
      head_.assign(cells.begin(), cells.end());
      return;
    }
    if (!head_.empty()) {  // the line below the head says how columns are aligned
      numeric_.clear();
      for (const std::string_view cell : cells) numeric_.push_back(cell.ends_with(':'));
      std::string row;
      for (std::size_t i = 0; i < head_.size(); ++i)
        row += element("th", inline_html(head_[i]), kind(i));
      out_ += element("thead", element("tr", row)) + "\n<tbody>\n";
      head_.clear();
      return;
    }
    std::string row;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      std::string attributes(kind(i));
      if (is_word(cells[i]))  // a style sheet may show "shared" in another way than "own"
        attributes += (attributes.empty() ? "" : " ") + attribute("data-word", cells[i]);
      row += element("td", inline_html(cells[i]), attributes);
    }
    out_ += element("tr", row) + "\n";
  }

  std::string_view kind(std::size_t column) const {
    return column < numeric_.size() && numeric_[column] ? "class=\"n\"" : "";
  }

  void open(Inside what, std::string_view begin) {
    if (inside_ == what) return;
    close();
    inside_ = what;
    out_ += begin;
  }

  void close() {
    if (inside_ == Inside::list) out_ += "</ul>\n";
    if (inside_ == Inside::table) out_ += "</tbody></table></div>\n";
    if (inside_ == Inside::text) out_ += "</pre></div>\n";
    inside_ = Inside::nothing;
  }

  std::string out_;
  Inside inside_ = Inside::nothing;
  std::vector<std::string> head_;
  std::vector<bool> numeric_;
};

}  // namespace

std::string from_markdown(std::string_view markdown) {
  return Converter().convert(markdown);
}

}  // namespace vtlab::render::html
