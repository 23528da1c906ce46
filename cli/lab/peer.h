// peer.h — who is at the other end of the units' connections. Runs in vtlab, outside the observed
// process.
//
// One connection per unit, its other end handed to the observed program: no port, no path, nobody
// else can connect. A program that cannot be handed a descriptor (Java) connects by TCP to a port of the loopback
// interface, and each connection must begin with a secret that only that program was told.
//
// Owns      one thread and our ends of all connections.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "lab/fd.h"
#include "scenarios/params.h"

namespace vtlab::lab {

/// What a client outside measured.
struct LoadFacts {
  std::uint64_t requests = 0;     ///< that were answered
  std::uint64_t duration_ns = 0;  ///< from the first request to the last answer
  std::uint64_t p50_ns = 0, p99_ns = 0;
};

/// How the observed program gets its ends of the connections.
enum class HandOver { descriptors, tcp };

/// Throws the std::system_error of errno.
[[noreturn]] void throw_errno(const char* what);

class Peer {
 public:
  virtual ~Peer() = default;  ///< closes all connections: a unit that still waits reads end of file
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  /// What to give to the observed program: a socket through which it receives the connections (unix(7),
  /// SCM_RIGHTS), or a pipe that says where to connect (docs/child-protocol.md).
  int hand_over_fd() const { return hand_over_child_.get(); }
  /// To be called in vtlab once the program has that socket.
  void close_child_end() { hand_over_child_.reset(); }

  /// The window opens.
  virtual void begin() {}
  /// Readable once, at the moment when most units wait; -1: not known.
  virtual int full_fd() const { return -1; }
  /// Most requests that waited for their answer at the same time, so far. For any thread.
  virtual std::optional<std::uint32_t> most_waiting() const { return std::nullopt; }
  /// Once every connection has come to its end. For any thread.
  virtual std::optional<LoadFacts> load() const { return std::nullopt; }
  /// Why it stopped, with the system's reason; empty while all is well. For any thread.
  std::string problem() const;

 protected:
  /// Our side of a connection.
  struct Channel {
    Fd in, out;  ///< out is closed if one descriptor serves for both
    int sending() const { return out ? out.get() : in.get(); }
    void close();
  };

  Peer(std::uint32_t connections, Over over, HandOver hand_over = HandOver::descriptors);
  /// A constructor's last step, and a destructor's first: the thread calls serve() in between.
  void start();
  void stop();
  /// By the thread, once all connections are handed over; returns when stop_fd() is readable.
  /// Errors: std::system_error.
  virtual void serve() = 0;

  /// Has epoll(7) tell of input on `fd` by `tag`. Errors: std::system_error.
  static void watch(int epoll, int fd, std::uint32_t tag);

  int stop_fd() const { return stop_.get(); }
  std::vector<Channel>& channels() { return channels_; }  ///< for the thread only

 private:
  void run();
  void hand_over();
  void listen_on_loopback();
  void accept_all();

  const std::uint32_t connections_;
  const Over over_;
  Fd hand_over_peer_, hand_over_child_, stop_;
  Fd listener_;        // HandOver::tcp
  std::string token_;  // with which its connections begin
  std::vector<Channel> channels_;
  mutable std::mutex mutex_;
  std::string problem_;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace vtlab::lab
