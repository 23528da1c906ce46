// replay.cpp — vtlab replay FILE|NAME: a recorded run, played on a terminal as if it happened now. Nothing is run.
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <iostream>
#include <memory>
#include <optional>
#include <variant>

#include "commands/arguments.h"
#include "commands/command.h"
#include "commands/documents.h"
#include "commands/live.h"
#include "commands/look.h"
#include "lab/error.h"
#include "lab/signals.h"
#include "recordings/recordings.h"
#include "render/format.h"
#include "render/player.h"
#include "render/words.h"
#include "scenarios/unit_log.h"

namespace vtlab::commands {
namespace {

using lab::Error;
using lab::ExitCode;
using render::Frame;
using render::Player;

constexpr std::size_t kPlainLines = 24, kLatest = 60;
constexpr double kPlayFor_ns = 15e9, kStayFor_ns = 2e9;
constexpr int kFrame_ms = 40;

struct Options {
  std::string file, mode, speed, once, frames;
  Look look;
};

// ns of the run in a ns of ours.
std::optional<double> parse_speed(const std::string& word) {
  if (word.empty()) return {};
  char* end = nullptr;
  const double speed = std::strtod(word.c_str(), &end);
  if (*end != '\0' || !(speed >= 1e-9 && speed <= 1e6))
    throw Error(ExitCode::usage, "--speed cannot be '" + word + "'",
                {"it is how fast time goes on: 1 is as it was, 0.01 a hundred times slower"},
                {"--speed 0.01"});
  return speed;
}

std::string say_pace(double speed) {
  if (speed > 0.95 && speed < 1.05) return "as fast as it was";
  return speed < 1 ? render::format_number(1 / speed) + " times slower"
                   : render::format_number(speed) + " times faster";
}

bool can_be_played(const render::Played& what) {
  return what.timeline || (what.creations && !what.creations->records.empty());
}

// Those of the document that can be, of this mode if one was named.
std::vector<render::Played> choose(const result::Document& document, const Options& options) {
  std::vector<render::Played> all;
  if (const auto* runs = std::get_if<result::ResultSet>(&document)) {
    std::vector<std::string> modes;
    for (const result::Result& r : runs->results) {
      modes.push_back(r.mode);
      if (options.mode.empty() || options.mode == r.mode) all.push_back(render::played(r));
    }
    if (all.empty() && !modes.empty()) unknown_name("mode", options.mode, modes);
  }
  if (const auto* observed = std::get_if<result::Observed>(&document))
    all.push_back(render::played(*observed));
  std::erase_if(all, [](const render::Played& one) { return !can_be_played(one); });
  if (!all.empty()) return all;
  std::vector<std::string> playable;
  for (const recordings::Recording& one : recordings::all()) {
    const result::Document held = result::read_document(one.text);
    const auto& results = std::get<result::ResultSet>(held).results;
    if (std::any_of(results.begin(), results.end(),
                    [](const auto& r) { return can_be_played(render::played(r)); }))
      playable.emplace_back(one.name);
  }
  throw Error(ExitCode::usage, options.file + " cannot be played",
              {"it has no timeline, and no creations either: they were not recorded",
               "recordings that can be: " + render::join(playable, ", ")},
              {"sudo vtlab run blocking-io --show timeline -o run.json"});
}

// Pages, for whoever cannot move: how it ended, one moment, or some.
void print(std::deque<Player>& players, const Options& options) {
  const render::Options how = look_on(STDOUT_FILENO, options.look);
  std::uint64_t frames = 1;
  if (!options.frames.empty()) frames = parse_count("--frames", options.frames, 1, 10'000);
  std::optional<std::uint64_t> at;
  if (!options.once.empty() && options.once != "end")
    at = parse_duration_ns("--once", options.once);
  bool first = true;
  for (Player& player : players) {
    if (at && *at > player.length_ns())
      throw Error(
          ExitCode::usage, "--once cannot be '" + options.once + "'",
          {"the run ends at " + render::format_duration(static_cast<double>(player.length_ns()))});
    for (std::uint64_t i = 1; i <= frames; ++i) {
      const std::uint64_t part = player.length_ns() / frames;
      const std::uint64_t time = i == frames ? player.length_ns() : i * part;
      std::cout << (first ? "" : "\n")
                << draw(player.at(at.value_or(time), kLatest), how, kPlainLines);
      first = false;
    }
  }
}

// One who watches, with a keyboard if there is one.
class Theatre {
 public:
  Theatre(std::deque<Player>& players, const Options& options)
      : players_(players),
        asked_(parse_speed(options.speed)),
        how_(look_on(STDOUT_FILENO, options.look)) {
    how_.ascii = how_.ascii || locale_is_ascii();
  }

  int play() {
    {
      lab::Signals signals;  // first: an interrupt must find somebody who gives the screen back
      Live live(STDOUT_FILENO, Live::Keys::take, "replay");
      begin(0);
      for (std::uint64_t last = monotonic_ns(); !quit_ && !over(live.takes_keys());) {
        show(live);
        pollfd waits[] = {{signals.fd(), POLLIN, 0},
                          {live.takes_keys() ? STDIN_FILENO : -1, POLLIN, 0}};
        poll(waits, std::size(waits), kFrame_ms);
        if (signals.asked_to_stop()) return static_cast<int>(ExitCode::interrupted);
        for (const char key : one_letter_each(live.typed())) press(key);
        const std::uint64_t now = monotonic_ns();
        go_on(static_cast<double>(now - last));
        last = now;
      }
    }
    leave_a_picture();
    return 0;
  }

 private:
  Player& player() { return players_[which_]; }
  double length() { return static_cast<double>(player().length_ns()); }

  void begin(std::size_t which) {
    which_ = which;
    at_ = ended_for_ = 0;
    paused_ = false;
    if (!chosen_) speed_ = asked_.value_or(std::clamp(length() / kPlayFor_ns, 1e-9, 1e6));
  }

  bool is_last() const { return which_ + 1 == players_.size(); }
  // Without keys nobody can leave.
  bool over(bool has_keys) const { return !has_keys && is_last() && ended_for_ >= kStayFor_ns; }

  void go_on(double ns) {
    if (paused_) return;
    if (at_ < length()) {
      at_ = std::min(length(), at_ + ns * speed_);
      return;
    }
    ended_for_ += ns;
    if (!is_last() && ended_for_ >= kStayFor_ns) begin(which_ + 1);
  }

  void step(std::uint64_t to) {
    at_ = static_cast<double>(to);
    paused_ = true;
    ended_for_ = 0;
  }

  void press(char key) {
    const auto now = static_cast<std::uint64_t>(at_);
    switch (key) {
      case 'q':
        quit_ = true;
        return;
      case ' ':
        paused_ = !paused_;
        return;
      case '.':
        return step(player().next(now));
      case ',':
        return step(player().previous(now));
      case '+':
      case '-':
        chosen_ = true;
        speed_ = std::clamp(speed_ * (key == '+' ? 2 : 0.5), 1e-9, 1e6);
        return;
      case 'n':
        if (!is_last()) begin(which_ + 1);
        return;
      case 'r':
        return begin(which_);
      default:
        return;
    }
  }

  // Arrows are what is on the keys beside them.
  static std::string one_letter_each(std::string keys) {
    constexpr std::pair<const char*, char> kArrows[] = {
        {"A", '+'}, {"B", '-'}, {"C", '.'}, {"D", ','}};
    for (const char* lead : {"\033[", "\033O"})
      for (const auto& [letter, key] : kArrows)
        for (std::size_t at; (at = keys.find(lead + std::string(letter))) != std::string::npos;)
          keys.replace(at, 3, 1, key);
    return keys;
  }

  void show(Live& live) {
    Frame frame = player().at(static_cast<std::uint64_t>(at_), kLatest);
    if (players_.size() > 1)
      frame.title +=
          " (" + std::to_string(which_ + 1) + " of " + std::to_string(players_.size()) + ")";
    frame.pace = at_ >= length() ? "ended" : (paused_ ? "paused, " : "") + say_pace(speed_);
    if (live.takes_keys())
      frame.below = "space pause · ←→ , . step · ↑↓ + - speed · " +
                    std::string(is_last() ? "" : "n next mode · ") + "r again · q quit";
    std::string text = draw(frame, how_, live.lines() - 1);
    const std::uint64_t now = monotonic_ns();
    // Also what stands still, now and then: the terminal may have been somebody else's meanwhile.
    if (text != drawn_ || live.is_time(now)) live.draw(text, now);
    drawn_ = std::move(text);
  }

  // The screen is gone: what was seen last stays in the scroll of the terminal.
  void leave_a_picture() {
    std::cout << draw(player().at(static_cast<std::uint64_t>(at_), kLatest), how_, kPlainLines);
  }

  std::deque<Player>& players_;
  const std::optional<double> asked_;
  render::Options how_;
  std::size_t which_ = 0;
  double at_ = 0, ended_for_ = 0, speed_ = 1;  // ns
  std::string drawn_;
  bool paused_ = false, chosen_ = false, quit_ = false;
};

int replay(const Options& options) {
  const result::Document document = load_document(options.file);
  parse_speed(options.speed);
  if (std::holds_alternative<result::Comparison>(document))
    throw Error(ExitCode::usage, options.file + " cannot be played",
                {"it is a comparison of many runs; a run can be, or an observation"});
  if (std::holds_alternative<result::Collection>(document))
    throw Error(ExitCode::usage, options.file + " cannot be played",
                {"it is a collection of many documents; each of them can be"});
  std::deque<Player> players;
  const std::vector<render::Played> chosen = choose(document, options);
  for (const render::Played& one : chosen) players.emplace_back(one);
  const bool plain = !options.once.empty() || !options.frames.empty() || !is_screen(STDOUT_FILENO);
  if (!plain) return Theatre(players, options).play();
  print(players, options);
  return 0;
}

Action add(CLI::App& app, const Invocation&) {
  auto o = std::make_shared<Options>();
  app.add_option("FILE", o->file, "a run or observation, saved as json, or the name of a recording")
      ->required()
      ->type_name("");
  app.add_option("--speed", o->speed, "1 as it was, 0.01 slower; default: so that it takes 15 s")
      ->type_name("X");
  app.add_option("--mode", o->mode, "only this one of several modes")->type_name("MODE");
  auto* once = app.add_option("--once", o->once, "print this moment: 12ms, end")->type_name("TIME");
  app.add_option("--frames", o->frames, "print so many moments, the last one at the end")
      ->type_name("N")
      ->excludes(once);
  add_look_options(app, o->look);
  return [o] { return replay(*o); };
}

}  // namespace

const Command command_replay{"replay", "play a saved run as if it happened now", add, false,
                             recording_names};

}  // namespace vtlab::commands
