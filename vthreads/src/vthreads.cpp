// vthreads.cpp — the public functions, each in a few lines over the parts.
#include "vthreads/vthreads.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <exception>
#include <system_error>
#include <thread>

#include "carrier_switch.h"
#include "event_log/note.h"
#include "scheduler.h"
#include "vthread.h"
#include "vthreads/blocking.h"
#include "vthreads/event_log.h"

namespace vthreads {
namespace {

using detail::ControlBlock;
using detail::current_vthread;

[[noreturn]] void refuse(std::errc code, const char* what) {
  throw std::system_error(std::make_error_code(code), what);
}

// The compiler may keep the address of errno, and the vthread may be on another OS thread by now: hence
// a function of its own.
[[gnu::noinline]] void set_errno(int error) {
  errno = error;
}

bool is_stopped(const detail::ThreadCore& self) {
  return self.stop.load(std::memory_order_relaxed) &&
         static_cast<const ControlBlock&>(self).is_stopped();
}

}  // namespace

std::string_view name_of(State state) {
  static constexpr std::array<std::string_view, 8> kNames{
      "fresh", "runnable", "running", "parking", "parked", "pinned", "blocking", "done"};
  return kNames[static_cast<std::size_t>(state)];
}

detail::Fresh detail::prepare(SchedulerCore& scheduler) {
  ControlBlock& vthread = scheduler.prepare();
  return {vthread, vthread.body};
}

void detail::launch(ControlBlock& vthread) {
  vthread.scheduler.launch(vthread);
}

void detail::launch_detached(ControlBlock& vthread) {
  vthread.be_detached();
  vthread.scheduler.launch(vthread);
}

void detail::set_name(ControlBlock& vthread, std::string_view name) {
  vthread.set_name(name);
}

std::stop_token detail::stop_token_of_caller() {
  return this_vthread::stop_token();
}

detail::AskToStop detail::ask_caller_to_stop() {
  return {*current_vthread()};
}

void detail::AskToStop::operator()() const noexcept {
  vthread.request_stop();
}

void detail::abandon(ControlBlock& vthread) {
  vthread.scheduler.abandon(vthread);
}

VThreadRef::VThreadRef(const VThreadRef& other) noexcept : core_(other.core_) {
  if (core_ != nullptr) detail::add_reference(*core_);
}

VThreadRef::~VThreadRef() {
  if (core_ != nullptr) detail::drop_reference(*core_);
}

void VThreadRef::unpark() const {
  if (core_ != nullptr) detail::unpark(*core_);
}

void VThreadRef::request_stop() const {
  if (core_ != nullptr && core_->is_vthread()) static_cast<ControlBlock*>(core_)->request_stop();
}

VThread& VThread::operator=(VThread&& other) noexcept {
  if (joinable()) std::terminate();
  block_ = std::exchange(other.block_, nullptr);
  return *this;
}

VThread::~VThread() {
  if (joinable()) std::terminate();
}

void VThread::join() {
  join_until(kNever);
}

bool VThread::join_until(Deadline deadline) {
  if (!joinable())
    refuse(std::errc::invalid_argument, "vthreads: join of a handle that is not joinable");
  if (!block_->is_finished()) {
    detail::ThreadCore& self = detail::current_thread();
    if (block_ == &self)
      refuse(std::errc::resource_deadlock_would_occur, "vthreads: join of itself");
    if (!self.is_vthread() && !block_->scheduler.is_driven())
      refuse(std::errc::resource_deadlock_would_occur, "vthreads: join, but nobody is in run()");
    if (block_->begin_join(self)) {
      while (!block_->is_finished()) {
        const bool stopped = is_stopped(self);
        if (!stopped && self.await(deadline, WaitReason::join)) continue;
        if (!block_->cancel_join(self)) break;
        if (stopped) throw Stopped();
        return false;
      }
    }
  }
  ControlBlock& block = *std::exchange(block_, nullptr);
  const std::exception_ptr error = std::move(block.error);
  detail::drop_reference(block);
  if (error != nullptr) [[unlikely]]
    std::rethrow_exception(error);
  return true;
}

void VThread::detach() {
  if (!joinable())
    refuse(std::errc::invalid_argument, "vthreads: detach of a handle that is not joinable");
  std::exchange(block_, nullptr)->detach();
}

std::uint64_t VThread::id() const {
  return joinable() ? block_->id : 0;
}

std::string VThread::name() const {
  return joinable() ? block_->copy_of_name() : std::string();
}

State VThread::state() const {
  if (!joinable())
    refuse(std::errc::invalid_argument, "vthreads: state of a handle that is not joinable");
  return block_->state();
}

WaitReason VThread::wait_reason() const {
  if (!joinable())
    refuse(std::errc::invalid_argument, "vthreads: wait_reason of a handle that is not joinable");
  return block_->wait_reason.load(std::memory_order_relaxed);
}

void VThread::unpark() const {
  if (joinable()) detail::unpark(*block_);
}

void VThread::request_stop() const {
  if (joinable()) block_->request_stop();
}

VThreadRef VThread::ref() const {
  return joinable() ? make_ref(*block_) : VThreadRef();
}

Scheduler::Scheduler(Config config) : core_(&detail::SchedulerCore::make(config)) {}

Scheduler::~Scheduler() {
  core_->retire();
}

void Scheduler::run() {
  core_->run();
}

Stats Scheduler::stats() const {
  return core_->stats();
}

EventLog Scheduler::events() {
  EventLog log;
  drain_events([&log](std::span<const Event> piece) {
    log.events.insert(log.events.end(), piece.begin(), piece.end());
    for (const Event& event : piece) log.lost += event.kind == EventKind::lost ? event.arg : 0;
  });
  sort_by_time(log.events);
  return log;
}

void Scheduler::drain_events(const std::function<void(std::span<const Event>)>& take) {
  if (detail::EventLogs* const log = core_->log()) log->drain(take);
}

namespace this_vthread {

[[gnu::noinline]] void yield() {
  detail::Carrier* const carrier = detail::this_carrier;
  if (carrier == nullptr || carrier->mounted == nullptr) return std::this_thread::yield();
  if (carrier->mounted->pins == 0) carrier->yield(*carrier->mounted);
}

void park() {
  park_until(kNever);
}

bool park_until(Deadline deadline) {
  detail::ThreadCore& self = detail::current_thread();
  for (bool in_time = true;;) {
    if (self.permit.load(std::memory_order_relaxed) &&
        self.permit.exchange(false, std::memory_order_acq_rel))
      return true;
    if (is_stopped(self)) throw Stopped();
    if (!in_time) return false;
    in_time = self.await(deadline, WaitReason::park);
  }
}

bool park_for(std::chrono::nanoseconds duration) {
  return park_until(deadline_after(duration));
}

void sleep_until(Deadline deadline) {
  do {
    detail::throw_if_stopped();
  } while (detail::await_signal(deadline, WaitReason::sleep));
}

void sleep_for(std::chrono::nanoseconds duration) {
  if (duration <= std::chrono::nanoseconds(0)) {
    detail::throw_if_stopped();
    return yield();
  }
  sleep_until(deadline_after(duration));
}

std::uint64_t id() {
  const ControlBlock* const self = current_vthread();
  return self == nullptr ? 0 : self->id;
}

bool is_vthread() {
  return current_vthread() != nullptr;
}

bool stop_requested() {
  return detail::stop_requested();
}

std::stop_token stop_token() {
  ControlBlock* const self = current_vthread();
  return self == nullptr ? std::stop_token() : self->stop_token();
}

void set_name(std::string_view name) {
  if (ControlBlock* const self = current_vthread()) self->set_name(name);
}

std::string name() {
  const ControlBlock* const self = current_vthread();
  return self == nullptr ? std::string() : std::string(self->name());
}

VThreadRef current() {
  return make_ref(detail::current_thread());
}

int carrier_tid() {
  const detail::Carrier* const carrier = detail::current_carrier();
  return carrier == nullptr ? ::gettid() : carrier->tid;
}

}  // namespace this_vthread

StopMask::StopMask() {
  if (ControlBlock* const self = current_vthread()) ++self->stop_masks;
}
StopMask::~StopMask() {
  if (ControlBlock* const self = current_vthread()) --self->stop_masks;
}

Pin::Pin() {
  if (ControlBlock* const self = current_vthread()) ++self->pins;
}
Pin::~Pin() {
  if (ControlBlock* const self = current_vthread()) --self->pins;
}

detail::BlockingRegion::BlockingRegion() : entered_(false) {
  ControlBlock* const self = current_vthread();
  if (self == nullptr || self->state() == State::blocking) return;
  entered_ = true;
  ++self->pins;
  self->change(State::blocking);
  note_blocking_enter(*self);
  self->scheduler.enter_blocking(*self->carrier);
}

detail::BlockingRegion::~BlockingRegion() {
  if (!entered_) return;
  const int error = errno;
  ControlBlock& self = *current_vthread();
  note_blocking_exit(self);
  self.scheduler.exit_blocking(self);
  --self.pins;
  set_errno(error);
}

}  // namespace vthreads
