// utf8.h — texts from outside as Prometheus takes them: it refuses a whole page for one byte that is no UTF-8, and the
// name of a program may be any bytes.
#pragma once

#include <string>
#include <string_view>

namespace vtlab::metrics {

/// Each byte that is not part of a character becomes U+FFFD.
std::string only_utf8(std::string_view text);

}  // namespace vtlab::metrics
