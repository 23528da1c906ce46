#include "lessons/handout.h"

#include <algorithm>

#include "lessons/explain.h"
#include "lessons/page.h"
#include "lessons/values_of.h"
#include "render/html/from_markdown.h"
#include "render/html/page.h"
#include "render/words.h"

namespace vtlab::lessons {
namespace {

struct Chapter {
  std::string title, body;
};

constexpr const char* kLine =
    "\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_"
    "\\_\\_\\_\\_\\_\\_\\_\\_\\_";

class Handout {
 public:
  Handout(const Lesson& lesson, const AllEvidence& evidence, bool answers, const ViewMarkdown& view)
      : lesson_(lesson), evidence_(evidence), answers_(answers), view_(view) {
    for (const auto& [run, of] : evidence) values_.merge(prefixed(values_of(of.document), run));
  }

  std::string head() const {
    return "Lesson *" + lesson_.name + "* of vtlab · about " + std::to_string(lesson_.minutes) +
           " minutes · " + (answers_ ? "with answers" : "work sheet");
  }

  std::vector<std::string> setting() const {
    std::vector<std::string> lines;
    for (const Step& step : lesson_.steps) {
      if (!step.as<Run>()) continue;
      const Evidence& of = evidence_.at(step.name);
      std::string line = "Made from " + of.from;
      for (const std::string& part : render::setting_lines(host_of(of.document), ""))
        if (!part.empty()) line += " · " + part;
      lines.push_back(line);
    }
    return lines;
  }

  std::vector<Chapter> chapters() const {
    std::vector<Chapter> out;
    const std::string begin = unwrapped(lesson_.text.filled(values_));
    out.push_back({"What this is about", (begin.empty() ? lesson_.summary : begin) +
                                             (answers_ ? "" : "\n\nName: " + std::string(kLine))});
    for (const Step& step : lesson_.steps) out.push_back(chapter(step));
    return out;
  }

 private:
  Chapter chapter(const Step& step) const {
    std::string body = unwrapped(step.text.filled(values_));
    const auto add = [&](const std::string& more) {
      if (!more.empty()) body += (body.empty() ? "" : "\n\n") + more;
    };
    std::string kind = "Read";
    if (const auto* asked = step.as<Prediction>()) {
      kind = "Predict";
      add(prediction(*asked));
    } else if (const auto* run = step.as<Run>()) {
      kind = "Run";
      add("```\nvtlab " + run->line + "\n```");
    } else if (const auto* view = step.as<View>()) {
      kind = "See";
      add(view_(evidence_.at(step.name).document, *view));
    } else if (const auto* explanation = step.as<Explanation>()) {
      kind = "Explain";
      body = explain(step, *explanation);
    }
    return {kind + ": " + step.title, body};
  }

  std::string prediction(const Prediction& asked) const {
    const Truth is = truth(asked, values_);
    std::string out;
    for (std::size_t i = 0; i < asked.choices.size(); ++i)
      out += std::string("- ") + (answers_ && is.choice == i ? "☑" : "☐") + " " +
             std::to_string(i + 1) + ". " + asked.choices[i] + "\n";
    if (asked.choices.empty())
      out += answers_ ? "In this run: **" + is.shown + "**\n"
                      : "Your answer: " + std::string(kLine) + "\n";
    else if (answers_ && !is.because.empty())
      out += "\nDecided by the run: " + is.because + "\n";
    out.pop_back();
    return out;
  }

  std::string explain(const Step& step, const Explanation& explanation) const {
    if (!answers_)
      return "What does the run show, and why?\n\n" + std::string(kLine) + "\n\n" + kLine + "\n\n" +
             kLine;
    const Explained words = explained(step, values_, {}, {});
    std::string out = unwrapped(words.text);
    for (const Explanation::Remark& remark : explanation.remarks) {
      using When = Explanation::Remark::When;
      if (!words.as_expected || remark.when == When::right || remark.when == When::otherwise)
        continue;
      const std::string who = remark.when == When::said
                                  ? "If you said " + std::to_string(remark.choice + 1)
                                  : "If you said something else";
      out += "\n\n" + unwrapped("*" + who + ":* " + remark.text.filled(values_));
    }
    std::string claims;
    for (const auto& [run, of] : evidence_)
      for (const std::string& line : verdicts(explanation, of.document)) claims += "\n- " + line;
    if (!claims.empty()) out += "\n" + claims;
    return out;
  }

  const Lesson& lesson_;
  const AllEvidence& evidence_;
  const bool answers_;
  const ViewMarkdown& view_;
  Values values_;
};

}  // namespace

std::string handout_markdown(const Lesson& lesson, const AllEvidence& evidence, bool answers,
                             const ViewMarkdown& view) {
  const Handout handout(lesson, evidence, answers, view);
  std::string out = "# " + lesson.title + "\n\n" + handout.head() + "\n";
  for (const std::string& line : handout.setting()) out += "\n" + line + "\n";
  for (const Chapter& chapter : handout.chapters())
    out += "\n## " + chapter.title + "\n\n" + chapter.body + "\n";
  return out;
}

std::string handout_html(const Lesson& lesson, const AllEvidence& evidence, bool answers,
                         const ViewMarkdown& view) {
  const Handout handout(lesson, evidence, answers, view);
  const bool own = std::none_of(library().begin(), library().end(),
                                [&](const Lesson& each) { return each.file == lesson.file; });
  render::html::Page page{.title = lesson.title,
                          .setting = handout.setting(),
                          .command = "vtlab lesson " + (own ? lesson.file : lesson.name),
                          .alerts = {},
                          .sections = {},
                          .kicker = "vtlab lesson · about " + std::to_string(lesson.minutes) +
                                    " minutes · " + (answers ? "with answers" : "work sheet")};
  for (const Chapter& chapter : handout.chapters())
    page.sections.push_back({chapter.title, render::html::from_markdown(chapter.body)});
  return render::html::write_page(page);
}

}  // namespace vtlab::lessons
