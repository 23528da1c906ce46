// select.cpp — one wait with a record in several channels.
//
// All channels are locked at once, in the order of their addresses, so that nobody can see this
// select half entered: while it looks for a partner it is in no queue, hence cannot be taken as one
// itself, and two selects that fit each other cannot miss each other or both take a third. Then it
// has a record in every queue; whoever takes one claims the wait (ChannelWait::claim), and so does
// the select itself when it gives up. The records of the other cases are stale from then on: others
// drop them when they meet them, and the select takes out what is left before it returns.
//
// Atomic read-modify-writes, n channels: n if a case can happen at once, else n to enter, n - 1 to
// take the other records out, and the partner's claim.
//
// Rejected: entering one channel after another (two selects can then hold each other's only
// partner, and both must retreat and try again); trying the channels one by one before locking all
// (saves n - 1 if the first is ready, costs n if none is).
#include "vthreads/select.h"

#include <functional>
#include <mutex>

namespace vthreads {
namespace detail {

// A list of cases by next_, in the order of their channels' addresses.
class Select {
 public:
  explicit Select(std::span<SelectCase> cases) : cases_(cases), ordered_(sorted(cases)) {}

  Selected run(Deadline deadline, bool may_wait) {
    for (SelectCase* c = ordered_; c != nullptr; c = c->next_) {
      if (!c->sends_) c->ops_->reset(c->place_);
    }
    lock();
    if (const Selected now = try_each(); now.index != Selected::kNone) return now;
    if (!may_wait) {
      unlock();
      return {};
    }
    return wait(deadline);
  }

 private:
  static SelectCase* merged(SelectCase* a, SelectCase* b) {
    SelectCase* first = nullptr;
    SelectCase** end = &first;
    while (a != nullptr && b != nullptr) {
      SelectCase*& least = std::less<>()(b->channel_, a->channel_) ? b : a;
      *end = least;
      end = &least->next_;
      least = least->next_;
    }
    *end = a == nullptr ? b : a;
    return first;
  }

  // Without the cases that never happen. A merge sort, for its n log n without memory.
  static SelectCase* sorted(std::span<SelectCase> cases) {
    if (cases.size() > 1) {
      const std::size_t half = cases.size() / 2;
      return merged(sorted(cases.first(half)), sorted(cases.subspan(half)));
    }
    if (cases.empty() || cases[0].channel_ == nullptr) return nullptr;
    cases[0].next_ = nullptr;
    return cases.data();
  }

  static bool last_of_its_channel(const SelectCase& c) {
    return c.next_ == nullptr || c.next_->channel_ != c.channel_;
  }

  void lock() {
    for (SelectCase* c = ordered_; c != nullptr; c = c->next_) {
      if (last_of_its_channel(*c)) c->channel_->lock();
    }
  }
  void unlock() {
    for (SelectCase* c = ordered_; c != nullptr; c = c->next_) {
      if (last_of_its_channel(*c)) c->channel_->unlock();
    }
  }

  // Under all locks; unlocks if a case has happened.
  Selected try_each() {
    if (ordered_ == nullptr) return {};
    const std::size_t n = cases_.size();
    std::size_t index = n == 1 ? 0 : ordered_->channel_->random_below(n);
    for (std::size_t tried = 0; tried < n; ++tried, index = index + 1 == n ? 0 : index + 1) {
      SelectCase& c = cases_[index];
      if (c.channel_ == nullptr) continue;
      const ChannelStep step = c.sends_ ? c.channel_->begin_send(*c.ops_, c.place_)
                                        : c.channel_->begin_recv(*c.ops_, c.place_);
      if (step.kind == ChannelStep::Kind::must_wait) continue;
      unlock();
      if (c.sends_) {
        ChannelCore::end_send(*c.ops_, c.place_, step);
      } else {
        ChannelCore::end_recv(*c.ops_, c.place_, step);
      }
      return {index,
              step.kind == ChannelStep::Kind::closed ? ChannelStatus::closed : ChannelStatus::done};
    }
    return {};
  }

  // Under all locks.
  Selected wait(Deadline deadline) {
    ChannelWait wait(true);
    for (SelectCase* c = ordered_; c != nullptr; c = c->next_) {
      const auto index = static_cast<std::uint32_t>(c - cases_.data());
      c->record_ = {.wait = &wait, .place = c->place_, .index = index};
      c->channel_->join_queue(c->sends_, c->record_);
    }
    unlock();
    const WaitEnd end = await_grant(wait, deadline, OnStop::give_up, WaitReason::select,
                                    [&] { return wait.claim(ChannelWait::kGivenUp); });
    const std::uint32_t winner = wait.winner.load(std::memory_order_relaxed);
    take_out_all_but(winner);
    if (!granted_or_throw(end)) return {Selected::kNone, ChannelStatus::timeout};
    const bool closed = cases_[winner].record_.closed;
    return {winner, closed ? ChannelStatus::closed : ChannelStatus::done};
  }

  void take_out_all_but(std::uint32_t winner) {
    for (SelectCase* c = ordered_; c != nullptr; c = c->next_) {
      if (c - cases_.data() == winner) continue;  // whoever claimed it has taken it out
      const std::lock_guard lock(*c->channel_);
      c->channel_->leave_queue(c->sends_, c->record_);
    }
  }

  const std::span<SelectCase> cases_;
  SelectCase* const ordered_;
};

}  // namespace detail

Selected select(std::span<SelectCase> cases) {
  return detail::Select(cases).run(kNever, true);
}

Selected select_until(Deadline deadline, std::span<SelectCase> cases) {
  return detail::Select(cases).run(deadline, true);
}

Selected select_for(std::chrono::nanoseconds duration, std::span<SelectCase> cases) {
  return detail::Select(cases).run(deadline_after(duration), true);
}

Selected try_select(std::span<SelectCase> cases) {
  return detail::Select(cases).run({}, false);
}

}  // namespace vthreads
