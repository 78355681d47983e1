"""Real roots, real inotify: what the tests of the hints share. Nothing sleeps; what must come is waited for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from loguru import logger

from watcher.intake.hints import Hints

DEADLINE_SECONDS = 120.0


class Clock:
    """A monotonic clock that goes only when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Ear:
    """Hears hints. Waiting asks again at each hint, and often enough for what makes none."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self._news = threading.Condition()

    def __call__(self, root: str) -> None:
        with self._news:
            self.heard.append(root)
            self._news.notify_all()

    def forget(self) -> None:
        with self._news:
            self.heard.clear()

    def wait_until(self, condition: Callable[[], object], what: str = "the condition") -> None:
        deadline = time.monotonic() + DEADLINE_SECONDS
        with self._news:
            while not condition():
                if time.monotonic() > deadline:
                    raise AssertionError(f"{what} did not come true; heard {sorted(set(self.heard))}")
                self._news.wait(0.05)

    def wait_for(self, root: str) -> None:
        self.wait_until(lambda: root in self.heard, f"a hint for {root}")


class World:
    """A folder with roots, hints about them, an ear and a clock."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.folder = folder
        self.ear = Ear()
        self.clock = Clock()
        self._probes = 0
        self.hints = Hints(self.ear, folder / "work" / "canary", monotonic=self.clock, **options)

    def root(self, name: str) -> Path:
        path = self.folder / "srv" / ("lakeview/upload/probe" if name == "probe" else f"{name}/upload")
        path.mkdir(parents=True, exist_ok=True)
        return path

    def watch(self, *names: str) -> None:
        """Watches the roots and forgets the first hints."""
        self.hints.watch({name: self.root(name) for name in names})
        self.ear.forget()

    def check_until(self, condition: Callable[[], object], what: str = "the condition") -> None:
        def checked() -> object:
            self.hints.check()
            return condition()

        deadline = time.monotonic() + DEADLINE_SECONDS
        while not checked():
            assert time.monotonic() < deadline, f"{what} did not come true; {self.hints.state}"
            threading.Event().wait(0.02)

    def silence(self) -> None:
        """Until everything that was under way in `lakeview` has been heard: a file made in `probe` comes after it.

        `probe` is a root inside `lakeview`, so that both come through the same threads, in order.
        """
        before = self.ear.heard.count("probe")
        self._probes += 1
        (self.root("probe") / str(self._probes)).touch()
        self.ear.wait_until(lambda: self.ear.heard.count("probe") >= before + 2, "the probe")  # created, closed


@contextmanager
def world(folder: Path, **options: Any) -> Iterator[World]:
    made = World(folder, **options)
    try:
        yield made
    finally:
        made.hints.close()


@contextmanager
def logged() -> Iterator[list[tuple[str, str]]]:
    """(event, message) of everything that is logged meanwhile."""
    lines: list[tuple[str, str]] = []
    number = logger.add(
        lambda message: lines.append((message.record["extra"].get("event", ""), message.record["message"])), level=0
    )
    try:
        yield lines
    finally:
        logger.remove(number)
