// call_rows.h — the maps of system calls, read and emptied. Private to probes/src.
#pragma once

#include "bpf_object.h"
#include "probes/calls.h"

namespace vtlab::probes {

/// Tells the kernel side which calls it can decode. Once, before the programs are attached.
void write_call_shapes(const vtlab_bpf& maps);

/// Forgets every call, also those that are going on.
void clear_calls(const vtlab_bpf& maps);

/// Throws std::runtime_error with the system's reason.
Calls read_calls(const vtlab_bpf& maps);

/// How many rows there is room for, given that each exists once per possible CPU.
std::uint32_t room_for_call_rows();

}  // namespace vtlab::probes
