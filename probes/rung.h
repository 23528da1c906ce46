// rung.h — the ways to attach a probe, best first, and what came of trying one.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "probes/counters.h"

namespace vtlab::probes {

/// Order is preference. A function rung sees every attempt; a tracepoint rung sees what the kernel
/// reports. fexit is fentry's form for questions whose answer is the function's return value.
enum class Rung { fentry, fexit, kprobe, tp_btf, tracepoint };

inline constexpr Rung kRungs[] = {Rung::fentry, Rung::fexit, Rung::kprobe, Rung::tp_btf,
                                  Rung::tracepoint};

std::string_view name(Rung rung);
std::optional<Rung> parse_rung(std::string_view name);
constexpr bool probes_function(Rung rung) {
  return rung <= Rung::kprobe;
}

/// Three outcomes, because "this process may not" is not "this kernel cannot".
enum class Outcome { yes, no, could_not_tell };

/// One rung that was really tried: loaded and attached, or refused.
struct Trial {
  Counter counter;
  Rung rung;
  std::string hook;  ///< the kernel function or tracepoint
  Outcome outcome = Outcome::could_not_tell;
  std::string because;  ///< the step that was refused and the system's own reason; empty for yes
};

}  // namespace vtlab::probes
