#include "render/observed.h"

#include <algorithm>
#include <cstring>
#include <map>

#include "render/detail.h"
#include "render/format.h"
#include "result/observed_json.h"

namespace vtlab::render {
namespace {

using result::Observed;
using result::ObservedProcess;

constexpr std::size_t kLabel = 44, kNumber = 16;
constexpr std::size_t kMostTreeLines = 40, kDeepest = 12;

class Printer {
 public:
  Printer(const Observed& observed, const Options& options)
      : observed_(observed), options_(options), width_(std::max<std::size_t>(60, options.width)) {}

  std::string table() {
    paragraph("", title(), "1");
    if (!observed_.void_because.empty())
      paragraph("! ", "void: " + observed_.void_because + "; do not rely on the numbers", "1;33");
    if (observed_.partial) paragraph("! ", "partial: " + observed_.partial_because, "1;33");
    if (options_.parts.ledger) {
      line("");
      counts();
      tree(kMostTreeLines);
    }
    details();
    if (options_.parts.ledger) probes();
    for (const std::string& note : observed_.notes) {
      line("");
      paragraph("", note, "2");
    }
    return std::move(out_);
  }

  std::string screen(const Observed* before, std::size_t lines) {
    line(shorten(one_line(title()), width_), "1");
    if (!observed_.void_because.empty())
      line(shorten("! void: " + observed_.void_because, width_), "1;33");
    rates(before);
    const auto used = static_cast<std::size_t>(std::count(out_.begin(), out_.end(), '\n'));
    // Two lines stand above the tree and one can come below it.
    if (lines > used + 4) tree(std::min(kMostTreeLines, lines - used - 4));
    return std::move(out_);
  }

 private:
  void line(const std::string& text, std::string_view ansi = "") {
    const std::string visible = options_.ascii ? to_ascii(text) : text;
    out_ += options_.colour && !ansi.empty()
                ? "\033[" + std::string(ansi) + "m" + visible + "\033[0m\n"
                : visible + "\n";
  }

  void paragraph(const std::string& lead, const std::string& text, std::string_view ansi = "") {
    const std::size_t indent = display_width(lead);
    bool first = true;
    for (const std::string& part : wrap(one_line(text), width_ - indent)) {
      line((first ? lead : std::string(indent, ' ')) + part, ansi);
      first = false;
    }
  }

  std::string title() const {
    std::string what = "process " + std::to_string(observed_.pid.value_or(0));
    if (!observed_.pid) {
      what.clear();
      for (const std::string& word : observed_.command)
        what += (what.empty() ? "" : " ") + quoted(word);
      what = shorten(one_line(what), 200);
    }
    what += " — observed with " + observed_.observer + " for " +
            format_duration(static_cast<double>(observed_.wall_ns));
    if (!observed_.exit) return what;
    if (observed_.exit->code)
      return what + ", exited with code " + std::to_string(*observed_.exit->code);
    const char* name = sigabbrev_np(observed_.exit->signal.value_or(0));
    return what + ", killed by " +
           (name ? "SIG" + std::string(name)
                 : "signal " + std::to_string(observed_.exit->signal.value_or(0)));
  }

  // As it would be typed, so that it shows where a word ends.
  static std::string quoted(const std::string& word) {
    if (!word.empty() && word.find_first_of(" \t\n'\"\\|&;<>()$`*?[]{}#~!") == std::string::npos)
      return word;
    std::string out = "'";
    for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
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
         "36");
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

  void counts() {
    for (const result::Metric& metric : observed_.counts) line(count_line(metric));
    bool first = true;
    for (const result::Metric& metric : observed_.counts) {
      if (metric.value) continue;
      if (first) line("");
      first = false;
      paragraph("– ", metric.title + ": " + metric.missing_because, "2");
    }
  }

  // ---- the tree: siblings of one name are one line ----

  using Places = std::vector<std::size_t>;

  static std::string name_of(const ObservedProcess& process) {
    return process.name.empty() ? "(name unknown)" : one_line(process.name);
  }

  // In the order in which each name appeared first.
  std::vector<Places> by_name(const Places& places) const {
    std::vector<Places> groups;
    std::map<std::string, std::size_t> known;
    for (const std::size_t place : places) {
      const auto [group, is_new] =
          known.try_emplace(name_of(observed_.processes[place]), groups.size());
      if (is_new) groups.emplace_back();
      groups[group->second].push_back(place);
    }
    return groups;
  }

  void branch(const Places& group, std::size_t depth, std::size_t most_lines) {
    if (tree_lines_ == most_lines || depth == kDeepest) return;
    ++tree_lines_;
    shown_ += group.size();
    std::uint64_t threads = 0, processes = 0, alive = 0;
    Places below;
    for (const std::size_t place : group) {
      threads += observed_.processes[place].threads_made;
      processes += observed_.processes[place].processes_made;
      alive += !observed_.processes[place].ended;
      below.insert(below.end(), children_[place].begin(), children_[place].end());
    }
    const ObservedProcess& first = observed_.processes[group.front()];
    const std::string which = group.size() == 1 ? "(" + std::to_string(first.pid) + ")"
                                                : "×" + format_count(group.size());
    const std::string label = std::string(2 * depth, ' ') + name_of(first) + " " + which;
    line(pad_right(shorten(label, kLabel - 12), kLabel - 12) + pad_left(format_count(threads), 12) +
         pad_left(format_count(processes), 12) + pad_left(format_count(alive), 12));
    for (const Places& next : by_name(below)) branch(next, depth + 1, most_lines);
  }

  void tree(std::size_t most_lines) {
    line("");
    if (observed_.processes.empty()) {
      paragraph("", "Who made them: not observed, " + observed_.processes_missing_because, "2");
      return;
    }
    line(pad_right("Who made them", kLabel - 12) + pad_left("threads", 12) +
             pad_left("processes", 12) + pad_left("still alive", 12),
         "36");
    children_.resize(observed_.processes.size());
    Places roots;
    for (std::size_t place = 0; place < observed_.processes.size(); ++place) {
      const auto by = observed_.processes[place].by_id;
      (by && *by < place ? children_[*by] : roots).push_back(place);
    }
    for (const Places& group : by_name(roots)) branch(group, 0, most_lines);
    const std::uint64_t hidden =
        observed_.processes.size() - shown_ + observed_.processes_not_listed;
    if (hidden) line("  … and " + format_count(hidden) + " more processes", "2");
  }

  void details() {
    for (const DetailView* view : detail_views()) {
      if (!(options_.parts.*view->part) || !view->applies(observed_.details)) continue;
      line("");
      for (const Line& each : view->lines({{"", observed_.observer, &observed_.details}}, width_))
        line(each.text, style_of(each.tone));
    }
  }

  void probes() {
    line("");
    line("Probes", "36");
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
  std::vector<Places> children_;
  std::size_t tree_lines_ = 0;
  std::uint64_t shown_ = 0;
};

}  // namespace

std::string observed_table(const Observed& observed, const Options& options) {
  return Printer(observed, options).table();
}

std::string observed_screen(const Observed& observed, const Observed* before,
                            const Options& options, std::size_t lines) {
  return Printer(observed, options).screen(before, lines);
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

std::string observed_json(const Observed& observed) {
  return result::to_json(observed) + "\n";
}

}  // namespace vtlab::render
