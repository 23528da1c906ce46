#include <fcntl.h>
#include <linux/types.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include "../bpf/wire.h"
#include "probes/scheduling.h"

namespace vtlab::probes {

static_assert(sizeof(Switch) == sizeof(vt_switch) && sizeof(Switch) == 32);
static_assert(offsetof(Switch, how) == offsetof(vt_switch, how));
static_assert(offsetof(vt_ring, tail) == 64, "what vtlab writes is in a cache line of its own");

namespace {

constexpr auto kPause = std::chrono::milliseconds(10);
// By then what a CPU stored is there for all.
constexpr auto kSettled = std::chrono::milliseconds(1);

std::runtime_error failed(const std::string& what) {
  return std::runtime_error(what + ": " + std::strerror(errno));
}

// A BPF array in our memory.
template <typename T>
class Mapped {
 public:
  Mapped(int fd, std::size_t count) : bytes_(count * sizeof(T)) {
    void* memory = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED) throw failed("cannot map the rings of the switches");
    data_ = static_cast<T*>(memory);
  }
  ~Mapped() { munmap(data_, bytes_); }
  Mapped(const Mapped&) = delete;
  Mapped& operator=(const Mapped&) = delete;
  T& operator[](std::size_t i) const { return data_[i]; }

 private:
  T* data_ = nullptr;
  std::size_t bytes_;
};

int open_unnamed(std::string folder) {
  if (folder.empty()) {
    const char* wanted = std::getenv("TMPDIR");
    folder = wanted && *wanted ? wanted : "/tmp";
  }
  int fd = open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)) return fd;
  std::string name = folder + "/vtlab-switches-XXXXXX";  // a file system without O_TMPFILE
  fd = mkostemp(name.data(), O_CLOEXEC);
  if (fd >= 0) unlink(name.c_str());
  return fd;
}

}  // namespace

struct SwitchRecorder::Impl {
  // Switches of one CPU that lie together in the file.
  struct Run {
    std::uint64_t offset;
    std::uint32_t count;
  };

  // How far the clocks of a CPU were apart, and when.
  struct ClockSample {
    std::uint64_t at = 0, offset = 0;
  };
  struct Clock {
    std::vector<ClockSample> least;  // of each piece of time
    std::uint64_t piece_from = 0, last_at = 0;
  };

  const SwitchRings where;
  const RecorderOptions options;
  Mapped<vt_ring> rings;
  Mapped<Switch> switches;
  int file = -1;
  std::uint64_t written = 0;  // bytes in the file
  std::vector<std::vector<Run>> runs;
  std::vector<Clock> clocks;               // by CPU
  std::vector<std::uint64_t> lost_before;  // by CPU, when the recorder was made
  SwitchLoss file_loss;
  std::mutex mutex;
  std::condition_variable wake;
  bool stopping = false;
  std::thread reader;

  Impl(const SwitchRings& from, const RecorderOptions& how)
      : where(from),
        options(how),
        rings(from.rings_fd, from.cpus),
        switches(from.switches_fd, std::size_t{from.cpus} * from.length),
        runs(from.cpus),
        clocks(from.cpus),
        lost_before(from.cpus) {
    for (std::uint32_t cpu = 0; cpu < where.cpus; ++cpu) {
      std::atomic_ref(rings[cpu].tail).store(head(cpu), std::memory_order_release);
      lost_before[cpu] = rings[cpu].lost;
    }
  }

  std::uint64_t head(std::uint32_t cpu) const {
    return std::atomic_ref(rings[cpu].head).load(std::memory_order_acquire);
  }

  // In memory the file is the page cache; the disk sees it only if it lives long or grows large.
  bool append(std::uint32_t cpu, const Switch* from, std::uint64_t count) {
    const std::uint64_t bytes = count * sizeof(Switch);
    if (written + bytes > options.most_bytes) {
      file_loss.because = "the file may not be larger";
      return false;
    }
    for (std::uint64_t done = 0; done < bytes;) {
      const ssize_t n = pwrite(file, reinterpret_cast<const char*>(from) + done, bytes - done,
                               static_cast<off_t>(written + done));
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) {
        file_loss.because = std::strerror(n < 0 ? errno : ENOSPC);
        return false;
      }
      done += static_cast<std::uint64_t>(n);
    }
    std::vector<Run>& mine = runs[cpu];
    if (!mine.empty() && mine.back().offset + mine.back().count * sizeof(Switch) == written &&
        mine.back().count < (1u << 30))
      mine.back().count += static_cast<std::uint32_t>(count);
    else
      mine.push_back({written, static_cast<std::uint32_t>(count)});
    written += bytes;
    return true;
  }

  void take(std::uint32_t cpu, std::uint64_t until) {
    std::uint64_t tail = rings[cpu].tail;
    while (tail != until) {
      const std::uint64_t place = tail & (where.length - 1);
      const std::uint64_t count = std::min(until - tail, where.length - place);
      const Switch* first = &switches[std::uint64_t{cpu} * where.length + place];
      if (!append(cpu, first, count)) {
        if (file_loss.no_room_in_file == 0) file_loss.first_ns = first->time_ns;
        file_loss.no_room_in_file += count;
        file_loss.last_ns = first[count - 1].time_ns;
      }
      tail += count;
      std::atomic_ref(rings[cpu].tail).store(tail, std::memory_order_release);
    }
  }

  void look_at_clock(std::uint32_t cpu) {
    constexpr std::uint64_t kPiece = 50'000'000;
    const ClockSample now{std::atomic_ref(rings[cpu].offset_at).load(std::memory_order_relaxed),
                          std::atomic_ref(rings[cpu].clock_offset).load(std::memory_order_relaxed)};
    Clock& clock = clocks[cpu];
    if (now.at <= clock.last_at) return;
    clock.last_at = now.at;
    if (clock.least.empty() || now.at - clock.piece_from > kPiece) {
      clock.piece_from = now.at;
      clock.least.push_back(now);
    } else if (now.offset < clock.least.back().offset) {
      clock.least.back() = now;
    }
  }

  // Takes what was there a pause ago: BPF of Linux 5.10 has no store with release, so on a CPU that
  // reorders stores the youngest switches may not be all there yet.
  void read_until_stopped() {
    std::vector<std::uint64_t> seen;
    for (std::uint32_t cpu = 0; cpu < where.cpus; ++cpu) seen.push_back(rings[cpu].tail);
    const auto look = [&] {
      for (std::uint32_t cpu = 0; cpu < where.cpus; ++cpu) {
        take(cpu, seen[cpu]);
        look_at_clock(cpu);
        seen[cpu] = head(cpu);
      }
    };
    std::unique_lock lock(mutex);
    while (!stopping) {
      if (options.reading) look();
      wake.wait_for(lock, kPause);
    }
    look();
    std::this_thread::sleep_for(kSettled);
    look();
  }
};

