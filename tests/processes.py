"""What the kernel says of a process that goes on, and may end, while it is looked at."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


def is_running(pid: int) -> bool:
    """Whether it runs; one that ended and is not yet waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):  # gone before it was opened, or while it was read
        return False


def open_files(pid: int) -> list[tuple[str, os.stat_result]]:
    """The open descriptors of a process: what each is called, and its status. One that is closed meanwhile is left out."""
    found = []
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            found.append((os.readlink(descriptor), descriptor.stat()))
    return found


def children(pid: int) -> list[int]:
    """The processes that a process, any thread of it, started. Those of a thread that ends meanwhile are left out."""
    found = []
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            found += [int(child) for child in (thread / "children").read_text().split()]
    return found
