// commands.h — the command line: one file per command, registered in commands.cpp.
#pragma once

#include <string>

namespace vtlab::commands {

/// Parses and runs. Returns the exit code. Errors: lab::Error.
int run_command_line(int argc, char** argv, const std::string& version);

}  // namespace vtlab::commands
