// load_client.h — asks the observed program, which is the server: on each connection one request
// after the other, each sent when the answer to the last has come (a closed loop).
//
// So what it measures is what clients of such a server see; all connections ask at the same time.
// After its last answer a connection is closed, from which its unit learns that it is done.
#pragma once

#include "lab/peer.h"

namespace vtlab::lab {

class LoadClient final : public Peer {
 public:
  LoadClient(std::uint32_t connections, std::uint32_t requests_per_connection,
             HandOver hand_over = HandOver::descriptors);
  ~LoadClient() override;

  void begin() override;
  std::optional<LoadFacts> load() const override;

 private:
  void serve() override;

  const std::uint32_t requests_per_connection_;
  Fd begin_;
  mutable std::mutex mutex_;
  std::optional<LoadFacts> load_;  // guarded by mutex_
};

}  // namespace vtlab::lab
