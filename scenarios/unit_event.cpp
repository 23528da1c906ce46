#include "scenarios/unit_event.h"

#include <sstream>
#include <vector>

#include "vthreads/event_log.h"

namespace vtlab {
namespace {

vthreads::EventKind kind_of(const UnitEvent& event) {
  return static_cast<vthreads::EventKind>(event.kind);
}

}  // namespace

std::string to_words(const UnitEvent& e) {
  std::ostringstream out;
  out << e.ns << ' ' << e.vthread << ' ' << e.arg << ' ' << e.carrier << ' ' << unsigned{e.kind}
      << ' ' << unsigned{e.reason} << ' ' << e.peer;
  return out.str();
}

std::optional<UnitEvent> read_event(std::string_view words) {
  std::istringstream in{std::string(words)};
  UnitEvent e;
  unsigned kind = 0, reason = 0;
  if (!(in >> e.ns >> e.vthread >> e.arg >> e.carrier >> kind >> reason >> e.peer)) return {};
  if (kind > UINT8_MAX || reason > UINT8_MAX) return {};
  e.kind = static_cast<std::uint8_t>(kind);
  e.reason = static_cast<std::uint8_t>(reason);
  return e;
}

bool is_loss(const UnitEvent& event) {
  return kind_of(event) == vthreads::EventKind::lost;
}

bool is_unpark_by_readiness(const UnitEvent& event) {
  return kind_of(event) == vthreads::EventKind::unpark &&
         static_cast<vthreads::Actor>(event.reason) == vthreads::Actor::readiness;
}

std::optional<std::string> first_illegal_step(std::span<const UnitEvent> events) {
  std::vector<vthreads::Event> theirs;
  theirs.reserve(events.size());
  for (const UnitEvent& e : events)
    theirs.push_back({e.ns, e.vthread, e.arg, e.carrier, kind_of(e), e.reason, e.peer});
  return vthreads::first_illegal_step(theirs);
}

}  // namespace vtlab
