// workload.h — one running experiment as the body of a scenario sees it: its units, parameters and
// connections.
#pragma once

#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/actions.h"
#include "scenarios/params.h"
#include "scenarios/runtime.h"
#include "scenarios/unit_log.h"

namespace vtlab {

class Workload {
 public:
  /// `connections` has what the scenario needs: a socket or two pipe ends per unit, one file for
  /// all, or nothing. Borrows all of them.
  Workload(Runtime& runtime, UnitLog& log, const Params& params,
           const std::vector<int>& connections, const ActionBoard& board)
      : runtime_(runtime), log_(log), params_(params), connections_(connections), board_(board) {}

  const Params& params() const { return params_; }
  Runtime& runtime() { return runtime_; }
  /// For units that make kernel tasks themselves.
  const ActionBoard& board() const { return board_; }
  /// What the unit reads from. Of a file there is one for all.
  int connection(std::uint32_t unit) const {
    return connections_.at(params_.over == Over::file ? 0 : unit * (is_pipe() ? 2 : 1));
  }
  /// What it writes its requests to: the same, or the second of two pipes.
  int requests(std::uint32_t unit) const {
    return is_pipe() ? connections_.at(2 * unit + 1) : connection(unit);
  }

  /// Starts unit number `unit` and keeps its record. A std::system_error out of `body` marks the
  /// unit as failed.
  void start(std::uint32_t unit, std::function<void()> body);
  void join_all() { runtime_.join_all(); }

  /// The same for a unit that is made of callbacks (Scenario::callbacks): `first` begins it, step() is each
  /// one that follows, and one of them says finish(). A std::system_error out of one of them marks the unit
  /// as failed, and it must not have another.
  void start_steps(std::uint32_t unit, std::function<void()> first);
  std::function<void()> step(std::uint32_t unit, std::function<void()> callback);
  void finish(std::uint32_t unit) { log_.finished(unit, runtime_.current_tid()); }

  /// Says that all units wait now, and returns when they have been looked at. By any unit, which holds its
  /// OS thread meanwhile.
  void all_wait() {
    if (look_) look_();
  }
  /// Who looks; without one, nobody does.
  void set_look(std::function<void()> look) { look_ = std::move(look); }

  /// A number that the body found out, for `Scenario::reports`. By the thread that runs the body.
  void report(std::string_view key, std::uint64_t value) { reported_[std::string(key)] = value; }
  const std::map<std::string, std::uint64_t>& reported() const { return reported_; }

 private:
  bool is_pipe() const { return params_.over == Over::pipe; }
  void attempt(std::uint32_t unit, const std::function<void()>& work);

  Runtime& runtime_;
  UnitLog& log_;
  const Params& params_;
  const std::vector<int>& connections_;
  std::function<void()> look_;
  const ActionBoard& board_;
  std::map<std::string, std::uint64_t> reported_;
};

}  // namespace vtlab
