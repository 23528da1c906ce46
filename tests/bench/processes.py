"""processes.py: starts what is measured and reads what it reports.

Owns      the processes that it starts; none outlives a call, whatever interrupts it.
"""
import contextlib
import json
import os
import signal
import subprocess

SAFETY_NET_S = 180


class Failed(Exception):
    """A program did not give its numbers, and why."""


class Missing(Exception):
    """Why a subject cannot take part."""


@contextlib.contextmanager
def started(words, **how):
    # In a session of its own: an interrupt from the terminal is ours to handle, and we end it.
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, start_new_session=True, **how)
    try:
        yield process
    finally:
        if process.poll() is None:
            # Also what an observer started; not if it has ended, for then the number may be somebody else's.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def finished(words):
    """(standard output, standard error) of a program that must succeed."""
    with started(words) as process:
        try:
            out, err = process.communicate(timeout=SAFETY_NET_S)
        except subprocess.TimeoutExpired:
            raise Failed(f"gave no result in {SAFETY_NET_S} s") from None
    if process.returncode != 0:
        lines = err.strip().splitlines()
        how = f"signal {-process.returncode}" if process.returncode < 0 else f"exit code {process.returncode}"
        raise Failed(f"{how}{': ' + lines[-1] if lines else ''}")
    return out, err


def numbers(out):
    """What a program of the benchmark reports: {measure: (value, unit)}."""
    rows = [json.loads(line) for line in out.splitlines() if line]  # bpftrace adds empty ones
    if not rows:
        raise Failed("reported nothing")
    return {row["work"]: (float(row["value"]), row["unit"]) for row in rows}
