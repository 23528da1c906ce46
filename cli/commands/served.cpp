#include "commands/served.h"

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "lab/error.h"
#include "lab/procfs.h"

namespace vtlab::commands {
namespace {

using lab::Error;
using lab::ExitCode;

metrics::Address parse(const std::string& word, const std::string& usage) {
  const auto address = metrics::parse_address(word);
  if (!address)
    throw Error(ExitCode::usage, "--metrics cannot be '" + word + "'",
                {"a port (9464), or an IP address and a port (127.0.0.1:9464, [::1]:9464)"},
                {usage});
  return *address;
}

// As parse(), and with the reason of a system that lets nobody listen there.
Error refused(const std::string& word, const std::error_code& error, const std::string& usage) {
  std::vector<std::string> why{std::strerror(error.value())};
  if (error.value() == EADDRINUSE) why.emplace_back("with port 0 the system chooses a free one");
  if (error.value() == EACCES) why.emplace_back("ports below 1024 need CAP_NET_BIND_SERVICE");
  if (error.value() == EAFNOSUPPORT)
    why.emplace_back("civetweb, this system's library for web servers, may be built without IPv6");
  if (error.value() == EADDRNOTAVAIL)
    why.emplace_back("no network interface of this machine has that address");
  return Error(ExitCode::machine_cannot, "cannot serve metrics at " + word, std::move(why),
               {usage});
}

}  // namespace

Served::Served(const std::string& address, const std::string& usage) try
    : endpoint_(parse(address, usage), [this] { return scrape(); }) {
} catch (const std::system_error& error) {
  throw refused(address, error.code(), usage);
}

Served::~Served() {
  handover_.close();
}

void Served::answer(const std::function<Seen()>& look) {
  if (handover_.wanted()) handover_.answer(look);
}

std::vector<metrics::Family> Served::scrape() {
  std::optional<Seen> seen = handover_.ask();
  if (!seen) return {};
  seen->facts.by_state = lab::states_of_tasks(seen->living);
  return families(seen->facts);
}

}  // namespace vtlab::commands
