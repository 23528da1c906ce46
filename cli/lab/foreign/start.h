// start.h — which JDK or Go a mode of another runtime uses, and the words that start its program.
#pragma once

#include "lab/foreign/program.h"
#include "lab/foreign/runtimes.h"
#include "lab/request.h"

namespace vtlab::lab {

/// Fills Request::foreign for those of its modes that need it: the first runtime that can be used, and our program,
/// compiled for it. Where the user named several with --java, a mode becomes one for each, named "java-virtual@21".
/// A mode without a runtime gets the reason. Errors: lab::Error if a word names no runtime, or the program
/// cannot be compiled.
void find_starts(Request& request, const RuntimePlaces& places, const User& user,
                 const Tell& tell = {});

/// "java-virtual" of "java-virtual@21": what the mode is called in the catalogue.
std::string_view name_without_version(const Mode& mode);

}  // namespace vtlab::lab
