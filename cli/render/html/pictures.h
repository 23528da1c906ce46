// pictures.h — what a report draws of the details, besides their tables: one function for each view that has a picture.
//
// Each gets the subjects that the view applies to (see render/detail.h) and returns HTML, which may be empty.
//
// Threads   Pure functions.
#pragma once

#include <string>
#include <vector>

#include "render/detail.h"
#include "result/comparison.h"

namespace vtlab::render::html {

std::string path_pictures(const std::vector<Subject>& subjects);
std::string sched_pictures(const std::vector<Subject>& subjects);
std::string syscall_pictures(const std::vector<Subject>& subjects);
std::string task_name_pictures(const std::vector<Subject>& subjects);
std::string timeline_pictures(const std::vector<Subject>& subjects);  ///< for timeline.js

/// Memory per unit of some modes, stacked by kind.
std::string memory_picture(const std::vector<const result::Result*>& modes);

/// One quantity: medians as bars with their intervals as whiskers; how it grows, if there are several sizes.
std::string quantity_picture(const result::Quantity& quantity);

}  // namespace vtlab::render::html
