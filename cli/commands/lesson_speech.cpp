#include "commands/lesson_speech.h"

#include <algorithm>

#include "render/format.h"

namespace vtlab::commands {
namespace {

using render::paint;
using render::Tone;
using render::wrap;

constexpr std::string_view kUnbroken = "\u00a0";

// A line is broken before an option, not between it and its value.
std::string unbroken(const std::string& command) {
  std::string out;
  for (std::size_t i = 0; i < command.size(); ++i) {
    const bool stays = command[i] == ' ' && i + 1 < command.size() && command[i + 1] != '-';
    out += stays ? std::string(kUnbroken) : std::string(1, command[i]);
  }
  return out;
}

std::string broken(std::string line) {
  for (std::size_t at; (at = line.find(kUnbroken)) != std::string::npos;)
    line.replace(at, kUnbroken.size(), " ");
  return line;
}

// Without the marks of Markdown.
std::string plain(std::string words) {
  std::erase(words, '`');
  return words;
}

}  // namespace

Speech::Speech(Screen& screen, const render::Options& look, bool demo)
    : screen_(screen), style_{look, demo ? 4u : 2u, demo} {
  style_.options.width = std::min(look.width, demo ? 76u : 80u);
}

void Speech::heading(const std::string& kind, const std::string& title) {
  screen_.show("\n" + lessons::rule(kind, title, style_) + "\n");
}

void Speech::text(const std::string& markdown) {
  if (!markdown.empty()) screen_.show(lessons::page(markdown, style_) + "\n");
}

void Speech::line(const std::string& words, Tone tone) {
  for (const std::string& each : wrap(words, style_.options.width - style_.indent))
    screen_.show(margin() + paint(each, tone, style_.options) + end());
}

void Speech::labelled(const std::string& label, const std::string& words) {
  constexpr std::size_t kLabel = 14;
  std::string lead = render::pad_right(label, kLabel);
  for (const std::string& each :
       wrap(plain(words), style_.options.width - style_.indent - kLabel)) {
    screen_.show(margin() + paint(lead, Tone::dim, style_.options) +
                 paint(each, Tone::strong, style_.options) + end());
    lead.assign(kLabel, ' ');
  }
}

void Speech::command(const std::string& words) {
  constexpr std::size_t kMore = 2;
  std::string lead = "$ ";
  for (const std::string& each : wrap(unbroken("vtlab " + words),
                                      style_.options.width - style_.indent - kMore - lead.size())) {
    screen_.show(margin(kMore) + paint(lead + broken(each), Tone::strong, style_.options) + "\n");
    lead = "  ";
  }
  screen_.show("\n");
}

}  // namespace vtlab::commands
