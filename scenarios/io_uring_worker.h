// io_uring_worker.h — work that the kernel does in a task of its own, for a caller that clones nothing.
#pragma once

namespace vtlab {

/// Has io_uring do nothing, but in a worker, and waits for it. The calling thread gets a new worker if it has
/// had none yet; the worker ends with the thread. Returns 0, or the errno with which the kernel refuses io_uring.
int run_in_io_uring_worker();

}  // namespace vtlab
