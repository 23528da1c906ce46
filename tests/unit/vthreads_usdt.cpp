// The USDT probes as tools see them: notes in the ELF file.
#include <cstdio>
#include <set>
#include <string>

#include "support/require.h"
#include "vthreads/event_log.h"
#include "vthreads/vthreads.h"

namespace vthreads {
namespace {

#if __has_include(<sys/sdt.h>)
constexpr bool kBuiltWithProbes = true;
#else
constexpr bool kBuiltWithProbes = false;
#endif

// readelf -n prints per probe: "Provider: vthreads" and then "Name: mount".
std::set<std::string> probes_of_this_program() {
  std::set<std::string> names;
  FILE* const readelf = ::popen("readelf -n /proc/$PPID/exe 2>/dev/null", "r");
  if (readelf == nullptr) return names;
  bool ours = false;
  char line[512];
  while (std::fgets(line, sizeof line, readelf) != nullptr) {
    const std::string text(line);
    if (text.find("Provider: ") != std::string::npos)
      ours = text.find("Provider: vthreads\n") != std::string::npos;
    if (const auto at = text.find("Name: "); at != std::string::npos && ours)
      names.insert(text.substr(at + 6, text.size() - at - 7));
  }
  ::pclose(readelf);
  return names;
}

}  // namespace

TEST_CASE("every kind of event is a USDT probe of this program", "[vthreads][events]") {
  VTLAB_NEEDS(kBuiltWithProbes, "built without <sys/sdt.h> (Debian: systemtap-sdt-dev)");
  VTLAB_NEEDS(std::system("command -v readelf >/dev/null") == 0, "readelf (binutils) is missing");
  std::set<std::string> expected;
  for (auto kind = EventKind::start; kind < EventKind::lost;
       kind = static_cast<EventKind>(static_cast<std::uint8_t>(kind) + 1))
    expected.emplace(name_of(kind));
  CHECK(probes_of_this_program() == expected);
}

}  // namespace vthreads
