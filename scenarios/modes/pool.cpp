// pool.cpp — C platform threads and one queue: what most servers do today.
#include <condition_variable>
#include <mutex>
#include <queue>
#include <thread>
#include <vector>

#include "scenarios/claims/claims.h"
#include "scenarios/mode.h"

namespace vtlab {
namespace {

class PoolRuntime final : public Runtime {
 public:
  PoolRuntime(const Params& params, const ActionBoard& board) {
    try {
      for (std::uint32_t i = 0; i < params.carriers; ++i) {
        const ActionScope scope(board, Action::start_pool_thread);
        threads_.emplace_back([this] { work(); });
      }
    } catch (...) {
      join_all();
      throw;
    }
  }
  ~PoolRuntime() override { join_all(); }

  void start(std::uint32_t, std::function<void()> body) override {
    {
      const std::lock_guard lock(mutex_);
      jobs_.push(std::move(body));
    }
    changed_.notify_one();
  }

  void join_all() override {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return closed_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      const std::function<void()> job = std::move(jobs_.front());
      jobs_.pop();
      lock.unlock();
      job();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::queue<std::function<void()>> jobs_;  // guarded by mutex_
  bool closed_ = false;                     // guarded by mutex_
  std::vector<std::thread> threads_;
};

constexpr const Claim* kClaims[] = {&claims::exist_pool};

}  // namespace

extern const Mode mode_pool;
const Mode mode_pool{
    .name = "pool",
    .title = "a pool of platform threads",
    .lesson =
        "As few OS threads as virtual threads have carriers, but a unit that waits keeps its "
        "thread.",
    .unit_action = Action::start_pool_thread,
    .waiting_at_once = [](const Params& p) { return p.carriers; },
    .threads = [](const Params& p) { return p.carriers; },
    .needs =
        [](const Params& p) {
          return Needs{p.carriers, std::uint64_t{2} * p.carriers,
                       std::uint64_t{p.carriers} * (28u << 10) + std::uint64_t{p.tasks} * 128};
        },
    .make = [](const Params& params, const ActionBoard& board) -> std::unique_ptr<Runtime> {
      return std::make_unique<PoolRuntime>(params, board);
    },
    .claims = kClaims,
};

}  // namespace vtlab
