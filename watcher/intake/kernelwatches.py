"""What the kernel really watches for this process, and what to do when it refuses to.

watchdog says nothing of a watch that the kernel refused beneath a target, that went with a deleted or unmounted
directory, or that outlived one moved away. The kernel's own list (proc_pid_fdinfo(5)) is the truth.
"""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from dataclasses import dataclass

_LIMITS = "/proc/sys/fs/inotify"
#: What /proc/self/fd says of an inotify instance; the first since Linux 2.6.37.
_LINKS = ("anon_inode:inotify", "inotify")


@dataclass(frozen=True, slots=True)
class KernelWatches:
    """All inotify watches of this process at one moment: how many, and of which inode numbers.

    The list has devices too, but btrfs and overlayfs number theirs otherwise than stat does.
    """

    count: int = 0
    inodes: frozenset[int] = frozenset()


def read_kernel_watches() -> KernelWatches:
    """The watches of every inotify instance of this process; none where /proc is closed to us."""
    inodes: list[int] = []
    for name in _inotify_descriptors():
        # A descriptor that was closed meanwhile watches nothing.
        with suppress(OSError), open(f"/proc/self/fdinfo/{name}", encoding="ascii") as lines:
            inodes.extend(_inode(line) for line in lines if line.startswith("inotify "))
    return KernelWatches(len(inodes), frozenset(inodes))


def root_problem(path: str) -> str:
    """Why a directory cannot be watched, or an empty string. watchdog itself passes over EACCES in silence."""
    try:
        with os.scandir(path):
            return ""
    except OSError as error:
        return explain(error)


def is_limit(error: BaseException) -> bool:
    """Whether a limit was met that a person must raise, so that trying again soon is no use."""
    return isinstance(error, RuntimeError) or getattr(error, "errno", None) in (errno.EMFILE, errno.ENOSPC)


def explain(error: BaseException) -> str:
    """The error in an operator's words, for a limit with its value and with what raises it."""
    if isinstance(error, RuntimeError):  # threading: "can't start new thread"
        return "no further thread can be started; raise TasksMax= of the unit"
    number = getattr(error, "errno", None)
    if number == errno.ENOSPC:
        return f"the kernel's inotify watches are used up ({_raise_limit('max_user_watches')})"
    if number == errno.EMFILE:
        return (
            f"the kernel's inotify instances are used up ({_raise_limit('max_user_instances')}), "
            "or the process's open files (LimitNOFILE= of the unit)"
        )
    return os.strerror(number).lower() if number else type(error).__name__


def refused() -> str:
    """The words for a watch beneath a target that the kernel refused without anybody having been told."""
    return explain(OSError(errno.ENOSPC, ""))


def _raise_limit(name: str) -> str:
    """`fs.inotify.max_user_watches is 8192: raise it with sysctl fs.inotify.max_user_watches=524288`."""
    try:
        with open(f"{_LIMITS}/{name}", encoding="ascii") as file:
            value = int(file.read())
    except (OSError, ValueError):  # ProcSubset=pid hides it
        return f"see sysctl fs.inotify.{name} and raise it"
    return f"fs.inotify.{name} is {value}: raise it with sysctl fs.inotify.{name}={max(4 * value, 1024)}"


def _inotify_descriptors() -> list[str]:
    names = []
    with suppress(OSError), os.scandir("/proc/self/fd") as entries:
        for entry in entries:
            with suppress(OSError):
                if os.readlink(entry.path) in _LINKS:
                    names.append(entry.name)
    return names


def _inode(line: str) -> int:
    """The inode number in `inotify wd:1 ino:3f7e8 sdev:fe00000 mask:100 ...`, which is hexadecimal."""
    return int(line.partition(" ino:")[2].split(" ", 1)[0], 16)
