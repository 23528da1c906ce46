// foreign.h — modes whose units are threads of another language's runtime: the real JVM, the real Go.
//
// Their program is written in that language (foreign/java, foreign/go), talks to vtlab as vtlab-child does
// (docs/child-protocol.md), and is compiled when it is first used.
#pragma once

namespace vtlab {

enum class Language { java, go };

/// Those in which a scenario is written beside C++.
struct Languages {
  bool java = false, go = false;

  constexpr bool has(Language language) const { return language == Language::java ? java : go; }
};

}  // namespace vtlab
