#include "lab/carriers.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <utility>

#include "lab/procfs.h"

namespace vtlab::lab {
namespace {

std::string task_file(std::uint32_t tgid, std::uint32_t tid, const char* file) {
  return "/proc/" + std::to_string(tgid) + "/task/" + std::to_string(tid) + "/" + file;
}

// Name, state and last CPU: fields 2, 3 and 39 of proc_pid_stat(5).
void describe(result::Carrier& carrier, std::uint32_t tgid) {
  std::ifstream in(task_file(tgid, static_cast<std::uint32_t>(carrier.tid), "stat"));
  std::string text;
  std::getline(in, text);
  const auto name = text.find('('), end = text.rfind(')');
  if (end == std::string::npos) return;
  carrier.name = text.substr(name + 1, end - name - 1);
  std::istringstream rest(text.substr(end + 1));
  rest >> carrier.state;
  std::string skip;
  for (int field = 4; field < 39; ++field) rest >> skip;
  rest >> carrier.cpu;
}

}  // namespace

std::vector<result::Carrier> Carriers::look(const std::vector<std::uint32_t>& tgids,
                                            std::uint64_t now_ns, std::size_t most) {
  std::vector<std::pair<result::Carrier, std::uint32_t>> busy;  // with its tgid
  std::unordered_map<std::uint32_t, Used> seen;
  const double passed = static_cast<double>(now_ns - last_ns_);
  for (const std::uint32_t tgid : tgids) {
    for (const std::uint32_t tid : threads_of(tgid)) {
      if (seen.size() == kMostLookedAt) break;
      Used used;
      std::ifstream in(task_file(tgid, tid, "schedstat"));
      if (!(in >> used.running_ns >> used.waiting_ns >> used.runs)) continue;
      seen[tid] = used;
      const auto before = last_.find(tid);
      if (before == last_.end() || used.runs <= before->second.runs) continue;
      const auto share = [&](std::uint64_t Used::*what, double of) {
        return static_cast<double>(used.*what - before->second.*what) / of;
      };
      busy.push_back({{.tid = tid,
                       .running = share(&Used::running_ns, passed),
                       .waiting = share(&Used::waiting_ns, passed),
                       .runs_per_s = share(&Used::runs, passed / 1e9)},
                      tgid});
    }
  }
  last_ = std::move(seen);
  last_ns_ = now_ns;
  std::sort(busy.begin(), busy.end(),
            [](const auto& a, const auto& b) { return a.first.running > b.first.running; });
  busy.resize(std::min(busy.size(), most));
  std::vector<result::Carrier> carriers;
  for (auto& [carrier, tgid] : busy) {
    describe(carrier, tgid);
    carriers.push_back(std::move(carrier));
  }
  return carriers;
}

}  // namespace vtlab::lab
