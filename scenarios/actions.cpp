#include "scenarios/actions.h"

#include <unistd.h>

namespace vtlab {
namespace {

constexpr ActionText kTexts[] = {
    {Action::none, "unattributed", "no published action"},
    {Action::start_carrier, "start-carrier", "start carrier"},
    {Action::start_platform_thread, "start-platform-thread", "start platform thread"},
    {Action::start_pool_thread, "start-pool-thread", "start pool thread"},
    {Action::fork, "fork", "fork"},
    {Action::start_virtual_thread, "start-virtual-thread", "start virtual thread"},
    {Action::start_green_thread, "start-green-thread", "start green thread"},
    {Action::start_m, "start-m", "start M"},
    {Action::start_sysmon, "start-sysmon", "start sysmon"},
    {Action::start_g, "start-g", "start G"},
    {Action::post_callback, "post-callback", "post callback"},
    {Action::call_fork, "call-fork", "call fork", true},
    {Action::vfork, "vfork", "vfork", true},
    {Action::posix_spawn, "posix-spawn", "posix_spawn", true},
    {Action::pthread_create, "pthread-create", "pthread_create", true},
    {Action::raw_clone, "raw-clone", "raw clone", true},
    {Action::raw_clone3, "raw-clone3", "raw clone3", true},
    {Action::start_musl_program, "start-musl-program", "start musl program", true},
    {Action::musl_thread, "musl-thread", "musl thread", true},
    {Action::io_uring_worker, "io-uring-worker", "io_uring worker", true},
    {Action::failing_clone, "failing-clone", "failing clone", true},
    {Action::start_runtime_thread, "start-runtime-thread", "start runtime thread"},
};

static_assert(std::size(kTexts) == kActionCount);

}  // namespace

std::span<const ActionText> action_texts() {
  return kTexts;
}

const ActionText& text(Action action) {
  return kTexts[static_cast<std::size_t>(action)];
}

std::string_view action_key(std::uint32_t action) {
  return kTexts[action < std::size(kTexts) ? action : 0].key;
}

ActionSlot* ActionBoard::slot_of(pid_t tid) const {
  const auto index = static_cast<std::size_t>(tid);
  return index < slots_.size() ? &slots_[index] : nullptr;
}

ActionScope::ActionScope(const ActionBoard& board, Action action, std::uint32_t unit)
    : slot_(board.slot_of(gettid())) {
  if (!slot_) return;
  outer_ = slot_->word.load(std::memory_order_relaxed);
  slot_->word.store(ActionSlot::pack(action, unit + 1), std::memory_order_relaxed);
}

ActionScope::~ActionScope() {
  if (slot_) slot_->word.store(outer_, std::memory_order_relaxed);
}

}  // namespace vtlab
