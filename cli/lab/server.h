// server.h — answers every request after a delay.
//
// Answers go out in the order of the requests, each `delay` after its own request arrived.
#pragma once

#include "lab/peer.h"

namespace vtlab::lab {

class DelayServer final : public Peer {
 public:
  /// `waiting_at_once`: how many units can wait together; when so many do, full() becomes readable.
  DelayServer(std::uint32_t connections, std::uint32_t waiting_at_once, std::uint64_t delay_ns,
              Over over = Over::socket, HandOver hand_over = HandOver::descriptors);
  ~DelayServer() override;

  /// Readable once: at the first moment when as many units wait as can, or else when the first
  /// answer is due.
  int full_fd() const override { return full_.get(); }
  std::optional<std::uint32_t> most_waiting() const override {
    return most_waiting_.load(std::memory_order_relaxed);
  }

 private:
  void serve() override;
  void signal_full();

  const std::uint32_t waiting_at_once_;
  const std::uint64_t delay_ns_;
  Fd full_;
  std::atomic<std::uint32_t> most_waiting_{0};
  bool full_signalled_ = false;
};

}  // namespace vtlab::lab
