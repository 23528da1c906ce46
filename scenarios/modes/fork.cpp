// fork.cpp — one process per unit, as servers did before threads.
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <vector>

#include "scenarios/claims/claims.h"
#include "scenarios/mode.h"

namespace vtlab {
namespace {

class ForkRuntime final : public Runtime {
 public:
  ForkRuntime(const Params& params, const ActionBoard& board) : board_(board) {
    children_.reserve(params.tasks);
  }

  void start(std::uint32_t unit, std::function<void()> body) override {
    const ActionScope scope(board_, Action::fork, unit);
    const pid_t child = fork();
    if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
    if (child == 0) {
      children_.clear();  // those are its siblings
      body();
      join_all();
      _exit(0);
    }
    children_.push_back(child);
  }

  void join_all() override {
    for (const pid_t child : children_) {
      while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
      }
    }
    children_.clear();
  }

 private:
  const ActionBoard& board_;
  std::vector<pid_t> children_;
};

constexpr const Claim* kClaims[] = {&claims::exist_process};

}  // namespace

extern const Mode mode_fork;
const Mode mode_fork{
    .name = "fork",
    .title = "a process per unit",
    .lesson = "Every unit is a process: a task_struct and an address space of its own.",
    .unit_action = Action::fork,
    .units_are_processes = true,
    // Copied page tables, kernel stack, task and mm structs.
    .needs =
        [](const Params& p) {
          return Needs{p.tasks, 0, std::uint64_t{p.tasks} * (160u << 10)};
        },
    .make = [](const Params& params, const ActionBoard& board) -> std::unique_ptr<Runtime> {
      return std::make_unique<ForkRuntime>(params, board);
    },
    .claims = kClaims,
};

}  // namespace vtlab
