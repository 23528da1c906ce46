#include "result/timeline_json.h"

#include <algorithm>

#include "result/columns.h"
#include "result/common_json.h"
#include "result/timeline_words.h"

namespace vtlab::result {
namespace {

using Run = Timeline::Run;
using Mount = Timeline::Mount;
using Event = Timeline::Event;

std::uint64_t index(std::uint32_t place) {
  return place == Timeline::kNobody ? kNull : place;
}
static_assert(Timeline::kNotKnown == kNull);
std::uint64_t known(const std::optional<std::uint64_t>& value) {
  return value.value_or(kNull);
}
template <class Enum>
std::uint64_t place(Enum value) {
  return static_cast<std::uint64_t>(value);
}

// A column of numbers.
template <class Table, class F>
void column(Json& columns, const char* key, const Table& rows, F value) {
  auto row = rows.begin();
  columns[key] = long_list(rows.size(), [&] { return value(*row++); });
}

template <class Table, class F>
void texts(Json& columns, const char* key, const Table& rows, F value) {
  Json out = Json::array();
  for (const auto& row : rows) out.push_back(value(row));
  columns[key] = std::move(out);
}

Json table(Json columns) {
  Json out;
  out["columns"] = std::move(columns);
  return out;
}

Json write_tasks(const std::vector<Timeline::Task>& tasks) {
  Json out;
  column(out, "tid", tasks, [](const auto& t) { return t.tid; });
  column(out, "tgid", tasks, [](const auto& t) { return t.tgid; });
  texts(out, "name", tasks, [](const auto& t) { return t.name; });
  texts(out, "role", tasks, [](const auto& t) { return t.role; });
  const auto told = [](const auto& t) { return !t.action.empty(); };
  if (std::any_of(tasks.begin(), tasks.end(), told))
    texts(out, "action", tasks, [](const auto& t) { return t.action; });
  column(out, "unit", tasks, [](const auto& t) { return index(t.unit); });
  column(out, "made_by", tasks, [](const auto& t) { return index(t.made_by); });
  column(out, "born_ns", tasks, [](const auto& t) { return known(t.born_ns); });
  column(out, "ended_ns", tasks, [](const auto& t) { return known(t.ended_ns); });
  return table(std::move(out));
}

Json write_units(const Timeline& timeline) {
  const auto& units = timeline.units;
  Json out;
  column(out, "id", units, [](const auto& u) { return u.id; });
  column(out, "number", units, [](const auto& u) { return known(u.number); });
  if (!timeline.unit_names.empty())
    texts(out, "name", units, [&](const auto& u) {
      return u.name == Timeline::kNobody ? std::string() : timeline.unit_names[u.name];
    });
  return table(std::move(out));
}

Json write_runs(const Rows<Run>& runs) {
  Json out;
  column(out, "task", runs, [](const Run& r) { return index(r.task); });
  column(out, "cpu", runs, [](const Run& r) { return r.cpu; });
  column(out, "from_ns", runs, [](const Run& r) { return r.from_ns; });
  column(out, "to_ns", runs, [](const Run& r) { return r.to_ns; });
  column(out, "end", runs, [](const Run& r) { return place(r.end); });
  column(out, "waited_ns", runs, [](const Run& r) { return r.waited_ns; });
  column(out, "woken_by", runs, [](const Run& r) { return place(r.woken); });
  column(out, "waker", runs, [](const Run& r) { return index(r.waker); });
  return table(std::move(out));
}

Json write_mounts(const Rows<Mount>& mounts) {
  Json out;
  column(out, "unit", mounts, [](const Mount& m) { return index(m.unit); });
  column(out, "task", mounts, [](const Mount& m) { return index(m.task); });
  column(out, "from_ns", mounts, [](const Mount& m) { return m.from_ns; });
  column(out, "to_ns", mounts, [](const Mount& m) { return m.to_ns; });
  column(out, "end", mounts, [](const Mount& m) { return place(m.end); });
  return table(std::move(out));
}

Json write_events(const Rows<Event>& events) {
  Json out;
  column(out, "at_ns", events, [](const Event& e) { return e.at_ns; });
  column(out, "kind", events, [](const Event& e) { return place(e.kind); });
  column(out, "task", events, [](const Event& e) { return index(e.task); });
  column(out, "unit", events, [](const Event& e) { return index(e.unit); });
  column(out, "reason", events, [](const Event& e) { return index(e.reason); });
  column(out, "by", events, [](const Event& e) { return place(e.by); });
  column(out, "number", events, [](const Event& e) { return e.number; });
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

// Two columns that say from when to when, within the whole.
struct Span {
  Column from, to;
  Span(Columns& in, std::uint64_t length_ns)
      : from(in.numbers("from_ns", length_ns)), to(in.numbers("to_ns", length_ns)) {}

  template <class Row>
  void read(std::size_t place, Row& row) const {
    row.from_ns = from[place];
    row.to_ns = to[place];
    if (row.from_ns > row.to_ns) to.fail(place, "it is before from_ns");
  }
};

void read_units(const Node& doc, Timeline& out) {
  Columns in(doc, "units");
  const Column id = in.any("id"), number = in.any("number");
  std::vector<std::string> names = in.texts_if("name");
  in.each_row([&](std::size_t i) {
    Timeline::Unit unit{id[i], number.if_known(i)};
    if (!names.empty() && !names[i].empty()) {
      unit.name = static_cast<std::uint32_t>(out.unit_names.size());
      out.unit_names.push_back(std::move(names[i]));
    }
    out.units.push_back(unit);
  });
}

void read_tasks(const Node& doc, Timeline& out) {
  Columns in(doc, "tasks");
  const Column tid = in.numbers("tid", UINT32_MAX), tgid = in.numbers("tgid", UINT32_MAX);
  auto name = in.texts("name"), role = in.texts("role"), action = in.texts_if("action");
  action.resize(name.size());
  const Column unit = in.places("unit", out.units.size()),
               made_by = in.places("made_by", name.size());
  const Column born = in.any("born_ns"), ended = in.any("ended_ns");
  in.each_row([&](std::size_t i) {
    out.tasks.push_back({tid.at(i), tgid.at(i), std::move(name[i]), std::move(role[i]),
                         std::move(action[i]), unit.at(i), made_by.at(i), born.if_known(i),
                         ended.if_known(i)});
  });
}

void read_runs(const Node& doc, Timeline& out) {
  const auto ends = read_words<Timeline::RunEnd>(doc, "run_ends", kRunEndWords);
  const auto woken_by = read_words<Timeline::WokenBy>(doc, "woken_by", kWokenByWords);
  Columns in(doc, "runs");
  const Span span(in, out.length_ns);
  const Column task = in.places("task", out.tasks.size()), cpu = in.numbers("cpu", UINT16_MAX);
  const Column end = in.words("end", ends.size()), waited = in.any("waited_ns");
  const Column woken = in.words("woken_by", woken_by.size());
  const Column waker = in.places("waker", out.tasks.size());
  in.each_row([&](std::size_t i) {
    Run run;
    span.read(i, run);
    run.waited_ns = waited[i];
    run.task = task.at(i);
    run.waker = waker.at(i);
    run.cpu = static_cast<std::uint16_t>(cpu[i]);
    run.end = ends[end[i]];
    run.woken = woken_by[woken[i]];
    if (run.task == Timeline::kNobody) task.fail(i, "a run is of a task");
    out.runs.push_back(run);
  });
}

void read_mounts(const Node& doc, Timeline& out) {
  const auto ends = read_words<Timeline::MountEnd>(doc, "mount_ends", kMountEndWords);
  Columns in(doc, "mounts");
  const Span span(in, out.length_ns);
  const Column unit = in.places("unit", out.units.size());
  const Column task = in.places("task", out.tasks.size());
  const Column end = in.words("end", ends.size());
  in.each_row([&](std::size_t i) {
    Mount mount;
    span.read(i, mount);
    mount.unit = unit.at(i);
    mount.task = task.at(i);
    mount.end = ends[end[i]];
    if (mount.unit == Timeline::kNobody) unit.fail(i, "a mount is of a unit");
    if (mount.task == Timeline::kNobody) task.fail(i, "a mount is on a task");
    out.mounts.push_back(mount);
  });
}

void read_events(const Node& doc, Timeline& out) {
  const auto kinds = read_words<Timeline::Kind>(doc, "kinds", kKindWords);
  const auto actors = read_words<Timeline::Actor>(doc, "actors", kActorWords);
  Columns in(doc, "events");
  const Column at = in.numbers("at_ns", out.length_ns), kind = in.words("kind", kinds.size());
  const Column task = in.places("task", out.tasks.size());
  const Column unit = in.places("unit", out.units.size());
  const Column reason = in.places("reason", out.words.size());
  const Column by = in.words("by", actors.size()), number = in.any("number");
  const Column peer = in.places("peer", out.tasks.size());
  in.each_row([&](std::size_t i) {
    const Timeline::Actor actor = actors[by[i]];
    const std::size_t known = actor == Timeline::Actor::unit   ? out.units.size()
                              : actor == Timeline::Actor::task ? out.tasks.size()
                                                               : 0;
    if (known != 0 && number[i] != Timeline::kNotKnown && number[i] >= known)
      number.fail(i, "there is no entry " + std::to_string(number[i]));
    out.events.push_back({at[i], number[i], task.at(i), unit.at(i), peer.at(i), reason.at(i),
                          kinds[kind[i]], actor});
  });
}

}  // namespace

Json write(const Timeline& timeline) {
  Json out;
  out["start_ns"] = timeline.start_ns;
  out["length_ns"] = timeline.length_ns;
  out["tasks"] = write_tasks(timeline.tasks);
  out["units"] = write_units(timeline);
  out["run_ends"] = words(kRunEndWords);
  out["woken_by"] = words(kWokenByWords);
  out["runs"] = write_runs(timeline.runs);
  out["mount_ends"] = words(kMountEndWords);
  out["mounts"] = write_mounts(timeline.mounts);
  put_if(out, "mounts_missing_because", timeline.mounts_missing_because);
  out["kinds"] = words(kKindWords);
  out["actors"] = words(kActorWords);
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
