#include "scenarios/modes/vthread_runtime.h"

#include "vthreads/blocking.h"
#include "vthreads/event_log.h"
#include "vthreads/semaphore.h"

namespace vtlab {
namespace {

class VThreadSemaphore final : public Semaphore {
 public:
  explicit VThreadSemaphore(std::uint32_t permits) : permits_(permits) {}
  void acquire() override { permits_.acquire(); }
  void release() override { permits_.release(); }

 private:
  vthreads::Semaphore permits_;
};

vthreads::Config with_log(vthreads::Config config, const Params& params) {
  config.event_log = params.event_log;
  return config;
}

}  // namespace

vthreads::Config::Poller poller_of(const Params& params) {
  return params.poller == Poller::io_uring ? vthreads::Config::Poller::io_uring
                                           : vthreads::Config::Poller::epoll;
}

void check_poller(const Params& params) {
  if (params.poller == Poller::epoll) return;  // always there
  vthreads::Config config;
  config.drive = vthreads::Config::Drive::calling_thread;
  config.poller = poller_of(params);
  const vthreads::Scheduler tried(std::move(config));
}

VThreadRuntime::VThreadRuntime(vthreads::Config config, Action unit_action, const Params& params,
                               const ActionBoard& board)
    : board_(board),
      unit_action_(unit_action),
      driven_by_caller_(config.drive == vthreads::Config::Drive::calling_thread),
      scheduler_(with_log(std::move(config), params)) {
  vthreads_.reserve(params.tasks);
  if (params.event_log) ids_.resize(params.tasks);
}

void VThreadRuntime::start(std::uint32_t unit, std::function<void()> body) {
  const ActionScope scope(board_, unit_action_, unit);
  vthreads::VThread started = scheduler_.start(std::move(body));
  if (unit < ids_.size()) ids_[unit] = started.id();
  vthreads_.add(std::move(started));
}

void VThreadRuntime::join_all() {
  if (driven_by_caller_) scheduler_.run();
  vthreads_.join_all();
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

void VThreadRuntime::yield() {
  vthreads::this_vthread::yield();
}

void VThreadRuntime::sleep(std::uint64_t ns) {
  vthreads::this_vthread::sleep_for(std::chrono::nanoseconds(ns));
}

void VThreadRuntime::blocking(const std::function<void()>& call) {
  vthreads::blocking(call);
}

std::unique_ptr<Semaphore> VThreadRuntime::semaphore(std::uint32_t permits) {
  return std::make_unique<VThreadSemaphore>(permits);
}

std::optional<std::uint64_t> VThreadRuntime::unit_switches() const {
  return scheduler_.stats().mounts;
}

std::vector<UnitEvent> VThreadRuntime::events() {
  std::vector<UnitEvent> all;
  for (const vthreads::Event& e : scheduler_.events().events)
    all.push_back(
        {e.ns, e.vthread, e.arg, e.carrier, static_cast<std::uint8_t>(e.kind), e.reason, e.peer});
  return all;
}

}  // namespace vtlab