SwitchRecorder::SwitchRecorder(const SwitchRings& rings, const RecorderOptions& options)
    : impl_(std::make_unique<Impl>(rings, options)) {
  impl_->file = open_unnamed(options.folder);
  if (impl_->file < 0) throw failed("cannot make a file for the switches");
  impl_->reader = std::thread([this] { impl_->read_until_stopped(); });
}

SwitchRecorder::~SwitchRecorder() {
  stop();
  close(impl_->file);
}

void SwitchRecorder::stop() {
  if (!impl_->reader.joinable()) return;
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->wake.notify_one();
  impl_->reader.join();
}

std::uint64_t SwitchRecorder::recorded() const {
  return impl_->written / sizeof(Switch);
}

SwitchLoss SwitchRecorder::lost() const {
  SwitchLoss loss = impl_->file_loss;
  for (std::uint32_t cpu = 0; cpu < impl_->where.cpus; ++cpu) {
    const vt_ring& ring = impl_->rings[cpu];
    const std::uint64_t here = ring.lost - impl_->lost_before[cpu];
    if (here == 0) continue;
    // The first loss is that of the ring's life; a window that begins later has its own at the last.
    const std::uint64_t first = impl_->lost_before[cpu] == 0 ? ring.first_lost : ring.last_lost;
    loss.first_ns = loss.total() == 0 ? first : std::min(loss.first_ns, first);
    loss.last_ns = std::max<std::uint64_t>(loss.last_ns, ring.last_lost);
    loss.no_room_in_ring += here;
  }
  return loss;
}

std::uint64_t SwitchRecorder::clock_offset_ns() const {
  for (std::uint32_t cpu = 0; cpu < impl_->where.cpus; ++cpu)
    if (impl_->rings[cpu].clock_offset != 0) return impl_->rings[cpu].clock_offset;
  return 0;
}

std::uint64_t SwitchRecorder::to_monotonic(std::uint16_t cpu, std::uint64_t ns) const {
  const auto& samples = impl_->clocks[cpu].least;
  if (samples.empty()) return ns + clock_offset_ns();
  const auto after = std::upper_bound(samples.begin(), samples.end(), ns,
                                      [](std::uint64_t t, const auto& s) { return t < s.at; });
  if (after == samples.begin()) return ns + after->offset;
  const auto& before = *(after - 1);
  if (after == samples.end()) return ns + before.offset;
  const double share =
      static_cast<double>(ns - before.at) / static_cast<double>(after->at - before.at);
  const auto drift = static_cast<std::int64_t>(after->offset - before.offset);
  return ns + before.offset +
         static_cast<std::uint64_t>(static_cast<std::int64_t>(share * static_cast<double>(drift)));
}

namespace {

// The switches of one CPU, read back in pieces.
class Stream {
 public:
  template <typename Runs>
  Stream(int file, const Runs& runs) : file_(file) {
    for (const auto& run : runs) left_.push_back({run.offset, run.count});
    fill();
  }
  bool empty() const { return next_ == piece_.size(); }
  const Switch& front() const { return piece_[next_]; }
  void pop() {
    if (++next_ == piece_.size()) fill();
  }

 private:
  void fill() {
    constexpr std::uint64_t kMost = 8192;
    piece_.clear();
    next_ = 0;
    if (run_ == left_.size()) return;
    auto& [offset, count] = left_[run_];
    piece_.resize(std::min(count, kMost));
    const std::size_t bytes = piece_.size() * sizeof(Switch);
    for (std::size_t done = 0; done < bytes;) {
      const ssize_t n = pread(file_, reinterpret_cast<char*>(piece_.data()) + done, bytes - done,
                              static_cast<off_t>(offset + done));
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) throw failed("cannot read the recorded switches");
      done += static_cast<std::size_t>(n);
    }
    offset += bytes;
    count -= piece_.size();
    if (count == 0) ++run_;
  }

  int file_;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> left_;
  std::size_t run_ = 0, next_ = 0;
  std::vector<Switch> piece_;
};

}  // namespace

void SwitchRecorder::replay(const std::function<void(const Switch&)>& sink) const {
  std::vector<Stream> streams;
  for (const auto& runs : impl_->runs) {
    if (!runs.empty()) streams.emplace_back(impl_->file, runs);
  }
  for (;;) {
    Stream* first = nullptr;
    for (Stream& stream : streams) {
      if (!stream.empty() && (!first || stream.front().time_ns < first->front().time_ns))
        first = &stream;
    }
    if (!first) return;
    sink(first->front());
    first->pop();
  }
}

}  // namespace vtlab::probes
