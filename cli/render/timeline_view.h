// timeline_view.h — a part of a timeline, as a person may look at it: who is shown, what is where in each column, and
// what happened, in sentences. Internal to render.
//
// Threads   Free functions and plain values; the timeline stays its owner's and must live longer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "render/renderer.h"
#include "result/timeline.h"

namespace vtlab::render {

/// What is looked at. Times are ns from the start of the timeline.
struct Part {
  std::uint64_t from_ns = 0, to_ns = 0;
  std::optional<std::uint32_t> unit;  ///< a place in Timeline::units
};

/// Nothing, with the reason in `why`, if there is no such unit or the time is not within the timeline.
std::optional<Part> part_of(const result::Timeline& timeline, const Zoom& zoom, std::string& why);

/// "+12.345 ms"
std::string since_start(std::uint64_t ns);
/// "unit 7", or by its name or id.
std::string unit_name(const result::Timeline& timeline, std::uint32_t unit);
/// "carrier 0", "unit 7", or its name and tid; "elsewhere" for nobody.
std::string task_name(const result::Timeline& timeline, std::uint32_t task);

/// What happened, without when and where: "unit 7 parks: io read".
std::string happening_of(const result::Timeline& timeline, const result::Timeline::Event& event);

/// "gets CPU 1, woken by main", and "leaves CPU 1: it waits in the kernel"; the latter is empty if nobody saw it.
std::string beginning_of(const result::Timeline& timeline, const result::Timeline::Run& run);
std::string end_of(const result::Timeline::Run& run);

/// One thing that happened.
struct Happening {
  std::uint64_t at_ns = 0;
  std::uint32_t task = result::Timeline::kNobody;
  std::string text;
};

/// The first `most` of the part, in order of time; `more` says how many there are beside those.
std::vector<Happening> happenings(const result::Timeline& timeline, const Part& part,
                                  std::size_t most, std::uint64_t& more);

/// Columns of equal length: in each the share of its time that something took.
class Strip {
 public:
  Strip(const Part& part, std::size_t columns);
  /// Somebody was there from then to then.
  void add(std::uint64_t from_ns, std::uint64_t to_ns, std::uint32_t who);
  std::size_t columns() const { return cells_.size(); }
  double share(std::size_t column) const;                       ///< of all together, 0…1
  std::optional<std::uint32_t> most(std::size_t column) const;  ///< who took the most of it

 private:
  struct Taken {
    std::uint32_t who;
    std::uint64_t ns;
  };
  struct Cell {
    std::uint64_t sum = 0;
    std::vector<Taken> taken;
  };
  std::uint64_t begin(std::size_t column) const;

  Part part_;
  std::vector<Cell> cells_;
};

}  // namespace vtlab::render
