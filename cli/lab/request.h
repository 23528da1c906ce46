// request.h — what the user asked for, parsed: names have become pointers into the catalogue.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "lab/recording.h"
#include "probes/rung.h"
#include "scenarios/catalogue.h"

namespace vtlab::lab {

enum class ObserverChoice { automatic, ebpf, ptrace };

struct Request {
  const Scenario* scenario = nullptr;
  std::vector<const Mode*> modes;
  bool all_modes =
      false;      ///< "all": a mode that does not fit this machine is skipped, not an error
  Params params;  ///< complete: defaults filled in
  std::optional<std::uint32_t> procs;  ///< Ps in mode gmp; none: as many as carriers
  std::uint32_t repeat = 1;
  std::uint64_t timeout_ns = 0;  ///< of one run; 0: chosen from what the run should take
  ObserverChoice observer = ObserverChoice::automatic;
  std::optional<probes::Rung> rung;
  Recording recording;
};

}  // namespace vtlab::lab
