#include "render/html/embedded.h"

namespace vtlab::render::html {
namespace {

struct File {
  std::string_view name, text;
};

constexpr File kFiles[] = {
#include "report_files.inc"
#include "report_library.inc"
};

struct Hash {
  std::string_view name, hash;
};

constexpr Hash kHashes[] = {
#include "report_hashes.inc"
};

constexpr Embedded find(std::string_view name) {
  Embedded out{};
  for (const File& file : kFiles)
    if (file.name == name) out.text = file.text;
  for (const Hash& hash : kHashes)
    if (hash.name == name) out.hash = hash.hash;
  return out;
}

}  // namespace

Embedded style_sheet() {
  return find("report.css");
}

Embedded chart_library() {
  return find("chart.min.js");
}

Embedded script() {
  return find("report.js");
}

Embedded lanes_script() {
  return find("timeline.js");
}

Embedded licence() {
  return find("chart-licence.txt");
}

}  // namespace vtlab::render::html
