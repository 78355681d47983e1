"""Figures of a process, read from /proc, and how several measurements are summed up."""

from __future__ import annotations

import math
import os
import statistics
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_SAMPLE_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Spread:
    """Several measurements of one thing: their median, the least and the greatest of them."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """The spread of at least one value."""
        return cls(statistics.median(values), min(values), max(values))

    def shown(self, digits: int) -> str:
        """`1.25 (1.20-1.31)`."""
        return f"{self.median:,.{digits}f} ({self.least:,.{digits}f}-{self.most:,.{digits}f})"


def percentile(values: Sequence[float], share: float) -> float:
    """The least value that so large a share of the values (0 to 1) does not exceed."""
    return sorted(values)[max(math.ceil(share * len(values)) - 1, 0)]


def cpu_seconds(pid: int) -> float:
    """Processor time of a process since it began, user and system, without its children's."""
    # The second field is the name in brackets and may hold anything; utime and stime are fields 14 and 15.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_SECOND


def memory_mb(pid: int, name: str = "VmRSS") -> float:
    """Resident memory in MiB; with `VmHWM` the most it ever was."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    raise ValueError(f"/proc/{pid}/status has no {name}")


def descendants(pid: int) -> tuple[int, ...]:
    """The processes that a process started, and those that they started."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):
            found += [int(child) for child in (task / "children").read_text().split()]
    return tuple(found) + tuple(below for child in found for below in descendants(child))


def kernel_watches(pid: int) -> int:
    """The inotify watches of a process."""
    count = 0
    for item in Path(f"/proc/{pid}/fdinfo").iterdir():
        with suppress(OSError):  # closed meanwhile
            count += sum(line.startswith("inotify ") for line in item.read_text().splitlines())
    return count


def wait_until_quiet(pid: int, *, deadline_seconds: float, quiet_seconds: float = 2.0, share: float = 0.05) -> float:
    """When (monotonic) the process began to use less than this share of a core for so long. Raises TimeoutError."""
    begin = time.monotonic()
    samples = [(begin, cpu_seconds(pid))]
    while samples[-1][0] - begin < deadline_seconds:
        time.sleep(_SAMPLE_SECONDS)
        now = (time.monotonic(), cpu_seconds(pid))
        samples.append(now)
        while now[0] - samples[0][0] > quiet_seconds + _SAMPLE_SECONDS:
            samples.pop(0)
        elapsed = now[0] - samples[0][0]
        if elapsed >= quiet_seconds and now[1] - samples[0][1] < share * elapsed:
            return samples[0][0]
    raise TimeoutError(f"the process was not quiet within {deadline_seconds:.0f} s")


def cpu_share(pid: int, seconds: float) -> float:
    """How much of one core the process uses in the next so many seconds, in per cent."""
    begin, before = time.monotonic(), cpu_seconds(pid)
    time.sleep(seconds)
    return 100 * (cpu_seconds(pid) - before) / (time.monotonic() - begin)
