"""Runs a function in a child process that is somebody else: another user, or with mounts of its own.

The child is forked, so the function sees the test's values; what it returns or raises comes back. Both ways need root.
"""

from __future__ import annotations

import ctypes
import errno
import os
import pickle
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

#: A user and group that own nothing on any machine.
SENDER, SERVICE = 61234, 61235

_CLONE_NEWNS = 0x00020000
_Result = TypeVar("_Result")


def as_user(uid: int, function: Callable[..., _Result], *arguments: Any) -> _Result:
    """What the function returns when a user without any rights of root's calls it."""

    def prepare() -> None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)  # drops all capabilities, CAP_LEASE too

    return _in_child(prepare, function, arguments)


def with_mount(kind: str, options: str, at: Path, function: Callable[..., _Result], *arguments: Any) -> _Result:
    """What the function returns in a mount name space of its own with a file system (`tmpfs`) mounted there."""

    def prepare() -> None:
        if ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWNS) != 0:
            raise OSError(ctypes.get_errno(), "unshare")
        subprocess.run(["mount", "--make-rprivate", "/"], check=True)
        subprocess.run(["mount", "-t", kind, "-o", options, kind, str(at)], check=True)

    return _in_child(prepare, function, arguments)


def _in_child(prepare: Callable[[], None], function: Callable[..., _Result], arguments: tuple[Any, ...]) -> _Result:
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # 3.12 on: a fork beside threads; this child waits for none
        child = os.fork()
    if child == 0:
        os.close(reading)
        _answer(writing, prepare, function, arguments)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read()
    _, status = os.waitpid(child, 0)
    assert answer, f"the child ended with status {status} and said nothing"
    worked, value = pickle.loads(answer)
    if not worked:
        raise AssertionError(f"in the child: {value}")
    result: _Result = value
    return result


def _answer(
    writing: int, prepare: Callable[[], None], function: Callable[..., Any], arguments: tuple[Any, ...]
) -> None:
    try:
        prepare()
        value = (True, function(*arguments))
    except BaseException as error:  # noqa: BLE001 (told to the parent, whatever it is)
        value = (False, f"{type(error).__name__}: {error}")
    with os.fdopen(writing, "wb") as pipe:
        pickle.dump(value, pipe)
    os._exit(0)


#: Opens the file in `argv[1]` in the way of `argv[2]`, says so, and keeps it open until its standard input ends.
_WRITER = """
import mmap, os, sys
path, way = sys.argv[1:]
fd = os.open(path, os.O_RDONLY if way == "read" else os.O_RDWR)
if way == "map":
    held = mmap.mmap(fd, 0)
    os.close(fd)
print("open", flush=True)
sys.stdin.read()
"""


@contextmanager
def held_open(path: Path, way: str = "write") -> Iterator[None]:
    """Another process has this file open for the length of the block: to `write`, to `read`, or only a `map` of it."""
    process = subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(path), way], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == b"open\n"
        yield
    finally:
        process.stdin.close()
        process.wait(60)
        process.stdout.close()


def is_refused(function: Callable[[], Any]) -> bool:
    """Whether it is refused for want of rights."""
    try:
        function()
    except OSError as error:
        return error.errno in (errno.EACCES, errno.EPERM)
    return False
