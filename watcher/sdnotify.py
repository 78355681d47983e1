"""Tells systemd how the service is: the few messages of sd_notify(3) that it needs, over one datagram socket.

Never raises and never blocks: a service must not fail because nobody listens. Without NOTIFY_SOCKET (a terminal, a
container, a test) everything here does nothing.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import MutableMapping
from dataclasses import dataclass

from watcher.text import printable


@dataclass(frozen=True, slots=True)
class Notifier:
    """A line to the service manager. `address` is None when there is none.

    `watchdog_seconds` is the time within which `watchdog()` must be called again, None when nobody asks for it; call it
    at half that time.
    """

    address: str | bytes | None = None
    watchdog_seconds: float | None = None

    @classmethod
    def from_environment(cls, environ: MutableMapping[str, str] = os.environ) -> Notifier:
        """The notifier that systemd asked for; takes its variables away so that no child speaks in our name."""
        address = environ.pop("NOTIFY_SOCKET", "")
        watchdog = _watchdog_seconds(environ.pop("WATCHDOG_USEC", ""), environ.pop("WATCHDOG_PID", ""))
        if not address.startswith(("/", "@")):  # vsock: is for whole virtual machines
            return cls()
        return cls(b"\0" + os.fsencode(address[1:]) if address[0] == "@" else address, watchdog)

    def ready(self, status: str = "") -> None:
        """Started, or done reloading; `status` is the line that `systemctl status` shows."""
        self._send("READY=1", *_status(status))

    def status(self, text: str) -> None:
        """Replaces the line that `systemctl status` shows."""
        self._send(*_status(text))

    def watchdog(self) -> None:
        """Still alive."""
        self._send("WATCHDOG=1")

    def reloading(self) -> None:
        """Reload began; `ready()` ends it. The time tells systemd which reload is meant (Type=notify-reload)."""
        self._send("RELOADING=1", f"MONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")

    def stopping(self, status: str = "") -> None:
        """The way down began."""
        self._send("STOPPING=1", *_status(status))

    def _send(self, *lines: str) -> None:
        if self.address is None or not lines:
            return
        kind = socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
        # Nobody listening, a full queue or a forbidden socket is no reason to stop serving.
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, kind) as sock:
            sock.sendto("\n".join(lines).encode(), self.address)


def _status(text: str) -> tuple[str, ...]:
    return (f"STATUS={printable(text, 500)}",) if text else ()


def _watchdog_seconds(microseconds: str, pid: str) -> float | None:
    """None unless a sound, positive time is given and it is meant for this process."""
    if (pid and pid != str(os.getpid())) or not microseconds.isascii() or not microseconds.isdigit():
        return None
    return int(microseconds) / 1_000_000 or None
