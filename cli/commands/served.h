// served.h — `observe --metrics ADDR`: what is observed, as a page for Prometheus.
//
// Owns      the endpoint with its threads; all it says ends with it.
// Threads   Made, told and destroyed by the thread that observes, which alone reads the observer. The server's threads
//           wait for it (metrics/handover.h); what they read themselves is /proc.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "metrics/endpoint.h"
#include "metrics/families.h"
#include "metrics/handover.h"

namespace vtlab::commands {

class Served {
 public:
  /// Listens from now on; `usage` is a command line that works. Errors: lab::Error if the word is no address
  /// (usage), or nothing can listen there (machine_cannot).
  Served(const std::string& address, const std::string& usage);
  ~Served();

  std::string url() const { return endpoint_.url(); }
  /// To be called every few milliseconds: looks if somebody asks.
  struct Seen {
    metrics::Facts facts;
    std::vector<std::uint32_t> living;  ///< tgids
  };
  void answer(const std::function<Seen()>& look);

 private:
  std::vector<metrics::Family> scrape();

  metrics::Handover<Seen> handover_;
  metrics::Endpoint endpoint_;  // after what its threads use
};

}  // namespace vtlab::commands
