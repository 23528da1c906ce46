// vthread_runtime.h — the runtime of the modes that are configurations of our vthreads.
#pragma once

#include <algorithm>
#include <vector>

#include "scenarios/mode.h"
#include "scenarios/modes/started_units.h"
#include "vthreads/io.h"
#include "vthreads/vthreads.h"

namespace vtlab {

/// Carriers that there may ever be, spare ones included (vthreads::Config::max_carriers).
constexpr std::uint32_t most_carriers(const Params& params) {
  return std::max(params.carriers, 256u);
}
/// Not more stand in than units can wait.
inline std::uint32_t spare_carriers(const Params& params) {
  return std::min(params.tasks, most_carriers(params) - params.carriers);
}

vthreads::Config::Poller poller_of(const Params& params);

/// Mode::check of these modes: makes a scheduler with that poller, and no thread.
void check_poller(const Params& params);

class VThreadRuntime final : public Runtime {
 public:
  VThreadRuntime(vthreads::Config config, Action unit_action, const Params& params,
                 const ActionBoard& board);

  void start(std::uint32_t unit, std::function<void()> body) override;
  void join_all() override;
  pid_t current_tid() const override;
  ssize_t read(int fd, void* buffer, std::size_t size) override;
  ssize_t write(int fd, const void* buffer, std::size_t size) override;
  void yield() override;
  void sleep(std::uint64_t ns) override;
  void blocking(const std::function<void()>& call) override;
  std::unique_ptr<Semaphore> semaphore(std::uint32_t permits) override;
  std::optional<std::uint64_t> unit_switches() const override;
  std::vector<UnitEvent> events() override;
  std::vector<std::uint64_t> unit_ids() const override { return ids_; }

 private:
  const ActionBoard& board_;
  const Action unit_action_;
  const bool driven_by_caller_;
  vthreads::Scheduler scheduler_;
  StartedUnits<vthreads::VThread> vthreads_;
  std::vector<std::uint64_t>
      ids_;  // by unit, each written by who starts it; only with an event log
};

}  // namespace vtlab
