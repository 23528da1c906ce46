// lesson_views.h — a view of a lesson as text: what `vtlab report --show …` says of it, and no more.
#pragma once

#include <string>

#include "lessons/lesson.h"
#include "render/renderer.h"
#include "result/observed_json.h"

namespace vtlab::commands {

/// Errors: lab::Error (usage) if the lesson names a view, or a part of a timeline, that does not exist.
std::string view_as_table(const result::Document& document, const lessons::View& view,
                          const render::Options& options);
std::string view_as_markdown(const result::Document& document, const lessons::View& view);

}  // namespace vtlab::commands
