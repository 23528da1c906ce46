// call_names.h — what the numbers of system calls mean on this machine. Private to probes/src.
#pragma once

#include <cstdint>

namespace vtlab::probes {

/// What the kernel side may read out of the arguments of this call: an enum vt_shape.
std::uint32_t call_shape(std::uint32_t number);

}  // namespace vtlab::probes
