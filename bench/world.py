"""A scratch world with the real service in it: upload roots, a configuration, a SQLite file to load into.

What the service does is read off its own log, which costs it next to nothing: each line is stamped as it arrives.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_BAD_EVENTS = frozenset({"rejected", "failed", "held", "bug", "look-failed", "action-failed", "attempt-broke"})
_STOP_SECONDS = 60.0
#: Seldom enough to leave the processor to the service; events are stamped as they come, not as they are found.
_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the service's log, and when (monotonic seconds) it came."""

    at: float
    name: str
    root: str
    epoch: str


@dataclass(frozen=True, slots=True)
class World:
    """A folder with roots `sftp/NAME/upload`. `settings` and `root_settings` are added to the configuration."""

    folder: Path
    settings: Mapping[str, object] = field(default_factory=dict)
    root_settings: Mapping[str, object] = field(default_factory=dict)

    @property
    def database(self) -> Path:
        return self.folder / "warehouse.db"

    @property
    def config(self) -> Path:
        return self.folder / "config.yaml"

    def root(self, name: str) -> Path:
        return self.folder / "sftp" / name / "upload"

    def make(self, roots: tuple[str, ...]) -> None:
        """Make the roots and write the configuration; its other settings are the defaults."""
        for name in roots:
            self.root(name).mkdir(parents=True)
        entry = {"path": f"{self.folder}/sftp/*/upload", "loaders": ["warehouse"], **self.root_settings}
        values: dict[str, object] = {
            "work_dir": str(self.folder / "work"),
            "loaders": {"warehouse": {"type": "sql", "url": f"sqlite:///{self.database}"}},
            "log": {"format": "json"},
            "roots": [entry],
            **self.settings,
        }
        # JSON is YAML
        self.config.write_text("".join(f"{key}: {json.dumps(value)}\n" for key, value in values.items()))

    @contextmanager
    def running(self) -> Iterator[Service]:
        """The service for the length of a block; ended by SIGTERM, killed where that does not help."""
        service = Service(self.config)
        try:
            yield service
        finally:
            service.stop()


class Service:
    """`epoch-watcher run` as a process of its own, as systemd would start it."""

    def __init__(self, config: Path) -> None:
        self._events: list[Event] = []
        self._manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._manager.bind(b"")  # the kernel chooses an abstract name
        address = self._manager.getsockname()
        environment = {**os.environ, "NOTIFY_SOCKET": "@" + address[1:].decode("ascii")}
        environment.pop("JOURNAL_STREAM", None)
        command = [sys.executable, "-m", "watcher", "run", "--config", str(config)]
        self.started = time.monotonic()
        self._process = subprocess.Popen(command, stderr=subprocess.PIPE, env=environment)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait_until_ready(self, seconds: float) -> float:
        """When (monotonic) it told the service manager that it is ready. Raises TimeoutError."""
        self._manager.settimeout(seconds)
        while not self._manager.recv(65536).startswith(b"READY=1"):
            pass
        return time.monotonic()

    def events(self, name: str) -> tuple[Event, ...]:
        """What it has told under this name, in order."""
        return tuple(event for event in list(self._events) if event.name == name)

    def wait_for(self, name: str, is_so: Callable[[tuple[Event, ...]], bool], seconds: float) -> tuple[Event, ...]:
        """The events of a name as soon as they are as asked for. Raises TimeoutError; RuntimeError if a drop failed."""
        deadline = time.monotonic() + seconds
        while not is_so(found := self.events(name)):
            bad = next((event for event in list(self._events) if event.name in _BAD_EVENTS), None)
            if bad is not None or self._process.poll() is not None:
                raise RuntimeError(f"waited for {name!r}, and the service told {bad or 'its end'}")
            if time.monotonic() >= deadline:
                raise TimeoutError(f"waited {seconds:.0f} s for {name!r}")
            time.sleep(_POLL_SECONDS)
        return found

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(_STOP_SECONDS)
        self._manager.close()

    def _read(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as lines:
            for line in lines:
                self._events.append(_event(time.monotonic(), line))


def _event(at: float, line: bytes) -> Event:
    try:
        told: dict[str, Any] = json.loads(line)
    except ValueError:
        sys.stderr.buffer.write(line)  # not a line of its log: the interpreter's own last words
        told = {}
    return Event(at, str(told.get("event")), str(told.get("root")), str(told.get("epoch")))
