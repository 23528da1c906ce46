#include "metrics/endpoint.h"

#include <arpa/inet.h>
#include <prometheus/collectable.h>
#include <prometheus/exposer.h>
#include <prometheus/metric_family.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <exception>
#include <system_error>
#include <utility>

#include "metrics/utf8.h"

namespace vtlab::metrics {
namespace {

prometheus::ClientMetric to_metric(const Sample& sample, Type type) {
  prometheus::ClientMetric out;
  for (const auto& [name, value] : sample.labels) out.label.push_back({name, only_utf8(value)});
  switch (type) {
    case Type::counter:
      out.counter.value = sample.value;
      break;
    case Type::gauge:
      out.gauge.value = sample.value;
      break;
    case Type::histogram:
      out.histogram.sample_count = sample.count;
      out.histogram.sample_sum = sample.value;
      for (const Bucket& bucket : sample.buckets)
        out.histogram.bucket.push_back({bucket.count, bucket.most});
      break;
  }
  return out;
}

prometheus::MetricFamily to_family(const Family& family) {
  constexpr prometheus::MetricType kTypes[] = {prometheus::MetricType::Counter,
                                               prometheus::MetricType::Gauge,
                                               prometheus::MetricType::Histogram};
  prometheus::MetricFamily out;
  out.name = family.name;
  out.help = family.help;
  out.type = kTypes[static_cast<std::size_t>(family.type)];
  for (const Sample& sample : family.samples) out.metric.push_back(to_metric(sample, family.type));
  return out;
}

class Page final : public prometheus::Collectable {
 public:
  explicit Page(Endpoint::Scrape scrape) : scrape_(std::move(scrape)) {}

  std::vector<prometheus::MetricFamily> Collect() const override {
    std::vector<prometheus::MetricFamily> all;
    try {
      for (const Family& family : scrape_())
        if (!family.samples.empty()) all.push_back(to_family(family));
    } catch (const std::exception&) {
      all.clear();  // an empty page, which Prometheus shows as missing, is all that can be said here
    }
    return all;
  }

 private:
  Endpoint::Scrape scrape_;
};

// The server library says only that it failed. So the same is done beforehand, and undone: then the system says why.
void try_to_listen(const Address& address) {
  const auto check = [&](bool good) {
    if (!good) throw std::system_error(errno, std::generic_category());
  };
  const int fd = socket(address.is_v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  check(fd >= 0);
  const struct Closer {
    int fd;
    ~Closer() { close(fd); }
  } closer{fd};
  const int yes = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  if (address.is_v6) {
    sockaddr_in6 where{};
    where.sin6_family = AF_INET6;
    where.sin6_port = htons(address.port);
    inet_pton(AF_INET6, address.host.c_str(), &where.sin6_addr);
    check(bind(fd, reinterpret_cast<const sockaddr*>(&where), sizeof(where)) == 0);
  } else {
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(address.port);
    inet_pton(AF_INET, address.host.c_str(), &where.sin_addr);
    check(bind(fd, reinterpret_cast<const sockaddr*>(&where), sizeof(where)) == 0);
  }
  check(listen(fd, 1) == 0);
}

}  // namespace

struct Endpoint::Impl {
  Address address;
  std::shared_ptr<Page> page;
  std::unique_ptr<prometheus::Exposer> server;  // goes first: its threads ask the page
};

Endpoint::Endpoint(const Address& address, Scrape scrape) : impl_(std::make_unique<Impl>()) {
  try_to_listen(address);
  impl_->address = address;
  impl_->page = std::make_shared<Page>(std::move(scrape));
  try {
    // Who connects and says nothing must not keep both threads from the others.
    impl_->server = std::make_unique<prometheus::Exposer>(std::vector<std::string>{
        "listening_ports", address.text(), "num_threads", "2", "request_timeout_ms", "5000"});
  } catch (const std::exception&) {
    // What we could do and the library could not: it was built without IPv6, or the port was taken meanwhile.
    throw std::system_error(address.is_v6 ? EAFNOSUPPORT : EADDRINUSE, std::generic_category());
  }
  const std::vector<int> ports = impl_->server->GetListeningPorts();
  if (!ports.empty()) impl_->address.port = static_cast<std::uint16_t>(ports.front());
  impl_->server->RegisterCollectable(impl_->page);
}

Endpoint::~Endpoint() = default;

std::string Endpoint::url() const {
  return "http://" + impl_->address.text() + "/metrics";
}

}  // namespace vtlab::metrics
