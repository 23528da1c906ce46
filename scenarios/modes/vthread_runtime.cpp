#include "scenarios/modes/vthread_runtime.h"

namespace vtlab {

VThreadRuntime::VThreadRuntime(vthreads::Config config, Action unit_action, const Params& params,
                               const ActionBoard& board)
    : board_(board),
      unit_action_(unit_action),
      driven_by_caller_(config.drive == vthreads::Config::Drive::calling_thread),
      scheduler_(std::move(config)) {
  vthreads_.reserve(params.tasks);
}

void VThreadRuntime::start(std::uint32_t unit, std::function<void()> body) {
  const ActionScope scope(board_, unit_action_, unit);
  vthreads_.push_back(scheduler_.start(std::move(body)));
}

void VThreadRuntime::join_all() {
  if (driven_by_caller_) scheduler_.run();
  for (vthreads::VThread& vthread : vthreads_) vthread.join();
  vthreads_.clear();
}

pid_t VThreadRuntime::current_tid() const {
  return vthreads::this_vthread::carrier_tid();
}

ssize_t VThreadRuntime::read(int fd, void* buffer, std::size_t size) {
  return vthreads::io::read(fd, buffer, size);
}

ssize_t VThreadRuntime::write(int fd, const void* buffer, std::size_t size) {
  return vthreads::io::write(fd, buffer, size);
}

std::optional<std::uint64_t> VThreadRuntime::unit_switches() const {
  return scheduler_.stats().mounts;
}

}  // namespace vtlab
