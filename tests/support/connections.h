// connections.h — takes the connections that lab::Peer hands over, as vtlab-child does.
#pragma once

#include <sys/socket.h>

#include <cstring>
#include <vector>

#include "lab/fd.h"
#include "support/catch.h"

namespace vtlab::test {

// Messages of some descriptors each, until there are enough.
inline std::vector<lab::Fd> receive(int socket, std::size_t count) {
  std::vector<lab::Fd> connections;
  while (connections.size() < count) {
    char byte;
    iovec data{&byte, 1};
    alignas(cmsghdr) char control[CMSG_SPACE(253 * sizeof(int))];
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof(control);
    REQUIRE(recvmsg(socket, &message, 0) == 1);
    const cmsghdr* header = CMSG_FIRSTHDR(&message);
    REQUIRE(header != nullptr);
    for (std::size_t i = 0; i < (header->cmsg_len - CMSG_LEN(0)) / sizeof(int); ++i) {
      int fd;
      std::memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof(int));
      connections.emplace_back(fd);
    }
  }
  return connections;
}

}  // namespace vtlab::test
