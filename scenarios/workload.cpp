#include "scenarios/workload.h"

#include <system_error>

namespace vtlab {

void Workload::start(std::uint32_t unit, std::function<void()> body) {
  log_.asked(unit);
  runtime_.start(unit, [this, unit, body = std::move(body)] {
    log_.began(unit, runtime_.current_tid());
    try {
      body();
      log_.finished(unit, runtime_.current_tid());
    } catch (const std::system_error& error) {
      log_.failed(unit, error.code().value());
    }
  });
}

}  // namespace vtlab
