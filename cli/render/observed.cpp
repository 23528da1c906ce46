#include "render/observed.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "render/detail.h"
#include "render/format.h"
#include "render/observed_tree.h"

namespace vtlab::render {
namespace {

using result::Observed;

constexpr std::size_t kLabel = 44, kNumber = 16;
constexpr std::size_t kMostTreeLines = 40;

// As it would be typed, so that it shows where a word ends.
std::string quoted(const std::string& word) {
  if (!word.empty() && word.find_first_of(" \t\n'\"\\|&;<>()$`*?[]{}#~!") == std::string::npos)
    return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

class Printer {
 public:
  Printer(const Observed& observed, const Options& options)
      : observed_(observed), options_(options), width_(std::max<std::size_t>(60, options.width)) {}

  std::string table() {
    paragraph("", observed_title(observed_), Tone::strong);
    if (!observed_.void_because.empty())
      paragraph("! ", "void: " + observed_.void_because + "; do not rely on the numbers",
                Tone::warning);
    if (observed_.partial) paragraph("! ", "partial: " + observed_.partial_because, Tone::warning);
    if (options_.parts.ledger) {
      line("");
      counts();
      tree(kMostTreeLines);
    }
    details();
    if (options_.parts.ledger) probes();
    for (const std::string& note : observed_.notes) {
      line("");
      paragraph("", note, Tone::dim);
    }
    return std::move(out_);
  }

  std::string screen(const Observed* before, const std::vector<result::Carrier>& busy,
                     std::size_t lines) {
    line(shorten(one_line(observed_title(observed_)), width_), Tone::strong);
    if (!observed_.void_because.empty())
      line(shorten("! void: " + observed_.void_because, width_), Tone::warning);
    rates(before);
    const std::size_t above = lines_so_far();
    if (lines > above + 2) carriers(busy, lines - above - 2);
    const std::size_t used = lines_so_far();
    // Two lines stand above the tree and one can come below it.
    if (lines > used + 4) tree(std::min(kMostTreeLines, lines - used - 4));
    return std::move(out_);
  }

 private:
  void line(const std::string& text, Tone tone = Tone::plain) {
    out_ += paint(text, tone, options_) + "\n";
  }

  void paragraph(const std::string& lead, const std::string& text, Tone tone = Tone::plain) {
    const std::size_t indent = display_width(lead);
    bool first = true;
    for (const std::string& part : wrap(one_line(text), width_ - indent)) {
      line((first ? lead : std::string(indent, ' ')) + part, tone);
      first = false;
    }
  }

  static bool is_part(const std::string& key) {
    return key == "threads" || key == "processes" || key == "sharing_mm";
  }

  static std::string count_line(const result::Metric& metric) {
    return pad_right((is_part(metric.key) ? "  " : "") + metric.title, kLabel) +
           pad_left(metric.value ? format_value(*metric.value, metric.unit) : "–", kNumber);
  }

  void rates(const Observed* before) {
    line(std::string(kLabel, ' ') + pad_left("so far", kNumber) + pad_left("per second", kNumber),
         Tone::heading);
    for (std::size_t i = 0; i < observed_.counts.size(); ++i) {
      const result::Metric& metric = observed_.counts[i];
      std::string rate;
      const bool grows = metric.key != "most_alive";
      if (grows && metric.value && before && before->counts[i].value &&
          observed_.wall_ns > before->wall_ns)
        rate = format_number((*metric.value - *before->counts[i].value) * 1e9 /
                             static_cast<double>(observed_.wall_ns - before->wall_ns));
      line(count_line(metric) + pad_left(rate, kNumber));
    }
  }

  std::size_t lines_so_far() const {
    return static_cast<std::size_t>(std::count(out_.begin(), out_.end(), '\n'));
  }

  void carriers(const std::vector<result::Carrier>& busy, std::size_t most) {
    if (busy.empty()) return;
    line("");
    line(pad_right("Carriers: who has the CPUs", kLabel - 12) + pad_left("on CPU", 12) +
             pad_left("waiting", 12) + pad_left("runs/s", 12) + pad_left("CPU", 8),
         Tone::heading);
    const auto percent = [](double share) { return format_number(std::round(share * 100)) + " %"; };
    for (std::size_t i = 0; i < std::min(busy.size(), most); ++i) {
      const result::Carrier& carrier = busy[i];
      const std::string label = one_line(carrier.name) + " (" + std::to_string(carrier.tid) + ") " +
                                one_line(std::string(1, carrier.state));
      line(pad_right(shorten(label, kLabel - 12), kLabel - 12) +
           pad_left(percent(carrier.running), 12) + pad_left(percent(carrier.waiting), 12) +
           pad_left(format_count(static_cast<std::uint64_t>(carrier.runs_per_s)), 12) +
           pad_left(std::to_string(carrier.cpu), 8));
    }
  }

  void counts() {
    for (const result::Metric& metric : observed_.counts) line(count_line(metric));
    bool first = true;
    for (const result::Metric& metric : observed_.counts) {
      if (metric.value) continue;
      if (first) line("");
      first = false;
      paragraph("– ", metric.title + ": " + metric.missing_because, Tone::dim);
    }
  }

  void tree(std::size_t most_lines) {
    line("");
    if (observed_.processes.empty()) {
      paragraph("", "Who made them: not observed, " + observed_.processes_missing_because,
                Tone::dim);
      return;
    }
    const std::size_t room = std::min(kLabel - 12, width_ - 36);
    line(pad_right("Who made them", room) + pad_left("threads", 12) + pad_left("processes", 12) +
             pad_left("still alive", 12),
         Tone::heading);
    const Tree tree = make_tree(observed_, most_lines);
    for (const TreeRow& row : tree.rows) {
      const std::string label = std::string(2 * row.depth, ' ') + row.name + " " + row.which;
      line(pad_right(shorten(label, room), room) + pad_left(format_count(row.threads), 12) +
           pad_left(format_count(row.processes), 12) + pad_left(format_count(row.alive), 12));
    }
    if (tree.hidden) line("  … and " + format_count(tree.hidden) + " more processes", Tone::dim);
  }

  void details() {
    for (const DetailView* view : detail_views()) {
      const std::vector<Subject> subjects =
          subjects_of(*view, {{"", observed_.observer, &observed_.details}}, options_.parts);
      if (!(options_.parts.*view->part) || subjects.empty()) continue;
      line("");
      for (const Line& each : view->lines(subjects, width_)) line(each.text, each.tone);
    }
  }

  void probes() {
    line("");
    line("Probes", Tone::heading);
    for (const result::ProbeNote& probe : observed_.probes) {
      std::string text = probe.question + ": ";
      if (probe.rung.empty()) {
        text += "nobody answers this here";
      } else {
        text += probe.rung + " " + probe.hook + ", " + format_count(probe.count.value_or(0)) +
                " × " + probe.meaning;
        if (probe.recursion_misses)
          text += "; " + format_count(*probe.recursion_misses) + " skipped by the kernel";
      }
      paragraph("  ", text);
    }
    paragraph("  ", format_count(observed_.lost_events) + " events lost");
  }

  const Observed& observed_;
  const Options& options_;
  const std::size_t width_;
  std::string out_;
};

}  // namespace

std::string observed_title(const Observed& observed) {
  std::string what;
  if (observed.pid) {
    what = "process " + std::to_string(*observed.pid);
  } else if (!observed.cgroup.empty()) {
    what = "control group " + shorten(one_line(observed.cgroup), 200);
  } else {
    for (const std::string& word : observed.command)
      what += (what.empty() ? "" : " ") + quoted(word);
    what = shorten(one_line(what), 200);
  }
  what += " — observed with " + observed.observer + " for " +
          format_duration(static_cast<double>(observed.wall_ns));
  if (!observed.exit) return what;
  if (observed.exit->code)
    return what + ", exited with code " + std::to_string(*observed.exit->code);
  const char* name = sigabbrev_np(observed.exit->signal.value_or(0));
  return what + ", killed by " +
         (name ? "SIG" + std::string(name)
               : "signal " + std::to_string(observed.exit->signal.value_or(0)));
}

std::string observed_table(const Observed& observed, const Options& options) {
  return Printer(observed, options).table();
}

std::string observed_screen(const Observed& observed, const Observed* before,
                            const std::vector<result::Carrier>& carriers, const Options& options,
                            std::size_t lines) {
  return Printer(observed, options).screen(before, carriers, lines);
}

std::string rungs_table(const std::vector<result::ProbeNote>& probes, const Options& options) {
  const std::size_t width = std::max<std::size_t>(60, options.width);
  std::string out;
  const auto paragraph = [&](const std::string& lead, const std::string& text) {
    bool first = true;
    for (const std::string& part : wrap(text, width - display_width(lead))) {
      out += (first ? lead : std::string(display_width(lead), ' ')) + part + "\n";
      first = false;
    }
  };
  for (const result::ProbeNote& probe : probes) {
    out += probe.question + "\n";
    paragraph("  uses     ", probe.rung.empty() ? "nothing: nobody answers this here"
                                                : probe.rung + " " + probe.hook +
                                                      ", one count is " + probe.meaning);
    for (const result::TriedRung& tried : probe.tried)
      paragraph("  refused  ", tried.rung + " " + tried.hook + ": " + tried.because);
  }
  return options.ascii ? to_ascii(out) : out;
}

}  // namespace vtlab::render
