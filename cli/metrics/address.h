// address.h — where an endpoint listens: an IP address and a port.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace vtlab::metrics {

struct Address {
  std::string host = "127.0.0.1";  ///< numeric
  bool is_v6 = false;
  std::uint16_t port = 0;  ///< 0: the system chooses one

  std::string text() const;  ///< "127.0.0.1:9464", "[::1]:9464"
  bool is_everywhere() const { return host == "0.0.0.0" || host == "::"; }
};

/// "9464" and ":9464" (this machine only), "127.0.0.1:9464", "[::1]:9464", "localhost:9464". Nothing: it is none
/// of these.
std::optional<Address> parse_address(const std::string& word);

}  // namespace vtlab::metrics
