#include "scenarios/unit_event.h"

#include <charconv>
#include <cstdint>
#include <iterator>
#include <system_error>
#include <vector>

#include "vthreads/event_log.h"

namespace vtlab {
namespace {

vthreads::EventKind kind_of(const UnitEvent& event) {
  return static_cast<vthreads::EventKind>(event.kind);
}

vthreads::Event of_vthreads(const UnitEvent& e) {
  return {e.ns, e.vthread, e.arg, e.carrier, kind_of(e), e.reason, e.peer};
}

}  // namespace

std::string_view kind_word(const UnitEvent& event) {
  return vthreads::name_of(kind_of(event));
}

std::string_view reason_word(const UnitEvent& event) {
  return vthreads::reason_name_of(of_vthreads(event));
}

// There may be millions of them: no streams.
std::string to_words(const UnitEvent& e) {
  char text[160];
  char* end = text;
  const auto add = [&](std::uint64_t number) {
    if (end != text) *end++ = ' ';
    end = std::to_chars(end, std::end(text), number).ptr;
  };
  for (const std::uint64_t number : {e.ns, e.vthread, e.arg}) add(number);
  for (const std::uint32_t number :
       {e.carrier, std::uint32_t{e.kind}, std::uint32_t{e.reason}, std::uint32_t{e.peer}})
    add(number);
  return {text, end};
}

std::optional<UnitEvent> read_event(std::string_view words) {
  const char *at = words.data(), *end = at + words.size();
  bool good = true;
  const auto take = [&](auto& number) {
    while (at != end && *at == ' ') ++at;
    const auto [next, error] = std::from_chars(at, end, number);
    good = good && error == std::errc();
    at = next;
  };
  UnitEvent e;
  take(e.ns);
  take(e.vthread);
  take(e.arg);
  take(e.carrier);
  take(e.kind);
  take(e.reason);
  take(e.peer);
  return good ? std::optional(e) : std::nullopt;
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
  for (const UnitEvent& e : events) theirs.push_back(of_vthreads(e));
  return vthreads::first_illegal_step(theirs);
}

}  // namespace vtlab
