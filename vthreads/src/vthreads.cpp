// vthreads.cpp — the public functions, each in a few lines over the parts.
#include "vthreads/vthreads.h"

#include <unistd.h>

#include <exception>
#include <system_error>
#include <thread>

#include "carrier.h"
#include "scheduler.h"
#include "vthread.h"

namespace vthreads {
namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void refuse(std::errc code, const char* what) {
  throw std::system_error(std::make_error_code(code), what);
}

}  // namespace

VThreadRef::VThreadRef(const VThreadRef& other) noexcept : core_(other.core_) {
  if (core_ != nullptr) detail::add_reference(*core_);
}

VThreadRef::~VThreadRef() {
  if (core_ != nullptr) detail::drop_reference(*core_);
}

void VThreadRef::unpark() const {
  if (core_ != nullptr) detail::unpark(*core_);
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
  if (!joinable())
    refuse(std::errc::invalid_argument, "vthreads: join of a handle that is not joinable");
  if (block_ == detail::current_vthread()) {
    refuse(std::errc::resource_deadlock_would_occur, "vthreads: join of itself");
  }
  const bool finished = block_->state() == detail::State::Done;
  if (!finished && !block_->scheduler.is_driven()) {
    refuse(std::errc::resource_deadlock_would_occur, "vthreads: join, but nobody is in run()");
  }
  if (block_->begin_join(detail::current_thread())) detail::wait(false);
  detail::ControlBlock& block = *std::exchange(block_, nullptr);
  const std::exception_ptr error = std::exchange(block.error, nullptr);
  detail::drop_reference(block);
  if (error != nullptr) std::rethrow_exception(error);
}

void VThread::detach() {
  if (!joinable())
    refuse(std::errc::invalid_argument, "vthreads: detach of a handle that is not joinable");
  block_->detach();
  detail::drop_reference(*std::exchange(block_, nullptr));
}

std::uint64_t VThread::id() const {
  return joinable() ? block_->id : 0;
}

void VThread::unpark() const {
  if (joinable()) detail::unpark(*block_);
}

VThreadRef VThread::ref() const {
  return joinable() ? make_ref(*block_) : VThreadRef();
}

Scheduler::Scheduler(Config config) : core_(new detail::SchedulerCore(config)) {}

Scheduler::~Scheduler() {
  core_->retire();
}

VThread Scheduler::start_body(detail::Body body) {
  return core_->start(std::move(body));
}

void Scheduler::run() {
  core_->run();
}

Stats Scheduler::stats() const {
  return core_->stats();
}

namespace this_vthread {

void yield() {
  if (detail::ControlBlock* self = detail::current_vthread()) {
    self->yield();
  } else {
    std::this_thread::yield();
  }
}

void park() {
  detail::wait(true);
}

bool park_until(Clock::time_point deadline) {
  return detail::wait(true, deadline).has_value();
}

bool park_for(std::chrono::nanoseconds duration) {
  return park_until(deadline_after(duration));
}

void sleep_until(Clock::time_point deadline) {
  if (deadline <= Clock::now()) return yield();
  detail::wait(false, deadline);
}

void sleep_for(std::chrono::nanoseconds duration) {
  sleep_until(deadline_after(duration));
}

std::uint64_t id() {
  const detail::ControlBlock* const self = detail::current_vthread();
  return self == nullptr ? 0 : self->id;
}

bool is_vthread() {
  return detail::current_vthread() != nullptr;
}

VThreadRef current() {
  return make_ref(detail::current_thread());
}

int carrier_tid() {
  const detail::Carrier* const carrier = detail::current_carrier();
  return carrier == nullptr ? ::gettid() : carrier->tid;
}

}  // namespace this_vthread

}  // namespace vthreads
