// metrics_test.cpp — what a scrape gets: addresses, texts, values that threads hand over, and sums as metrics.
#include <atomic>
#include <thread>

#include "metrics/address.h"
#include "metrics/families.h"
#include "metrics/handover.h"
#include "metrics/utf8.h"
#include "result/observed_json.h"
#include "support/catch.h"

namespace vtlab::test {
namespace {

const metrics::Family& family(const std::vector<metrics::Family>& all, const std::string& name) {
  for (const metrics::Family& one : all)
    if (one.name == name) return one;
  FAIL("no family " << name);
  return all.front();
}

result::Observed with_totals() {
  result::Totals totals;
  totals.voluntary = 7;
  totals.preempted = 3;
  totals.on_cpu_ns = 2'500'000'000;
  totals.waits = 6;
  totals.waited_ns = 20'000'000;
  totals.wait = {{1000, 2}, {8000, 3}};  // and one of more than any bucket has
  totals.migrations_missing_because = "only the rung tp_btf tells";
  totals.attempts = {{"clone3", "thread", "", 5},
                     {"", "process", "", 1},
                     {"clone", "process", "EAGAIN", 2},
                     {"clone", "process", "ERESTARTNOINTR", 9}};
  result::Observed observed;
  observed.observer = "ebpf";
  observed.pid = 12;
  observed.processes_missing_because = "no process was seen";
  observed.details.totals.value = totals;
  return observed;
}

TEST_CASE("a port alone is one of this machine only") {
  for (const char* word : {"9464", ":9464", "localhost:9464", "127.0.0.1:9464"}) {
    const auto address = metrics::parse_address(word);
    REQUIRE(address);
    CHECK(address->text() == "127.0.0.1:9464");
    CHECK_FALSE(address->is_everywhere());
  }
}

TEST_CASE("an address of version 6 stands in brackets") {
  const auto address = metrics::parse_address("[::1]:0");
  REQUIRE(address);
  CHECK(address->text() == "[::1]:0");
  CHECK(metrics::parse_address("[::]:1")->is_everywhere());
  CHECK(metrics::parse_address("0.0.0.0:1")->is_everywhere());
}

TEST_CASE("what is no address and port is none") {
  for (const char* word : {"", ":", "host:1", "1.2.3:1", "127.0.0.1", "65536", "-1", "1x", "[]:1",
                           "[127.0.0.1]:1", "::1:1", " 1"}) {
    INFO(word);
    CHECK_FALSE(metrics::parse_address(word));
  }
}

TEST_CASE("bytes that are no UTF-8 are replaced one by one and characters stay") {
  CHECK(metrics::only_utf8("a–é😀") == "a–é😀");
  CHECK(metrics::only_utf8("a\xff"
                           "b") ==
        "a\xef\xbf\xbd"
        "b");
  CHECK(metrics::only_utf8("\xc3") == "\xef\xbf\xbd");                  // cut short
  CHECK(metrics::only_utf8("\xc0\xaf") == "\xef\xbf\xbd\xef\xbf\xbd");  // longer than it need be
  CHECK(metrics::only_utf8("\xed\xa0\x80").size() == 9);                // half of a pair
  CHECK(metrics::only_utf8("\xf4\x90\x80\x80").size() == 12);           // beyond the last one
}

TEST_CASE("who asks gets what is seen after the question") {
  metrics::Handover<int> handover;
  std::atomic<int> world{1};
  CHECK_FALSE(handover.wanted());
  std::optional<int> got;
  std::thread asker([&] { got = handover.ask(); });
  while (!handover.wanted()) std::this_thread::yield();
  world = 2;
  handover.answer([&] { return world.load(); });
  asker.join();
  CHECK(got == 2);
  CHECK_FALSE(handover.wanted());
}

TEST_CASE("after the end the last answer stands and nobody waits") {
  metrics::Handover<int> handover;
  std::optional<int> nothing = 1;
  std::thread asker([&] { nothing = handover.ask(); });
  while (!handover.wanted()) std::this_thread::yield();
  handover.close();
  asker.join();
  CHECK_FALSE(nothing);
  handover.answer([] { return 7; });
  CHECK(handover.ask() == 7);
}

TEST_CASE("sums become metrics in base units") {
  const auto all =
      metrics::families({with_totals(), 4, std::map<std::string, std::uint64_t>{{"sleeping", 4}}});
  CHECK(family(all, "vtlab_cpu_seconds_total").samples.at(0).value == 2.5);
  CHECK(family(all, "vtlab_kernel_tasks_alive").samples.at(0).value == 4);
  const auto& created = family(all, "vtlab_kernel_tasks_created_total").samples;
  REQUIRE(created.size() == 2);
  CHECK(created[0].labels == metrics::Labels{{"syscall", "clone3"}, {"kind", "thread"}});
  CHECK(created[1].labels == metrics::Labels{{"syscall", "none"}, {"kind", "process"}});
}

TEST_CASE("a call that begins anew after a signal is no failure") {
  const auto all = metrics::families({with_totals(), {}, {}});
  const auto& failed = family(all, "vtlab_kernel_task_creations_failed_total").samples;
  REQUIRE(failed.size() == 1);
  CHECK(failed[0].value == 2);
}

TEST_CASE("what was not observed has no sample") {
  result::Observed observed = with_totals();
  observed.details.totals.value->on_cpu_ns.reset();
  observed.details.totals.value->waits.reset();
  const auto all = metrics::families({observed, {}, {}});
  for (const char* name :
       {"vtlab_cpu_seconds_total", "vtlab_run_queue_wait_seconds", "vtlab_cpu_migrations_total",
        "vtlab_kernel_tasks_alive", "vtlab_kernel_tasks_by_state", "vtlab_system_calls_total"})
    CHECK(family(all, name).samples.empty());
}

TEST_CASE("a histogram has all its buckets and counts what is in none") {
  const auto all = metrics::families({with_totals(), {}, {}});
  const metrics::Sample& waits = family(all, "vtlab_run_queue_wait_seconds").samples.at(0);
  REQUIRE(waits.buckets.size() == 24);
  CHECK(waits.buckets[0].count == 2);
  CHECK(waits.buckets[2].count == 2);
  CHECK(waits.buckets[3].count == 5);
  CHECK(waits.buckets[23].count == 5);
  CHECK(waits.count == 6);
  CHECK(waits.value == Approx(0.02));
}

TEST_CASE("totals come back from a document as they went in") {
  const std::string text = result::to_json(with_totals());
  const auto again = std::get<result::Observed>(result::read_document(text));
  CHECK(result::to_json(again) == text);
  CHECK(again.details.totals.value->attempts.size() == 4);
  CHECK(again.details.totals.value->wait.size() == 2);
  CHECK_FALSE(again.details.totals.value->migrations);
}

}  // namespace
}  // namespace vtlab::test
