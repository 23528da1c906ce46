// priorities.h — what the kernel has made of the priorities that Java's threads asked for.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>

namespace vtlab::lab {

/// "nice_1" to "nice_10": the nice value of the threads that asked for each priority. Thread "unit-N" asked for
/// 1 + N mod 10 (Priorities.java). A priority that nobody asked for, or whose threads differ, is left out.
std::map<std::string, double> nice_by_priority(pid_t jvm);

}  // namespace vtlab::lab
