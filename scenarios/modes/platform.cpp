// platform.cpp — one OS thread per unit (1:1), as std::thread and `new Thread` in Java give.
#include <thread>

#include "scenarios/claims/claims.h"
#include "scenarios/mode.h"
#include "scenarios/modes/started_units.h"

namespace vtlab {
namespace {

class PlatformRuntime final : public Runtime {
 public:
  PlatformRuntime(const Params& params, const ActionBoard& board) : board_(board) {
    threads_.reserve(params.tasks);
  }
  ~PlatformRuntime() override { join_all(); }

  void start(std::uint32_t unit, std::function<void()> body) override {
    const ActionScope scope(board_, Action::start_platform_thread, unit);
    threads_.add(std::thread(std::move(body)));
  }

  void join_all() override { threads_.join_all(); }

 private:
  const ActionBoard& board_;
  StartedUnits<std::thread> threads_;
};

constexpr const Claim* kClaims[] = {&claims::exist_platform};

}  // namespace

extern const Mode mode_platform;
const Mode mode_platform{
    .name = "platform",
    .title = "platform threads, 1:1",
    .lesson = "Every unit is an OS thread: the kernel makes, schedules and buries each of them.",
    .unit_action = Action::start_platform_thread,
    // A stack is a mapping and its guard page another; 8 KiB of stack are touched at once.
    .needs =
        [](const Params& p) {
          return Needs{p.tasks, std::uint64_t{2} * p.tasks, std::uint64_t{p.tasks} * (28u << 10)};
        },
    .make = [](const Params& params, const ActionBoard& board) -> std::unique_ptr<Runtime> {
      return std::make_unique<PlatformRuntime>(params, board);
    },
    .claims = kClaims,
};

}  // namespace vtlab
