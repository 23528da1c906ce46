#include "render/html/text.h"

#include <cstdio>

namespace vtlab::render::html {

std::string safe(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string element(std::string_view name, std::string_view content, std::string_view attributes) {
  std::string out = "<" + std::string(name);
  if (!attributes.empty()) out += " " + std::string(attributes);
  return out + ">" + std::string(content) + "</" + std::string(name) + ">";
}

std::string words(std::string_view name, std::string_view text, std::string_view attributes) {
  return element(name, safe(text), attributes);
}

std::string attribute(std::string_view key, std::string_view value) {
  return std::string(key) + "=\"" + safe(value) + "\"";
}

std::string json_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    // "</script>" and "<!--" would end the element or change how it is read, wherever they stand.
    if (byte < 0x20 || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&') {
      char code[8];
      std::snprintf(code, sizeof code, "\\u%04x", byte);
      out += code;
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string bullet_list(const std::vector<std::string>& items) {
  if (items.empty()) return {};
  std::string out;
  for (const std::string& item : items) out += words("li", item);
  return element("ul", out) + "\n";
}

std::string fold(std::string_view summary, const std::string& content, bool open) {
  return element("details", words("summary", summary) + "\n" + content, open ? "open" : "") + "\n";
}

}  // namespace vtlab::render::html
