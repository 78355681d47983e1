"""A line between a script and the server that can be cut or held up after so many bytes."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

_BLOCK_BYTES = 65_536


@dataclass
class Relay:
    """Hands on what is sent to `port`. The first `breaks` connections end, or are held up, after `after_bytes`."""

    port: int
    target: int
    after_bytes: int = 0
    breaks: int = 0
    holds: bool = False
    #: is set as soon as a connection was cut or held up
    has_broken: threading.Event = field(default_factory=threading.Event)
    _broken: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _released: threading.Event = field(default_factory=threading.Event)

    def carry(self, client: socket.socket) -> None:
        """Until either side ends it."""
        with client, socket.create_connection(("127.0.0.1", self.target)) as server:
            back = threading.Thread(target=_copy, args=(server, client), daemon=True)
            back.start()
            self._upward(client, server)
            for end in (server, client):
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            back.join()

    def _upward(self, client: socket.socket, server: socket.socket) -> None:
        """From the script to the server, as far as it may get."""
        carried = 0
        with contextlib.suppress(OSError):
            while block := client.recv(_BLOCK_BYTES):
                server.sendall(block)
                carried += len(block)
                if carried > self.after_bytes and self._takes_a_break():
                    self.has_broken.set()
                    if not self.holds:
                        return
                    self._released.wait()

    def _takes_a_break(self) -> bool:
        with self._lock:
            self._broken += 1
            return self._broken <= self.breaks

    def release(self) -> None:
        self._released.set()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while block := source.recv(_BLOCK_BYTES):
            target.sendall(block)


@contextlib.contextmanager
def relay(target: int, *, after_bytes: int = 0, breaks: int = 0, holds: bool = False) -> Iterator[Relay]:
    """A relay on the loopback to the server's port, until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        line = Relay(listening.getsockname()[1], target, after_bytes, breaks, holds)
        accepting = threading.Thread(target=_accept, args=(listening, line), daemon=True)
        accepting.start()
        try:
            yield line
        finally:
            line.release()
            listening.shutdown(socket.SHUT_RDWR)
            accepting.join()


def _accept(listening: socket.socket, line: Relay) -> None:
    carriers = []
    with contextlib.suppress(OSError):
        while True:
            client, _ = listening.accept()
            carrier = threading.Thread(target=line.carry, args=(client,), daemon=True)
            carrier.start()
            carriers.append(carrier)
    for carrier in carriers:
        carrier.join()
