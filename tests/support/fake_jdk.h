// fake_jdk.h — a home of a JDK that is made up of two files.
#pragma once

#include <string>

#include "support/folder.h"

namespace vtlab::test {

constexpr const char* kModulesOfJdk = "MODULES=\"java.base java.compiler jdk.compiler\"\n";
constexpr const char* kFails = "exit 99\n";
/// A compiler that does its work, once its words before -d are skipped.
constexpr const char* kCompiles =
    "while [ \"$1\" != -d ]; do shift; done\nmkdir \"$2\" && cat Main.java >\"$2/Main.class\"\n";

/// The path of the home. `java`: what bin/java does, as a shell script.
inline std::string make_jdk(const Folder& folder, const std::string& home,
                            const std::string& version, const std::string& modules = kModulesOfJdk,
                            const std::string& java = kFails) {
  folder.write(home + "/bin/java", "#!/bin/sh\n" + java, 0755);
  folder.write(home + "/release", "IMPLEMENTOR=\"Us\"\nJAVA_VERSION=\"" + version +
                                      "\"\nJAVA_VERSION_DATE=\"2026-01-20\"\n" + modules);
  return folder.path(home);
}

}  // namespace vtlab::test
