#include "result/timeline_json.h"

#include <algorithm>

namespace vtlab::result {
namespace {

using Run = Timeline::Run;
using Mount = Timeline::Mount;
using Event = Timeline::Event;

// Places are the numbers of the enumerators.
constexpr std::string_view kRunEnds[] = {"blocked", "yielded", "preempted", "ended", "open"};
constexpr std::string_view kWokenBy[] = {"nobody", "task", "interrupt", "outside"};
constexpr std::string_view kMountEnds[] = {"parked", "yielded", "done", "blocking", "open"};
constexpr std::string_view kKinds[] = {
    "start", "park",  "unpark",     "signal",   "pin",           "unpin",        "block", "unblock",
    "done",  "steal", "compensate", "hand_off", "carrier_start", "carrier_stop", "sleep", "wake"};
constexpr std::string_view kActors[] = {"nobody",     "unit",     "task",
                                        "descriptor", "deadline", "earlier_signal"};

Json index(std::uint32_t place) {
  return place == Timeline::kNobody ? Json() : Json(place);
}
Json known(std::uint64_t value) {
  return value == Timeline::kNotKnown ? Json() : Json(value);
}
Json known(const std::optional<std::uint64_t>& value) {
  return value ? Json(*value) : Json();
}
template <class Enum>
Json place(Enum value) {
  return static_cast<unsigned>(value);
}

template <class T, class F>
void column(Json& columns, const char* key, const std::vector<T>& rows, F value) {
  Json out = Json::array();
  out.get_ref<Json::array_t&>().reserve(rows.size());
  for (const T& row : rows) out.push_back(value(row));
  columns[key] = std::move(out);
}

Json table(Json columns) {
  Json out;
  out["columns"] = std::move(columns);
  return out;
}

Json write_tasks(const std::vector<Timeline::Task>& tasks) {
  Json out;
  column(out, "tid", tasks, [](const auto& t) { return Json(t.tid); });
  column(out, "tgid", tasks, [](const auto& t) { return Json(t.tgid); });
  column(out, "name", tasks, [](const auto& t) { return Json(t.name); });
  column(out, "role", tasks, [](const auto& t) { return Json(t.role); });
  const auto told = [](const auto& t) { return !t.action.empty(); };
  if (std::any_of(tasks.begin(), tasks.end(), told))
    column(out, "action", tasks, [](const auto& t) { return Json(t.action); });
  column(out, "unit", tasks, [](const auto& t) { return index(t.unit); });
  column(out, "made_by", tasks, [](const auto& t) { return index(t.made_by); });
  column(out, "born_ns", tasks, [](const auto& t) { return known(t.born_ns); });
  column(out, "ended_ns", tasks, [](const auto& t) { return known(t.ended_ns); });
  return table(std::move(out));
}

Json write_units(const std::vector<Timeline::Unit>& units) {
  Json out;
  column(out, "id", units, [](const auto& u) { return Json(u.id); });
  column(out, "number", units, [](const auto& u) { return known(u.number); });
  const auto named = [](const auto& u) { return !u.name.empty(); };
  if (std::any_of(units.begin(), units.end(), named))
    column(out, "name", units, [](const auto& u) { return Json(u.name); });
  return table(std::move(out));
}

Json write_runs(const std::vector<Run>& runs) {
  Json out;
  column(out, "task", runs, [](const Run& r) { return index(r.task); });
  column(out, "cpu", runs, [](const Run& r) { return Json(r.cpu); });
  column(out, "from_ns", runs, [](const Run& r) { return Json(r.from_ns); });
  column(out, "to_ns", runs, [](const Run& r) { return Json(r.to_ns); });
  column(out, "end", runs, [](const Run& r) { return place(r.end); });
  column(out, "waited_ns", runs, [](const Run& r) { return known(r.waited_ns); });
  column(out, "woken_by", runs, [](const Run& r) { return place(r.woken); });
  column(out, "waker", runs, [](const Run& r) { return index(r.waker); });
  return table(std::move(out));
}

Json write_mounts(const std::vector<Mount>& mounts) {
  Json out;
  column(out, "unit", mounts, [](const Mount& m) { return index(m.unit); });
  column(out, "task", mounts, [](const Mount& m) { return index(m.task); });
  column(out, "from_ns", mounts, [](const Mount& m) { return Json(m.from_ns); });
  column(out, "to_ns", mounts, [](const Mount& m) { return Json(m.to_ns); });
  column(out, "end", mounts, [](const Mount& m) { return place(m.end); });
  return table(std::move(out));
}

Json write_events(const std::vector<Event>& events) {
  Json out;
  column(out, "at_ns", events, [](const Event& e) { return Json(e.at_ns); });
  column(out, "kind", events, [](const Event& e) { return place(e.kind); });
  column(out, "task", events, [](const Event& e) { return index(e.task); });
  column(out, "unit", events, [](const Event& e) { return index(e.unit); });
  column(out, "reason", events, [](const Event& e) { return index(e.reason); });
  column(out, "by", events, [](const Event& e) { return place(e.by); });
  column(out, "number", events, [](const Event& e) { return known(e.number); });
  column(out, "peer", events, [](const Event& e) { return index(e.peer); });
  return table(std::move(out));
}

template <std::size_t N>
Json words(const std::string_view (&list)[N]) {
  Json out = Json::array();
  for (const std::string_view word : list) out.push_back(word);
  return out;
}

// The lists of words as a document has them, with the enumerators that they mean to us.
template <class Enum, std::size_t N>
std::vector<Enum> read_words(const Node& in, const char* key, const std::string_view (&list)[N]) {
  return in.list(key, [&](const Node& word) {
    const auto* known = std::find(std::begin(list), std::end(list), word.text());
    if (known == std::end(list)) word.fail("this vtlab does not know \"" + word.text() + "\"");
    return static_cast<Enum>(known - std::begin(list));
  });
}

// The columns of one table: each as long as the others.
class Columns {
 public:
  Columns(const Node& in, const char* table) : in_(in.at(table).at("columns")) {
    in_.expect_object();
  }

