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
#: The kernel's own numbering of devices: twenty bits of minor number.
_MINOR_BITS = 20

#: (device as the kernel numbers it, inode number)
Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class KernelWatches:
    """All inotify watches of this process at one moment: how many, of which inodes, and their bare numbers.

    Bare, as btrfs numbers its devices otherwise in the list than in stat.
    """

    count: int = 0
    keys: frozenset[Key] = frozenset()
    inodes: frozenset[int] = frozenset()


def read_kernel_watches() -> KernelWatches:
    """The watches of every inotify instance of this process; none where /proc is closed to us."""
    keys: list[Key] = []
    for name in _inotify_descriptors():
        # A descriptor that was closed meanwhile watches nothing.
        with suppress(OSError), open(f"/proc/self/fdinfo/{name}", encoding="ascii") as lines:
            keys.extend(_key_of_line(line) for line in lines if line.startswith("inotify "))
    return KernelWatches(len(keys), frozenset(keys), frozenset(inode for _, inode in keys))


def key_of(status: os.stat_result) -> Key:
    """How the kernel's list names an inode."""
    return (os.major(status.st_dev) << _MINOR_BITS) | os.minor(status.st_dev), status.st_ino


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
    return f"the kernel set no watch; most likely {explain(OSError(errno.ENOSPC, ''))}"


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


def _key_of_line(line: str) -> Key:
    """The key in `inotify wd:1 ino:3f7e8 sdev:fe00000 mask:100 ...`, all hexadecimal."""
    _, _, inode, device, *_ = line.split(None, 4)
    return int(device.removeprefix("sdev:"), 16), int(inode.removeprefix("ino:"), 16)
