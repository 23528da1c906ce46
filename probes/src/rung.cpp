#include "probes/rung.h"

namespace vtlab::probes {

std::string_view name(Rung rung) {
  switch (rung) {
    case Rung::fentry:
      return "fentry";
    case Rung::fexit:
      return "fexit";
    case Rung::kprobe:
      return "kprobe";
    case Rung::tp_btf:
      return "tp_btf";
    case Rung::tracepoint:
      return "tracepoint";
  }
  return "?";
}

std::optional<Rung> parse_rung(std::string_view text) {
  for (Rung rung : kRungs) {
    if (name(rung) == text) return rung;
  }
  return std::nullopt;
}

}  // namespace vtlab::probes
