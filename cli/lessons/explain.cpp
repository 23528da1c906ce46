#include "lessons/explain.h"

#include <algorithm>

#include "render/view.h"

namespace vtlab::lessons {
namespace {

using When = Explanation::Remark::When;

std::string joined(std::string text, const std::string& more) {
  if (text.empty() || more.empty()) return text + more;
  return text + "\n\n" + more;
}

std::string remarks(const Explanation& explanation, const Values& values, When when,
                    std::optional<std::size_t> choice = {}) {
  std::string text;
  for (const Explanation::Remark& remark : explanation.remarks)
    if (remark.when == when && (!choice || remark.choice == *choice))
      text = joined(text, remark.text.filled(values));
  return text;
}

}  // namespace

Explained explained(const Step& step, const Values& values, const std::optional<Answer>& answer,
                    std::optional<bool> right) {
  const Explanation& explanation = *step.as<Explanation>();
  Explained out;
  if (answer && right) {
    if (answer->choice) out.remark = remarks(explanation, values, When::said, answer->choice);
    if (out.remark.empty())
      out.remark = remarks(explanation, values, *right ? When::right : When::wrong);
  }
  out.as_expected =
      !explanation.expected || explanation.expected->truth(values) == Condition::Truth::holds;
  if (out.as_expected) {
    out.text = step.text.filled(values);
    return out;
  }
  out.remark.clear();  // it was written for what did not happen
  out.text = joined("**On this machine it came out differently.** This lesson expects `" +
                        explanation.expected->text() + "`. In this run " +
                        explanation.expected->evidence(values) + ".",
                    remarks(explanation, values, When::otherwise));
  return out;
}

std::vector<std::string> verdicts(const Explanation& explanation,
                                  const result::Document& document) {
  std::vector<std::string> lines;
  const auto* set = std::get_if<result::ResultSet>(&document);
  if (!set) return lines;
  for (const result::Result& r : set->results)
    for (const result::ClaimCheck& claim : r.claims)
      if (std::find(explanation.claims.begin(), explanation.claims.end(), claim.id) !=
          explanation.claims.end())
        lines.push_back(render::verdict_sign(claim.verdict) + " " +
                        render::verdict_word(claim.verdict) + ": **" + claim.id + "** (" + r.mode +
                        "): " + claim.because);
  return lines;
}

}  // namespace vtlab::lessons
