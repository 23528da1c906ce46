"""host_memory.py: free memory that is there when it is touched.

A virtual machine's host may take memory back that is free (balloons, free page reporting). Who touches it first then
waits for the host as well, up to three times as long as for the kernel alone; and who comes after somebody with
more memory does not. So before a work that touches much for the first time, that much is touched and freed
again: what is compared is what runtimes and the kernel do.
"""
import mmap
import os
import pathlib
import re

BYTES_PER_UNIT = 6 << 10  # vthreads, Go and the JVM touch less
WORTH_IT = 64 << 20


def be_there_for(units):
    """Half of what is available is never exceeded. In a process of its own: where memory is limited, that one is ended."""
    wanted = min(units * BYTES_PER_UNIT, available_memory() // 2)
    if wanted < WORTH_IT:
        return
    child = os.fork()
    if child == 0:
        try:
            touch(wanted)
        finally:
            os._exit(0)
    os.waitpid(child, 0)


def touch(size):
    pages = mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    step = mmap.PAGESIZE
    pages[::step] = bytes(len(range(0, size, step)))


def available_memory():
    found = re.search(r"MemAvailable:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text())
    return int(found[1]) * 1024
