#include "scenarios/lateness.h"

#include "scenarios/percentile.h"

namespace vtlab {

const std::array<Reported, 3> Lateness::kReports{{
    {"late_p50_ns", "woken late by, median", "ns"},
    {"late_p99_ns", "woken late by, p99", "ns"},
    {"late_max_ns", "woken late by, most", "ns"},
}};

void Lateness::note(std::uint64_t due_ns, std::size_t number) {
  const std::uint64_t now = monotonic_ns();
  late_ns_[number].store(now > due_ns ? now - due_ns : 0, std::memory_order_relaxed);
}

void Lateness::sleep(Runtime& runtime, std::uint64_t ns, std::size_t number) {
  const std::uint64_t due = monotonic_ns() + ns;
  runtime.sleep(ns);
  note(due, number);
}

void Lateness::after(EventLoop& loop, std::uint64_t ns, std::size_t number,
                     EventLoop::Callback callback) {
  loop.after(ns, [this, due = monotonic_ns() + ns, number, callback = std::move(callback)] {
    note(due, number);
    callback();
  });
}

void Lateness::report(Workload& work) const {
  std::vector<std::uint64_t> late(&late_ns_[0], &late_ns_[0] + sleeps_);
  work.report(kReports[0].key, percentile(late, 0.50));
  work.report(kReports[1].key, percentile(late, 0.99));
  work.report(kReports[2].key, percentile(late, 1.00));
}

}  // namespace vtlab
