// scores.h — what somebody predicted in lessons, and how often that was right: what `vtlab lesson` remembers.
//
// Threads   Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vtlab::result {

inline constexpr const char* kScoresSchema = "vtlab.lessons/1";

/// One prediction that was answered.
struct GivenAnswer {
  std::string question;       ///< its name in the lesson
  std::string said;           ///< as it was shown: "2. only one", "104 ms"
  std::optional<bool> right;  ///< absent: the lesson was left before its run
};

/// The last time that a lesson was played.
struct LessonScore {
  std::string lesson;
  std::string at;                 ///< UTC, ISO 8601
  std::uint64_t predictions = 0;  ///< that the lesson asks for
  bool finished = false;
  std::vector<GivenAnswer> answers;

  std::uint64_t right() const {
    std::uint64_t count = 0;
    for (const GivenAnswer& answer : answers) count += answer.right.value_or(false);
    return count;
  }
};

struct Scores {
  std::vector<LessonScore> lessons;

  /// Null if it was never played.
  const LessonScore* find(std::string_view lesson) const {
    for (const LessonScore& score : lessons)
      if (score.lesson == lesson) return &score;
    return nullptr;
  }
  void put(LessonScore score) {
    for (LessonScore& each : lessons)
      if (each.lesson == score.lesson) {
        each = std::move(score);
        return;
      }
    lessons.push_back(std::move(score));
  }
};

/// As a JSON document, and back. Errors: SchemaError.
std::string to_json(const Scores& scores);
Scores scores_from_json(std::string_view text);

}  // namespace vtlab::result
