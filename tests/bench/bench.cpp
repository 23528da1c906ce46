#include "bench.h"

#include <time.h>

#include <charconv>
#include <cstdio>
#include <exception>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <thread>

namespace vtlab::bench {
namespace {

struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

std::uint64_t number(const std::string& option, std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value == 0)
    throw UsageError(option + " needs a whole number above 0");
  return value;
}

Options parse(std::span<char*> words) {
  Options options;
  options.work = words[0];
  for (std::size_t i = 1; i < words.size(); i += 2) {
    const std::string option = words[i];
    std::uint64_t* const place = option == "--n"          ? &options.n
                                 : option == "--ops"      ? &options.ops
                                 : option == "--carriers" ? &options.carriers
                                                          : nullptr;
    if (place == nullptr) throw UsageError("unknown option " + option);
    if (i + 1 == words.size()) throw UsageError(option + " needs a value");
    *place = number(option, words[i + 1]);
  }
  return options;
}

const Work& find(std::span<const Work> works, const std::string& name) {
  for (const Work& work : works)
    if (name == work.name) return work;
  throw UsageError("this program has no work '" + name + "'");
}

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

}  // namespace

int run(int argc, char** argv, const std::string& version, std::span<const Work> works) try {
  const std::span<char*> words(argv + 1, static_cast<std::size_t>(argc - 1));
  if (words.empty())
    throw UsageError("which work? 'works' lists them; then --n N --carriers C --ops K");
  const std::string_view first = words[0];
  if (first == "version") {
    std::puts(version.c_str());
  } else if (first == "works") {
    for (const Work& work : works) std::puts(work.name);
  } else {
    const Options options = parse(words);
    find(works, options.work).run(options);
  }
  return 0;
} catch (const UsageError& error) {
  std::fprintf(stderr, "%s: %s\n", argv[0], error.what());
  return 2;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s: %s\n", argv[0], error.what());
  return 1;
}

void report(const Options& options, const char* measure, double value, const char* unit) {
  std::printf(
      "{\"work\": \"%s\", \"carriers\": %llu, \"n\": %llu, \"ops\": %llu, \"value\": %.6g, "
      "\"unit\": \"%s\"}\n",
      measure, static_cast<unsigned long long>(options.carriers),
      static_cast<unsigned long long>(options.n), static_cast<unsigned long long>(options.ops),
      value, unit);
  std::fflush(stdout);
}

Memory memory() {
  Memory now{};
  std::ifstream status("/proc/self/status");
  for (std::string key; status >> key; status.ignore(1000, '\n')) {
    double kilobytes = 0;
    if (key == "RssAnon:" && status >> kilobytes) now.resident = kilobytes * 1024;
    if (key == "VmPTE:" && status >> kilobytes) now.page_tables = kilobytes * 1024;
  }
  return now;
}

void report_parked(const Options& options, const Memory& before) {
  const Memory now = memory();
  const double units = static_cast<double>(options.n);
  const double resident = (now.resident - before.resident) / units;
  const double tables = (now.page_tables - before.page_tables) / units;
  report(options, "parked", resident + tables, "bytes");
  report(options, "parked-resident", resident, "bytes");
  report(options, "parked-page-tables", tables, "bytes");
}

void report_idle(const Options& options) {
  using namespace std::chrono_literals;
  std::this_thread::sleep_for(
      200ms);  // whoever has just parked the last unit may still look around
  const double before = cpu_seconds();
  const double wall = seconds([] { std::this_thread::sleep_for(1s); });
  report(options, "parked-idle-cpu", (cpu_seconds() - before) * 1e3 / wall, "ms/s");
}

}  // namespace vtlab::bench
