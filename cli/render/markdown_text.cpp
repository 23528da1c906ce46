#include "render/markdown_text.h"

#include <cctype>

namespace vtlab::render {
namespace {

bool is_word(std::string_view text, std::size_t at) {
  return at < text.size() && std::isalnum(static_cast<unsigned char>(text[at]));
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool inside_word = c == '_' && i > 0 && is_word(text, i - 1) && is_word(text, i + 1);
    if (c == '<')
      out += "&lt;";
    else if (c == '&')
      out += "&amp;";
    else if (!inside_word && std::string_view("\\|*_`[]~").find(c) != std::string_view::npos)
      out += std::string("\\") + c;
    else
      out += c;
  }
  return out;
}

std::string bold(const std::string& text) {
  return text.empty() ? text : "**" + text + "**";
}

std::string table_line(const std::vector<std::string>& cells) {
  std::string out = "|";
  for (const std::string& cell : cells) out += cell.empty() ? " |" : " " + cell + " |";
  return out + "\n";
}

std::string bullets(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) out += "- " + escaped(item) + "\n";
  return out;
}

std::string probes_table(const std::vector<Probe>& probes) {
  std::string out = table_line({"counter", "question", "asked by", "1 means", "refused"}) +
                    table_line({":--", ":--", ":--", ":--", ":--"});
  for (const Probe& probe : probes) {
    std::string refused;
    for (const result::TriedRung& rung : probe.refused)
      refused += (refused.empty() ? "" : "<br>") +
                 escaped(rung.rung + " " + rung.hook + ": " + rung.because);
    std::string how = probe.rung.empty() ? "not attached" : escaped(probe.rung + " " + probe.hook);
    if (!probe.only_for.empty()) how += " (" + escaped(probe.only_for) + ")";
    out += table_line(
        {escaped(probe.counter), escaped(probe.question), how, escaped(probe.meaning), refused});
  }
  return out;
}

}  // namespace vtlab::render
