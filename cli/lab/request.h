// request.h — what the user asked for, parsed: names have become pointers into the catalogue.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lab/recording.h"
#include "probes/rung.h"
#include "scenarios/catalogue.h"

namespace vtlab::lab {

/// How the program of a foreign mode is started, or why it cannot be.
struct ForeignStart {
  std::string runtime;  ///< "JDK 25.0.1"
  std::vector<std::string>
      command;          ///< the words before SCENARIO; the first is the path of the program
  std::string why_not;  ///< empty: it can be
  std::vector<std::string> type;  ///< what to type to get it
};

enum class ObserverChoice { automatic, ebpf, ptrace };

struct Request {
  const Scenario* scenario = nullptr;
  std::vector<const Mode*> modes;
  std::map<const Mode*, ForeignStart> foreign;  ///< of those of them that need it
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