  std::vector<std::uint64_t> wholes(const char* key) {
    return checked(key, in_.wholes(key, Timeline::kNotKnown));
  }
  std::vector<std::string> texts(const char* key) {
    return checked(key, in_.list(key, [](const Node& text) { return text.text(); }));
  }
  std::vector<std::string> texts_if(const char* key) {
    return in_.has(key) ? texts(key) : std::vector<std::string>(*rows_);
  }
  // Numbers that must be there, and not above `most`.
  std::vector<std::uint64_t> numbers(const char* key, std::uint64_t most) {
    std::vector<std::uint64_t> values = wholes(key);
    for (std::size_t i = 0; i < values.size(); ++i)
      if (values[i] > most)
        fail(key, i, "expected a whole number of at most " + std::to_string(most));
    return values;
  }
  // Places in a list of so many; null is kNobody.
  std::vector<std::uint32_t> places(const char* key, std::size_t count) {
    const std::vector<std::uint64_t> values = wholes(key);
    std::vector<std::uint32_t> out(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (values[i] != Timeline::kNotKnown && values[i] >= count)
        fail(key, i, "there is no entry " + std::to_string(values[i]));
      out[i] = static_cast<std::uint32_t>(values[i]);  // kNotKnown becomes kNobody
    }
    return out;
  }
  template <class Enum>
  std::vector<Enum> enumerators(const char* key, const std::vector<Enum>& words) {
    const std::vector<std::uint64_t> values = wholes(key);
    std::vector<Enum> out(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (values[i] >= words.size()) fail(key, i, "there is no such word");
      out[i] = words[values[i]];
    }
    return out;
  }
  [[noreturn]] void fail(const char* key, std::size_t row, const std::string& complaint) const {
    in_.at(key).fail("[" + std::to_string(row) + "]: " + complaint);
  }
  std::size_t rows() const { return rows_.value_or(0); }

 private:
  template <class T>
  std::vector<T> checked(const char* key, std::vector<T> values) {
    if (rows_.value_or(values.size()) != values.size())
      in_.at(key).fail("expected " + std::to_string(*rows_) + " values as in the columns before, " +
                       "found " + std::to_string(values.size()));
    rows_ = values.size();
    return values;
  }

