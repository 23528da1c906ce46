// vthread_runtime.h — the runtime of the modes that are configurations of our vthreads.
#pragma once

#include <vector>

#include "scenarios/mode.h"
#include "vthreads/io.h"
#include "vthreads/vthreads.h"

namespace vtlab {

class VThreadRuntime final : public Runtime {
 public:
  VThreadRuntime(vthreads::Config config, Action unit_action, const Params& params,
                 const ActionBoard& board);

  void start(std::uint32_t unit, std::function<void()> body) override;
  void join_all() override;
  pid_t current_tid() const override;
  ssize_t read(int fd, void* buffer, std::size_t size) override;
  ssize_t write(int fd, const void* buffer, std::size_t size) override;
  std::optional<std::uint64_t> unit_switches() const override;

 private:
  const ActionBoard& board_;
  const Action unit_action_;
  const bool driven_by_caller_;
  vthreads::Scheduler scheduler_;
  std::vector<vthreads::VThread> vthreads_;
};

}  // namespace vtlab
