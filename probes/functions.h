// functions.h — counts how often an observed tree passes functions of its own programs, by uprobes.
//
// Owns      its programs and links, which go away with it; the maps are the session's.
// Cost      Each pass of a place traps into the kernel: some 0.4 µs where symbols::probe_place finds a
//           cheap place, 15 µs elsewhere. Processes outside the tree that run the same file pay nearly as much.
// Rule      Never at a return, never inside a function where an argument may have moved.
// Threads   As the session: one at a time.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "probes/session.h"

namespace vtlab::probes {

inline constexpr std::uint32_t kMostFunctionKeys = 32;
inline constexpr std::size_t kFunctionWords = 4, kFunctionValues = 64;

/// Where the words of a call are found: C: its first four arguments; go: the goroutine's address and
/// the first three.
enum class Abi { c, go };

/// Fields of a Java object, instead of the first two words of a call of which the second is its handle (jobject). The JVM
/// itself keeps where a field is, in an int that lies so many bytes behind the place of the probe; 0: no field.
using JavaFields = std::array<std::int64_t, 2>;
inline constexpr std::uint64_t kFieldNotRead = ~std::uint64_t{0};

/// Calls of functions that mean the same are one key, below kMostFunctionKeys.
struct FunctionPlaces {
  std::uint32_t key = 0;
  std::string file;                    ///< opened by the kernel; "/proc/self/fd/7" will do
  std::vector<std::uint64_t> offsets;  ///< in the file, of instructions
  Abi abi = Abi::c;
  std::optional<unsigned> by_word;  ///< also count by the values of this word of the call
  bool record = false;              ///< and each call, if SessionOptions::record_functions
  JavaFields fields{};              ///< only with a single place
};

struct FunctionCall {
  std::uint64_t time_ns = 0;  ///< CLOCK_MONOTONIC
  std::uint32_t key = 0, cpu = 0, tid = 0, tgid = 0;
  std::array<std::uint64_t, kFunctionWords> words{};
};

class FunctionProbes {
 public:
  /// The session must outlive it; there can be one for each session. Throws std::runtime_error if the
  /// ring of calls cannot be mapped.
  explicit FunctionProbes(Session& session);
  ~FunctionProbes();
  FunctionProbes(const FunctionProbes&) = delete;
  FunctionProbes& operator=(const FunctionProbes&) = delete;

  /// At all of the places, or at none: then why. Once for each key.
  std::optional<std::string> attach(const FunctionPlaces& places);

  /// Since the session was opened, of a key that is attached.
  std::uint64_t count(std::uint32_t key) const;
  /// By values of FunctionPlaces::by_word; the last one stands for itself and all larger ones.
  std::array<std::uint64_t, kFunctionValues> by_value(std::uint32_t key) const;
  /// How many runs the kernel says it skipped, of all keys; absent: it does not tell (before 5.12).
  std::optional<std::uint64_t> skipped() const;

  /// Calls that are ready, oldest first as far as one CPU goes.
  void drain(const std::function<void(const FunctionCall&)>& sink);
  std::uint64_t lost() const;  ///< calls that found no room since the session was opened

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vtlab::probes
