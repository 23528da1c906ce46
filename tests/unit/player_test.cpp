// player_test.cpp — a record and a time → a frame, and a frame as text: every unit is in one state, going back is as
// coming anew, and nothing is wider or longer than was asked for.
#include <algorithm>
#include <numeric>
#include <sstream>

#include "render/format.h"
#include "render/frame.h"
#include "render/player.h"
#include "support/catch.h"

namespace vtlab::test {
namespace {

using render::Frame;
using render::Played;
using render::Player;
using result::Timeline;
using Kind = Timeline::Kind;

// One carrier and two units: 0 runs, parks, is woken and done; 1 is woken before it is off its carrier.
Timeline two_units() {
  Timeline t;
  t.length_ns = 1000;
  t.tasks = {{.tid = 7, .tgid = 7, .role = "main"},
             {.tid = 8,
              .tgid = 7,
              .role = "carrier 0",
              .action = "start-carrier",
              .made_by = 0,
              .born_ns = 10,
              .ended_ns = 900}};
  t.units = {{70, 0}, {71, 1}};
  t.words = {"io_read"};
  t.runs = {{.from_ns = 0, .to_ns = 100, .task = 0, .cpu = 1, .end = Timeline::RunEnd::blocked},
            {.from_ns = 20, .to_ns = 900, .task = 1, .cpu = 3, .end = Timeline::RunEnd::ended}};
  t.mounts = {
      {.from_ns = 100, .to_ns = 200, .unit = 0, .task = 1, .end = Timeline::MountEnd::parked},
      {.from_ns = 200, .to_ns = 300, .unit = 1, .task = 1, .end = Timeline::MountEnd::parked},
      {.from_ns = 500, .to_ns = 600, .unit = 0, .task = 1, .end = Timeline::MountEnd::done}};
  t.events = {
      {.at_ns = 30, .task = 0, .unit = 0, .kind = Kind::start},
      {.at_ns = 40, .task = 0, .unit = 1, .kind = Kind::start},
      {.at_ns = 190, .task = 1, .unit = 0, .reason = 0, .kind = Kind::park},
      {.at_ns = 280, .task = 1, .unit = 1, .reason = 0, .kind = Kind::park},
      {.at_ns = 290, .task = 1, .unit = 1, .kind = Kind::unpark, .by = Timeline::Actor::deadline},
      {.at_ns = 400,
       .number = 9,
       .task = 1,
       .unit = 0,
       .kind = Kind::unpark,
       .by = Timeline::Actor::descriptor},
      {.at_ns = 600, .task = 1, .unit = 0, .kind = Kind::done}};
  return t;
}

const Timeline kTwoUnits = two_units();

Played two() {
  Played what;
  what.title = "two units";
  what.timeline = &kTwoUnits;
  what.ledger = {{"start-carrier", "start carrier", 1, {}},
                 {"start-virtual-thread", "start virtual thread", 0, {}}};
  return what;
}

std::uint64_t units(const Frame& frame, const std::string& state) {
  for (const Frame::State& one : frame.states)
    if (one.name == state) return one.units;
  FAIL("no state " << state);
  return 0;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::string text_of(const Frame& frame, std::size_t lines = 100) {
  return draw(frame, render::Options{}, lines);
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE(
    "a unit is started, runs, parks, can go on and is done, and so it is counted at each time") {
  Player player(two());
  struct Expected {
    std::uint64_t at, runnable, running, waiting, finished;
  };
  for (const Expected& e :
       {Expected{0, 0, 0, 0, 0}, Expected{35, 1, 0, 0, 0}, Expected{50, 2, 0, 0, 0},
        Expected{150, 1, 1, 0, 0}, Expected{195, 1, 0, 1, 0}, Expected{250, 0, 1, 1, 0},
        Expected{350, 1, 0, 1, 0}, Expected{450, 2, 0, 0, 0}, Expected{550, 1, 1, 0, 0},
        Expected{1000, 1, 0, 0, 1}}) {
    const Frame frame = player.at(e.at, 0);
    CAPTURE(e.at);
    CHECK(units(frame, "runnable") == e.runnable);
    CHECK(units(frame, "mounted") == e.running);
    CHECK(units(frame, "waiting") == e.waiting);
    CHECK(units(frame, "finished") == e.finished);
  }
}

TEST_CASE("the ledger fills when tasks are made, and who is alive is known") {
  Player player(two());
  CHECK((player.at(9, 0).made == 0u && player.at(9, 0).alive == 1u));
  const Frame frame = player.at(10, 0);
  CHECK((frame.made == 1u && frame.alive == 2u));
  REQUIRE(frame.actions.size() == 2);
  CHECK((frame.actions[0].so_far == 1u && frame.actions[0].in_all == 1u));
  CHECK(player.at(1000, 0).alive == 1u);
}

TEST_CASE("a row of the ledger that the births do not agree with has no number so far") {
  Played what = two();
  what.ledger[0].kernel_tasks = 2;
  const Frame frame = Player(what).at(500, 0);
  CHECK_FALSE(frame.actions[0].so_far);
  CHECK(has(text_of(frame), "– of 2"));
}

TEST_CASE("places say who is on a CPU and on a carrier at that time") {
  Player player(two());
  const auto at = [&](std::uint64_t ns, std::size_t place) {
    return player.at(ns, 0).places.at(place);
  };
  CHECK((at(50, 0).name == "CPU 1" && at(50, 0).holder == "main"));
  CHECK((at(50, 1).name == "CPU 3" && at(50, 1).holder == "carrier 0"));
  CHECK(at(101, 0).holder.empty());
  CHECK((at(250, 2).name == "carrier 0" && at(250, 2).holder == "unit 1" &&
         at(250, 2).note == "on CPU 3"));
  CHECK((at(950, 2).holder.empty() && at(950, 2).note == "on no CPU"));
}

TEST_CASE("a frame does not depend on what was shown before it") {
  Player forth(two()), back(two());
  for (std::uint64_t at = 0; at <= 1000; at += 10) {
    CAPTURE(at);
    CHECK(text_of(forth.at(at, 50)) == text_of(Player(two()).at(at, 50)));
    CHECK(text_of(back.at(1000 - at, 50)) == text_of(Player(two()).at(1000 - at, 50)));
  }
}

TEST_CASE("steps go from one thing that is told to the next, forth and back") {
  Player player(two());
  std::vector<std::uint64_t> forth, back;
  for (std::uint64_t at = 0; at < player.length_ns();) forth.push_back(at = player.next(at));
  CHECK(forth ==
        std::vector<std::uint64_t>{10, 30, 40, 100, 190, 200, 280, 290, 400, 500, 600, 900, 1000});
  for (std::uint64_t at = player.length_ns(); at > 0;) back.push_back(at = player.previous(at));
  std::reverse(back.begin(), back.end());
  forth.pop_back();
  forth.insert(forth.begin(), 0);
  CHECK(back == forth);
}

TEST_CASE("the latest says why a unit parks, by whom it goes on, and what made a task") {
  Player player(two());
  const std::string all = text_of(player.at(1000, 50));
  CHECK(has(all, "unit 0 parks: io read"));
  CHECK(has(all, "unit 0 can go on: descriptor 9 is ready"));
  CHECK(has(all, "main             makes carrier 0: start carrier"));
  const auto latest = player.at(450, 2).latest;
  REQUIRE(latest.size() == 2);
  CHECK(has(latest.back(), "unit 0 can go on"));
  CHECK(player.at(5, 9).latest.empty());
}

TEST_CASE("where units are tasks, the kernel says who runs and who waits") {
  Timeline t;
  t.length_ns = 100;
  t.tasks = {{.tid = 7, .tgid = 7, .role = "main"},
             {.tid = 8, .tgid = 7, .unit = 0, .made_by = 0, .born_ns = 10, .ended_ns = 90}};
  t.units = {{8, 0}};
  t.runs = {
      {.from_ns = 20, .to_ns = 30, .task = 1, .end = Timeline::RunEnd::blocked},
      {.from_ns = 60, .to_ns = 70, .waited_ns = 5, .task = 1, .end = Timeline::RunEnd::preempted},
      {.from_ns = 80, .to_ns = 90, .task = 1, .end = Timeline::RunEnd::ended}};
  Played what;
  what.timeline = &t;
  Player player(what);
  CHECK(units(player.at(15, 0), "runnable") == 1);
  CHECK(units(player.at(25, 0), "running") == 1);
  CHECK(units(player.at(50, 0), "waiting") == 1);
  CHECK(units(player.at(57, 0), "runnable") == 1);
  CHECK(units(player.at(75, 0), "runnable") == 1);
  CHECK(units(player.at(95, 0), "finished") == 1);
  CHECK(has(text_of(player.at(40, 9)), "unit 0           leaves CPU 0: it waits in the kernel"));
}

TEST_CASE("with creations alone tasks are seen to be made, and requests that failed") {
  result::Creations creations;
  const auto asked = [&](std::uint64_t at, std::optional<std::uint64_t> tid, const char* error) {
    result::Creation& one = creations.records.emplace_back();
    one.action = "fork";
    one.asked_by = "clone";
    one.flag_names = "SIGCHLD";
    one.creator = 7;
    one.tid = tid;
    one.error = error;
    one.time_ns[0] = at;
    if (tid) one.time_ns[static_cast<std::size_t>(result::Stage::wake_up)] = at + 5;
  };
  asked(1000, 8, "");
  asked(1100, {}, "EINVAL");
  Played what;
  what.creations = &creations;
  what.ledger = {{"fork", "fork", 1, {}}};
  Player player(what);
  CHECK(player.at(4, 0).made == 0u);
  CHECK(player.at(5, 0).made == 1u);
  const std::string end = text_of(player.at(player.length_ns(), 9));
  CHECK(has(end, "by fork"));
  CHECK(has(end, "1 of 1"));
  CHECK(has(end, "main             makes tid 8: fork, clone SIGCHLD"));
  CHECK(has(end, "gets no task: clone EINVAL SIGCHLD"));
  CHECK_FALSE(has(end, "units"));
  CHECK_FALSE(has(end, "alive"));
}

TEST_CASE("a frame fits whatever screen there is, and keeps its first and its last line") {
  Player player(two());
  Frame frame = player.at(1000, 50);
  frame.below = "q quits";
  for (std::size_t room = 2; room < 40; ++room) {
    const auto lines = lines_of(draw(frame, {.width = 60}, room));
    CAPTURE(room);
    CHECK(lines.size() <= room);
    CHECK(lines.front() == "two units");
    CHECK(lines.back() == "q quits");
    for (const std::string& line : lines) CHECK(render::display_width(line) <= 60);
  }
  frame.title = "a\x1b[31mb\n" + std::string(200, 'x');
  for (const std::string& line : lines_of(draw(frame, {.width = 80}, 24))) {
    CHECK(render::display_width(line) <= 80);
    CHECK(line.find('\x1b') == std::string::npos);
  }
}

TEST_CASE("places that have no room are counted") {
  Frame frame;
  frame.title = "many";
  for (int i = 0; i < 40; ++i) frame.places.push_back({"M " + std::to_string(i), "", ""});
  frame.more_places = 2;
  for (const std::size_t width : {60u, 80u}) {
    const std::string text = draw(frame, {.width = static_cast<unsigned>(width)}, 24);
    const auto shown = static_cast<std::size_t>(std::count(text.begin(), text.end(), 'M'));
    CHECK(shown == (width == 80 ? 9 : 4));
    CHECK(has(text, "and " + std::to_string(42 - shown) + " more"));
  }
}

TEST_CASE("a frame in ASCII has nothing else, and colours only if there is a palette") {
  Player player(two());
  const std::string plain = draw(player.at(300, 50), {.ascii = true}, 24);
  CHECK(std::all_of(plain.begin(), plain.end(),
                    [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); }));
  CHECK(has(draw(player.at(300, 50), {.palette = &render::palettes().front()}, 24), "\x1b["));
}

}  // namespace vtlab::test
