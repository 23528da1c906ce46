#include "metrics/address.h"

#include <arpa/inet.h>

#include <charconv>
#include <system_error>

namespace vtlab::metrics {

std::string Address::text() const {
  return (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::optional<Address> parse_address(const std::string& word) {
  Address address;
  const auto colon = word.rfind(':');
  std::string host = colon == std::string::npos ? "" : word.substr(0, colon);
  const std::string port = colon == std::string::npos ? word : word.substr(colon + 1);
  const char* end = port.data() + port.size();
  const auto [stopped, error] = std::from_chars(port.data(), end, address.port);
  if (error != std::errc() || stopped != end) return std::nullopt;
  if (host.empty() || host == "localhost") return address;
  if (host.front() == '[' && host.back() == ']') {
    address.is_v6 = true;
    host = host.substr(1, host.size() - 2);
  }
  in6_addr room{};
  if (inet_pton(address.is_v6 ? AF_INET6 : AF_INET, host.c_str(), &room) != 1) return std::nullopt;
  address.host = host;
  return address;
}

}  // namespace vtlab::metrics
