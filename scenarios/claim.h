// claim.h — a statement about threads, and the predicate that the evidence must pass.
//
// Rule      The evidence is what the kernel or a clock said, never what vtlab meant to do; what was
//           not observed is absent. A claim that cannot fail is not a claim: tests feed each one
//           evidence that must be refuted.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "scenarios/actions.h"
#include "scenarios/params.h"

namespace vtlab {

struct Mode;

/// What one run of one experiment showed.
struct Evidence {
  Params params;
  std::string
      void_because;  ///< evidence was lost (and how): every verdict is then "not testable here"
  std::uint64_t units_done = 0;
  std::uint64_t spares = 0;  ///< OS threads that the mode may start for units in Runtime::blocking
  /// K, less those that the units' own work made on purpose (ActionText::by_body).
  std::optional<std::uint64_t> kernel_tasks;
  std::array<std::optional<std::uint64_t>, kActionCount> caused;  ///< K by action
  std::optional<std::uint64_t>
      sharing_mm;  ///< of the K, those that share their creator's address space
  std::optional<std::uint64_t>
      procfs_threads;  ///< largest `Threads:` seen in procfs while units waited
  std::optional<std::uint64_t>
      unit_tids;  ///< distinct kernel tasks on which units began or finished
  std::uint64_t main_tid = 0;
  bool only_on_main = false;                  ///< every unit began and finished on main_tid
  std::optional<std::uint64_t> most_waiting;  ///< units that waited at once, counted by the server
  std::uint64_t wall_ns = 0;
  std::map<std::string, std::uint64_t> reported;  ///< by the workload; see Scenario::reports
};

enum class Verdict { holds, refuted, not_testable_here };

/// Refuted beats not testable, which beats holds: what several verdicts on one claim come to.
inline bool is_worse(Verdict verdict, Verdict than) {
  if (verdict == Verdict::refuted) return than != Verdict::refuted;
  return verdict == Verdict::not_testable_here && than == Verdict::holds;
}

struct Check {
  Verdict verdict = Verdict::not_testable_here;
  std::string because;  ///< the evidence in numbers
};

struct Claim {
  std::string_view id;         ///< "exist.virtual"
  std::string_view statement;  ///< one sentence
  Check (*judge)(const Evidence&);
  bool (*about)(const Mode&);  ///< does it speak of this mode? A mode's own claims: always
};

/// judge(), unless the evidence is void.
Check judge(const Claim& claim, const Evidence& evidence);

}  // namespace vtlab
