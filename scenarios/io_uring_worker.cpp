#include "scenarios/io_uring_worker.h"

#include <liburing.h>

namespace vtlab {

int run_in_io_uring_worker() {
  io_uring ring;
  if (const int refused = io_uring_queue_init(1, &ring, 0)) return -refused;
  io_uring_sqe* request = io_uring_get_sqe(&ring);
  io_uring_prep_nop(request);
  io_uring_sqe_set_flags(request, IOSQE_ASYNC);  // not in the caller, though it would not wait
  int done = io_uring_submit_and_wait(&ring, 1);
  io_uring_queue_exit(&ring);
  return done < 0 ? -done : 0;
}

}  // namespace vtlab
