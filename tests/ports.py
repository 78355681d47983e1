"""Ports of the loopback for the servers that tests start."""

from __future__ import annotations

import contextlib
import os
import socket
from itertools import count
from pathlib import Path

_LOWEST = 10_000
#: How far apart two test processes begin to look; each needs a few.
_STEP = 61
_offsets = count()


def free_port() -> int:
    """A port that nobody has and nobody is given before the server takes it, nor while that is stopped for a moment.

    The kernel hands out the upper ports, to whoever connects or asks for any; so it is one of the lower. Test processes
    that run beside each other look in different places, and each takes no port twice.
    """
    many = _first_of_the_kernel() - _LOWEST
    for offset in _offsets:
        port = _LOWEST + (os.getpid() * _STEP + offset) % many
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("not reached: the offsets have no end")


def _first_of_the_kernel() -> int:
    return int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
