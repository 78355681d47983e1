"""The clock: ages, retries and names of gathered epochs go by it."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from datetime import datetime

from watcher.clock import local_now
from watcher.service.checks.result import Result, ok, problem, some, warning
from watcher.service.checks.site import Site

_YEARS = range(2025, 2100)
_SKEW_SECONDS = 60.0
_TIME_ERROR = 5
#: struct timex of <sys/timex.h> is 208 bytes long on 64-bit Linux; zeroed, it asks without changing anything.
_TIMEX_BYTES = 512


def check_clock(site: Site, now: datetime | None = None) -> Iterator[Result]:
    """The year, whether something keeps it right, and whether the roots' file systems agree."""
    now = now or local_now()
    advice = "set the clock and keep it right: timedatectl set-ntp true"
    if now.year not in _YEARS:
        yield problem("clock", f"it is {now:%Y-%m-%d %H:%M:%S %Z}, which can't be", advice)
    elif _is_unsynchronised():
        yield warning("clock", f"it is {now:%Y-%m-%d %H:%M:%S %Z}, and nothing keeps the clock right", advice)
    else:
        yield ok("clock", f"it is {now:%Y-%m-%d %H:%M:%S %Z}")
    for root in site.roots:
        tried = site.tried.get(root.id)
        if tried is None:
            continue
        if abs(tried.skew_seconds) > _SKEW_SECONDS:
            text = f"its file system's clock differs by {tried.skew_seconds:+.0f} seconds from ours"
            yield warning("clock", text, "set both machines' clocks by NTP", root=root.id)
        if tried.future:
            text = f"{some(tried.future)} changed in the future by our clock"
            yield warning("clock", text, "the clock was ahead once; ages are wrong until it has passed", root=root.id)


def _is_unsynchronised() -> bool:
    """What the kernel says; False where it may not be asked."""
    buffer = ctypes.create_string_buffer(_TIMEX_BYTES)
    try:
        return bool(ctypes.CDLL(None, use_errno=True).adjtimex(buffer) == _TIME_ERROR)
    except (OSError, AttributeError):
        return False
