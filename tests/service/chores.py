"""What the tests have worker processes do: work, die, hang, eat. At the top of a module, so that a process finds it."""

from __future__ import annotations

import os
import resource
import signal
import time
from pathlib import Path

from watcher.errors import ConfigError


def double(number: int) -> int:
    return 2 * number


def process_id(_: None) -> int:
    return os.getpid()


def die(number: int) -> None:
    os.kill(os.getpid(), number)


def leave(code: int) -> None:
    os._exit(code)


def hang(told: Path) -> None:
    """Tells its process id in a file, and never ends."""
    told.with_suffix(".new").write_text(str(os.getpid()))
    told.with_suffix(".new").rename(told)
    while True:
        time.sleep(60)


def eat(size_bytes: int) -> int:
    return len(bytearray(size_bytes))


def limits(_: None) -> tuple[int, int]:
    return resource.getrlimit(resource.RLIMIT_AS)


def signals(_: None) -> dict[str, bool]:
    """Whether each is ignored."""
    return {name: signal.getsignal(getattr(signal, name)) is signal.SIG_IGN for name in ("SIGIO", "SIGINT", "SIGTERM")}


def misconfigured(_: None) -> None:
    raise ConfigError(("config.yaml:3: no such dataset",))


_prepared: list[int] = []


def prepare() -> None:
    _prepared.append(os.getpid())


def prepare_for_a_while() -> None:
    """As the imports of a worker on a machine that is busy with other things."""
    began = time.monotonic()
    while time.monotonic() < began + 1.5:
        pass


def prepare_in_vain() -> None:
    raise ImportError("no such library")


def prepared(_: None) -> bool:
    """Whether `prepare` was called once in this very process."""
    return _prepared == [os.getpid()]