  Node in_;
  std::optional<std::size_t> rows_;
};

std::optional<std::uint64_t> if_known(std::uint64_t value) {
  return value == Timeline::kNotKnown ? std::nullopt : std::optional(value);
}

// Two columns that say from when to when, within the whole.
template <class Row>
void read_span(Columns& in, std::vector<Row>& rows, std::uint64_t length_ns) {
  const auto from = in.numbers("from_ns", length_ns), to = in.numbers("to_ns", length_ns);
  rows.resize(in.rows());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (from[i] > to[i]) in.fail("to_ns", i, "it is before from_ns");
    rows[i].from_ns = from[i];
    rows[i].to_ns = to[i];
  }
}

void read_units(const Node& doc, Timeline& out) {
  Columns in(doc, "units");
  const auto id = in.wholes("id"), number = in.wholes("number");
  auto names = in.texts_if("name");
  for (std::size_t i = 0; i < in.rows(); ++i)
    out.units.push_back({id[i], if_known(number[i]), std::move(names[i])});
}

void read_tasks(const Node& doc, Timeline& out) {
  Columns in(doc, "tasks");
  const auto tid = in.numbers("tid", UINT32_MAX), tgid = in.numbers("tgid", UINT32_MAX);
  auto name = in.texts("name"), role = in.texts("role"), action = in.texts_if("action");
  const auto unit = in.places("unit", out.units.size()), made_by = in.places("made_by", in.rows());
  const auto born = in.wholes("born_ns"), ended = in.wholes("ended_ns");
  for (std::size_t i = 0; i < in.rows(); ++i)
    out.tasks.push_back({static_cast<std::uint32_t>(tid[i]), static_cast<std::uint32_t>(tgid[i]),
                         std::move(name[i]), std::move(role[i]), std::move(action[i]), unit[i],
                         made_by[i], if_known(born[i]), if_known(ended[i])});
}

void read_runs(const Node& doc, Timeline& out) {
  const auto ends = read_words<Timeline::RunEnd>(doc, "run_ends", kRunEnds);
  const auto woken_by = read_words<Timeline::WokenBy>(doc, "woken_by", kWokenBy);
  Columns in(doc, "runs");
  read_span(in, out.runs, out.length_ns);
  const auto task = in.places("task", out.tasks.size());
  const auto cpu = in.numbers("cpu", UINT16_MAX);
  const auto end = in.enumerators("end", ends);
  const auto waited = in.wholes("waited_ns");
  const auto woken = in.enumerators("woken_by", woken_by);
  const auto waker = in.places("waker", out.tasks.size());
  for (std::size_t i = 0; i < in.rows(); ++i) {
    if (task[i] == Timeline::kNobody) in.fail("task", i, "a run is of a task");
    Run& run = out.runs[i];
    run.waited_ns = waited[i];
    run.task = task[i];
    run.waker = waker[i];
    run.cpu = static_cast<std::uint16_t>(cpu[i]);
    run.end = end[i];
    run.woken = woken[i];
  }
}

void read_mounts(const Node& doc, Timeline& out) {
  const auto ends = read_words<Timeline::MountEnd>(doc, "mount_ends", kMountEnds);
  Columns in(doc, "mounts");
  read_span(in, out.mounts, out.length_ns);
  const auto unit = in.places("unit", out.units.size());
  const auto task = in.places("task", out.tasks.size());
  const auto end = in.enumerators("end", ends);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    if (unit[i] == Timeline::kNobody) in.fail("unit", i, "a mount is of a unit");
    if (task[i] == Timeline::kNobody) in.fail("task", i, "a mount is on a task");
    out.mounts[i].unit = unit[i];
    out.mounts[i].task = task[i];
    out.mounts[i].end = end[i];
  }
}

void read_events(const Node& doc, Timeline& out) {
  const auto kinds = read_words<Timeline::Kind>(doc, "kinds", kKinds);
  const auto actors = read_words<Timeline::Actor>(doc, "actors", kActors);
  Columns in(doc, "events");
  const auto at = in.numbers("at_ns", out.length_ns);
  const auto kind = in.enumerators("kind", kinds);
  const auto task = in.places("task", out.tasks.size());
  const auto unit = in.places("unit", out.units.size());
  const auto reason = in.places("reason", out.words.size());
  const auto by = in.enumerators("by", actors);
  const auto number = in.wholes("number");
  const auto peer = in.places("peer", out.tasks.size());
  for (std::size_t i = 0; i < in.rows(); ++i) {
    const std::size_t known = by[i] == Timeline::Actor::unit   ? out.units.size()
                              : by[i] == Timeline::Actor::task ? out.tasks.size()
                                                               : 0;
    if (known != 0 && number[i] != Timeline::kNotKnown && number[i] >= known)
      in.fail("number", i, "there is no entry " + std::to_string(number[i]));
    out.events.push_back({at[i], number[i], task[i], unit[i], peer[i], reason[i], kind[i], by[i]});
  }
}

}  // namespace

Json write(const Timeline& timeline) {
  Json out;
  out["start_ns"] = timeline.start_ns;
  out["length_ns"] = timeline.length_ns;
  out["tasks"] = write_tasks(timeline.tasks);
  out["units"] = write_units(timeline.units);
  out["run_ends"] = words(kRunEnds);
  out["woken_by"] = words(kWokenBy);
  out["runs"] = write_runs(timeline.runs);
  out["mount_ends"] = words(kMountEnds);
  out["mounts"] = write_mounts(timeline.mounts);
  put_if(out, "mounts_missing_because", timeline.mounts_missing_because);
  out["kinds"] = words(kKinds);
  out["actors"] = words(kActors);
  out["words"] = timeline.words;
  out["events"] = write_events(timeline.events);
  out["lost"] = list(timeline.lost, [](const Timeline::Loss& loss) {
    Json each;
    each["what"] = loss.what;
    each["count"] = loss.count;
    return each;
  });
  return out;
}

Timeline read_timeline(const Node& in) {
  in.expect_object();
  Timeline out;
  out.start_ns = in.whole("start_ns");
  out.length_ns = in.whole("length_ns");
  out.words = in.list("words", [](const Node& word) { return word.text(); });
  read_units(in, out);
  read_tasks(in, out);
  read_runs(in, out);
  read_mounts(in, out);
  out.mounts_missing_because = in.text_if("mounts_missing_because");
  read_events(in, out);
  out.lost = in.list("lost", [](const Node& loss) {
    loss.expect_object();
    return Timeline::Loss{loss.text("what"), loss.whole("count")};
  });
  return out;
}

}  // namespace vtlab::result
