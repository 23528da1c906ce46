#include "scenarios/workload.h"

#include <system_error>

namespace vtlab {

void Workload::start(std::uint32_t unit, std::function<void()> body) {
  start_steps(unit, [this, unit, body = std::move(body)] {
    body();
    finish(unit);
  });
}

void Workload::start_steps(std::uint32_t unit, std::function<void()> first) {
  log_.asked(unit);
  runtime_.start(unit, [this, unit, first = std::move(first)] {
    log_.began(unit, runtime_.current_tid());
    attempt(unit, first);
  });
}

std::function<void()> Workload::step(std::uint32_t unit, std::function<void()> callback) {
  return [this, unit, callback = std::move(callback)] { attempt(unit, callback); };
}

void Workload::attempt(std::uint32_t unit, const std::function<void()>& work) {
  try {
    work();
  } catch (const std::system_error& error) {
    log_.failed(unit, error.code().value());
  }
}

}  // namespace vtlab
