#include "lab/lives.h"

#include "lab/procfs.h"

namespace vtlab::lab {

void Lives::take(const probes::Event& event) {
  using probes::EventKind;
  if (event.kind != EventKind::started && event.kind != EventKind::exited) return;
  std::vector<std::size_t>& mine = by_tid_[event.tid];
  const auto add = [&] {
    mine.push_back(all_.size());
    return &all_.emplace_back();
  };
  if (event.kind == EventKind::started) {
    *add() = {event.tid,  event.tgid,   true,          false, event.action,
              event.unit, event.by_tid, event.time_ns, 0,     {}};
    return;
  }
  Life* life = mine.empty() || all_[mine.back()].ended ? add() : &all_[mine.back()];
  life->tid = event.tid;
  life->tgid = event.tgid;
  life->ended = true;
  life->ended_ns = event.time_ns;
  life->name = event.comm.data();
}

void Lives::name_the_living() {
  for (Life& life : all_)
    if (!life.ended) life.name = comm_of(life.tgid, life.tid);
}

const std::vector<std::size_t>& Lives::of(std::uint32_t tid) const {
  static const std::vector<std::size_t> kNone;
  const auto known = by_tid_.find(tid);
  return known == by_tid_.end() ? kNone : known->second;
}

std::optional<std::size_t> LifeFinder::next(std::uint32_t tid, bool born) {
  const std::vector<std::size_t>& lives = lives_.of(tid);
  if (lives.empty()) return {};
  std::size_t& place = passed_[tid];
  while (place < lives.size() && lives_.all()[lives[place]].born_here != born) ++place;
  if (place == lives.size()) return {};
  return lives[place++];
}

}  // namespace vtlab::lab
