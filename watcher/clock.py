"""The two clocks: one for people and records (UTC), one for waiting (monotonic). Tests hand in their own."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime


def utc_now() -> datetime:
    """Now, timezone-aware, for the journal and reports; never used to measure a wait."""
    return datetime.now(UTC)


def local_now() -> datetime:
    """Now in the machine's zone, for names that people compare with their own clock."""
    return datetime.now().astimezone()


@dataclass(frozen=True, slots=True)
class Clock:
    """The clocks a component uses; replace both in a test instead of sleeping."""

    utc: Callable[[], datetime] = utc_now
    local: Callable[[], datetime] = local_now
    monotonic: Callable[[], float] = time.monotonic
