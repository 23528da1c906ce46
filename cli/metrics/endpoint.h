// endpoint.h — a page of metrics for Prometheus, by prometheus-cpp, which is used nowhere else.
//
// Owns      a listening socket, which programs that vtlab starts do not inherit, and two threads that answer.
// Threads   The scrape is called by those threads; the rest is for whoever made it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "metrics/address.h"
#include "metrics/family.h"

namespace vtlab::metrics {

class Endpoint {
 public:
  /// Called once for each request, by several threads at once.
  using Scrape = std::function<std::vector<Family>()>;

  /// Serves from now on. Errors: std::system_error with the reason why nothing can listen there.
  Endpoint(const Address& address, Scrape scrape);
  ~Endpoint();  ///< waits for requests that are being answered
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;

  std::string url() const;  ///< "http://127.0.0.1:9464/metrics"

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vtlab::metrics
