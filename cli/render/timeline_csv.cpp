// timeline_csv.cpp — the rows of a timeline, one per line, for spreadsheets, pandas and databases: runs, then mounts, then events,
// each in order of time.
//
// Fields as in csv.cpp. Times are ns: of CLOCK_MONOTONIC, and from the beginning of the run on. What does not apply, or is not
// known, is empty.
#include "render/csv_writer.h"
#include "render/format.h"
#include "render/renderer.h"
#include "render/timeline_view.h"
#include "result/timeline_words.h"

namespace vtlab::render {
namespace {

using result::Timeline;

constexpr std::size_t kPiece = 64 << 10;
constexpr std::uint64_t kRowsBetweenRests = 1 << 16;
constexpr std::string_view kHeader =
    "scenario,mode,row,at_ns,monotonic_ns,length_ns,cpu,tid,task,unit,what,detail\n";

// Lines on their way out.
class Lines {
 public:
  explicit Lines(const Sink& sink) : sink_(sink), out_(kHeader) {}
  ~Lines() { flush(); }
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;

  void about(const std::string& scenario, const std::string& mode) {
    prefix_ = csv_field(scenario) + "," + csv_field(mode);
  }
  void add(std::initializer_list<std::string_view> fields) {
    out_ += prefix_;
    for (const std::string_view field : fields) (out_ += ',') += field;
    out_ += '\n';
    if (out_.size() >= kPiece) flush();
  }

 private:
  void flush() {
    sink_(out_);
    out_.clear();
  }

  const Sink& sink_;
  std::string out_, prefix_;
};

// One timeline.
class Table {
 public:
  Table(Lines& out, const Timeline& timeline) : out_(out), t_(timeline) {
    for (std::uint32_t i = 0; i < t_.tasks.size(); ++i)
      tasks_.push_back(csv_field(task_name(t_, i)));
  }

  void write() {
    for (const Timeline::Run& run : t_.runs)
      add("run", run, std::to_string(run.cpu), run.task, unit_of(run), word(run.end),
          beginning_of(t_, run));
    for (const Timeline::Mount& mount : t_.mounts)
      add("mount", mount, "", mount.task, unit(mount.unit), word(mount.end), "");
    for (const Timeline::Event& event : t_.events)
      add("event", At{event.at_ns, event.at_ns}, "", event.task, unit(event.unit), word(event.kind),
          happening_of(t_, event));
  }

 private:
  struct At {
    std::uint64_t from_ns, to_ns;
  };

  std::string unit(std::uint32_t unit) const {
    return unit == Timeline::kNobody ? "" : csv_field(unit_name(t_, unit));
  }
  std::string unit_of(const Timeline::Run& run) const { return unit(t_.tasks[run.task].unit); }

  template <class Span>
  void add(std::string_view row, const Span& span, std::string_view cpu, std::uint32_t task,
           std::string_view unit, std::string_view what, const std::string& detail) {
    if (++rows_ % kRowsBetweenRests == 0) t_.units.let_go();  // of which names were made
    const bool known = task != Timeline::kNobody;
    out_.add({row, std::to_string(span.from_ns), std::to_string(t_.start_ns + span.from_ns),
              std::to_string(span.to_ns - span.from_ns), cpu,
              known ? std::to_string(t_.tasks[task].tid) : "",
              known ? std::string_view(tasks_[task]) : "", unit, what, csv_field(detail)});
  }

  Lines& out_;
  const Timeline& t_;
  std::vector<std::string> tasks_;
  std::uint64_t rows_ = 0;
};

void stream_results(const result::ResultSet& set, const Options&, const Sink& sink) {
  Lines out(sink);
  for (const result::Result& r : set.results) {
    out.about(r.scenario, r.mode);
    if (const auto& timeline = r.details.timeline.value) Table(out, *timeline).write();
  }
}

void stream_observed(const result::Observed& observed, const Options&, const Sink& sink) {
  Lines out(sink);
  out.about("", "");
  if (const auto& timeline = observed.details.timeline.value) Table(out, *timeline).write();
}

}  // namespace

extern const Renderer renderer_timeline_csv{
    .name = "timeline-csv",
    .title = "the rows of a timeline, a line for each run, mount and event",
    .ending = ".timeline.csv",
    .render = all_at_once<result::ResultSet, stream_results>,
    .render_observed = all_at_once<result::Observed, stream_observed>,
    .stream = stream_results,
    .stream_observed = stream_observed,
    .needs = "timeline"};

}  // namespace vtlab::render
