#include "render/html/observed_picture.h"

#include <algorithm>

#include "render/creator_view.h"
#include "render/format.h"
#include "render/html/ledger_picture.h"

namespace vtlab::render::html {
namespace {

using result::Creator;
using result::LedgerRow;
using result::Observed;

constexpr std::size_t kMostPlaces = 7;  // as many boxes as the eye takes in; the table has all

std::optional<std::uint64_t> count_of(const Observed& observed, std::string_view key) {
  for (const result::Metric& metric : observed.counts)
    if (metric.key == key && metric.value) return static_cast<std::uint64_t>(*metric.value);
  return std::nullopt;
}

LedgerRow row_of(const Creator& place, bool threads_alone_share) {
  const PlaceView view = make_place_view(place);
  LedgerRow row{"place", view.frames.empty() ? "" : view.frames.front().name, place.tasks(), {}};
  if (view.frames.empty()) row = {"unattributed", "place not known", place.tasks(), {}};
  // A process may run in its creator's memory (vfork): then how many of this place do is not known.
  if (place.processes == 0 || threads_alone_share) row.sharing_mm = place.threads;
  return row;
}

}  // namespace

std::string observed_picture(const Observed& observed) {
  const auto tasks = count_of(observed, "kernel_tasks");
  if (!tasks) return {};
  const auto threads = count_of(observed, "threads"), sharing = count_of(observed, "sharing_mm");
  result::Result program;
  program.mode = "new tasks, by the function that asked for them";
  program.kernel_tasks = tasks;
  std::uint64_t told = 0;
  if (const auto& creators = observed.details.creators.value) {
    for (std::size_t i = 0; i < std::min(creators->places.size(), kMostPlaces); ++i) {
      program.ledger.push_back(row_of(creators->places[i], threads && threads == sharing));
      told += program.ledger.back().kernel_tasks;
    }
  }
  if (told < *tasks)
    program.ledger.push_back(
        {"unattributed", told ? "other places" : "nobody recorded where", *tasks - told, {}});
  return ledger_picture({&program});
}

}  // namespace vtlab::render::html
