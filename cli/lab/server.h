// server.h — answers every request after a delay. Runs in vtlab, outside the observed process.
//
// One connected socket pair per unit, one end handed to the observed program: no port, no path,
// nobody else can connect. Answers go out in the order of the requests, each `delay` after its own
// request arrived.
//
// Owns      one thread and the server ends of all connections.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "lab/fd.h"

namespace vtlab::lab {

class DelayServer {
 public:
  /// `waiting_at_once`: how many units can wait together; when so many do, full() becomes readable.
  DelayServer(std::uint32_t connections, std::uint32_t waiting_at_once, std::uint64_t delay_ns);
  ~DelayServer();  ///< closes all connections: a unit that still waits reads end of file
  DelayServer(const DelayServer&) = delete;
  DelayServer& operator=(const DelayServer&) = delete;

  /// The socket to give to the observed program: it receives one connection per unit through it
  /// (unix(7), SCM_RIGHTS).
  int hand_over_fd() const { return hand_over_child_.get(); }
  /// To be called in vtlab once the program has that socket.
  void close_child_end() { hand_over_child_.reset(); }

  /// Readable once: at the first moment when as many units wait as can, or else when the first
  /// answer is due.
  int full_fd() const { return full_.get(); }
  /// Most requests that waited for their answer at the same time, so far. For any thread.
  std::uint32_t most_waiting() const { return most_waiting_.load(std::memory_order_relaxed); }
  /// Why it stopped serving, with the system's reason; empty while it serves. For any thread.
  std::string problem() const;

 private:
  void run();
  void hand_over();
  void serve();
  void signal_full();

  const std::uint32_t connections_;
  const std::uint32_t waiting_at_once_;
  const std::uint64_t delay_ns_;
  Fd hand_over_server_, hand_over_child_;
  Fd full_, stop_;
  std::vector<Fd> clients_;  // the server ends; touched by the thread only
  std::atomic<std::uint32_t> most_waiting_{0};
  mutable std::mutex mutex_;
  std::string problem_;  // guarded by mutex_
  bool full_signalled_ = false;
  std::thread thread_;
};

}  // namespace vtlab::lab
