#include "result/json_tools.h"
#include "result/scores.h"

namespace vtlab::result {
namespace {

Json write(const GivenAnswer& answer) {
  Json out;
  out["question"] = answer.question;
  out["said"] = answer.said;
  put_if(out, "right", answer.right);
  return out;
}

Json write(const LessonScore& score) {
  Json out;
  out["lesson"] = score.lesson;
  out["at"] = score.at;
  out["predictions"] = score.predictions;
  out["finished"] = score.finished;
  out["answers"] = list(score.answers, [](const GivenAnswer& answer) { return write(answer); });
  return out;
}

GivenAnswer read_answer(const Node& in) {
  GivenAnswer answer{in.text("question"), in.text("said"), {}};
  if (in.has("right")) answer.right = in.flag("right");
  return answer;
}

LessonScore read_score(const Node& in) {
  return {in.text("lesson"), in.text("at"), in.whole("predictions"), in.flag("finished"),
          in.list("answers", read_answer)};
}

}  // namespace

std::string to_json(const Scores& scores) {
  Json out;
  out["schema"] = kScoresSchema;
  out["lessons"] = list(scores.lessons, [](const LessonScore& score) { return write(score); });
  return out.dump(2, ' ', false, Json::error_handler_t::replace);
}

Scores scores_from_json(std::string_view text) {
  const JsonDocument document(text);
  const Node in(document);
  in.expect_object();
  if (in.text("schema") != kScoresSchema)
    in.at("schema").fail("expected " + std::string(kScoresSchema));
  return {in.list("lessons", read_score)};
}

}  // namespace vtlab::result
