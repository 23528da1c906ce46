// creations.h — records of the probes as records of the result: numbers become names. Pure; private
// to lab.
#pragma once

#include <string>
#include <vector>

#include "probes/session.h"
#include "result/creation.h"

namespace vtlab::lab {

/// "CLONE_VM|CLONE_VFORK|SIGCHLD"; bits without a name as a number. Names: linux/sched.h.
std::string flag_names(std::uint64_t flags, std::uint32_t exit_signal);

/// "EINVAL"; "ERESTARTNOINTR" for the kernel's own codes, with which a call begins anew after a signal.
std::string error_name(std::uint32_t error);

result::Creation to_result(const probes::Creation& creation);

/// Which stage is seen by which hook.
std::vector<result::StageNote> stage_notes(const std::vector<probes::Attached>& questions);

}  // namespace vtlab::lab
