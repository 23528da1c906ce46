// observed_picture.h — which function of an observed program made which task_structs, as squares.
#pragma once

#include <string>

#include "result/observed.h"

namespace vtlab::render::html {

/// The picture of the ledger for a program that publishes no actions: its functions stand in their place. Empty if nobody
/// counted tasks. Pure.
std::string observed_picture(const result::Observed& observed);

}  // namespace vtlab::render::html
