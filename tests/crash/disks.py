"""Small disks of our own to break: a loop-mounted ext4 whose power can be cut, a tmpfs that is soon full.

Mounted below the test's folder, in a mount namespace that nobody else is in: what others still hold of a mount would
keep a file system alive that was to be mounted anew. Needs root's rights.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

#: ext4's answer to XFS_IOC_GOINGDOWN. With NOLOGFLUSH not even the journal's open transaction is written: what was not
#: synced is gone, as when the power fails (Documentation of xfstests, src/godown.c).
_EXT4_IOC_SHUTDOWN = 0x8004587D
_NOLOGFLUSH = 2
_CLONE_NEWNS = 0x00020000
_PATIENCE_SECONDS = 60.0
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Disk:
    """A mounted file system in a file. It keeps its loop device, and so the number of its device."""

    folder: Path
    device: str

    def cut_power(self) -> None:
        """From now on every write fails, and what was not synced is lost."""
        fd = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.ioctl(fd, _EXT4_IOC_SHUTDOWN, struct.pack("I", _NOLOGFLUSH))
        finally:
            os.close(fd)

    def mount(self) -> None:
        """Mount it, as after the power has come back."""
        _run("mount", self.device, str(self.folder))

    def unmount(self) -> None:
        """Take it away, as soon as the last process that was killed has let go of it."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline:
            with suppress(AssertionError):
                _run("umount", str(self.folder))
                return
            time.sleep(0.1)
        _run("umount", str(self.folder))

    def turn_read_only(self) -> None:
        """What ext4 does by itself when it finds an error and is mounted with errors=remount-ro."""
        device = _run("findmnt", "-n", "-o", "SOURCE", str(self.folder)).strip().rpartition("/")[2]
        _run("mount", "-o", "remount,errors=remount-ro", str(self.folder))
        Path(f"/sys/fs/ext4/{device}/trigger_fs_error").write_text("a test")


@contextmanager
def private_mounts() -> Iterator[None]:
    """This thread, and what it starts, in a mount namespace of its own for the length of a block."""
    before = os.open("/proc/thread-self/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
    folder = Path.cwd()
    try:
        _checked(_libc.unshare(_CLONE_NEWNS))
        _run("mount", "--make-rprivate", "/")
        yield
    finally:
        _checked(_libc.setns(before, _CLONE_NEWNS))
        os.close(before)
        os.chdir(folder)  # coming back puts us at the root


@contextmanager
def ext4(folder: Path, megabytes: int = 32) -> Iterator[Disk]:
    """A new ext4, mounted at `folder/disk`."""
    image = folder / "disk.img"
    with image.open("wb") as stream:
        stream.truncate(megabytes * 1024 * 1024)
    _run("mkfs.ext4", "-q", "-F", str(image))
    disk = Disk(folder / "disk", _run("losetup", "--find", "--show", str(image)).strip())
    disk.folder.mkdir()
    try:
        disk.mount()
        yield disk
    finally:
        _give_up(disk.folder)
        _run("losetup", "--detach", disk.device)  # once nobody holds it any longer


@contextmanager
def tmpfs(folder: Path, options: str) -> Iterator[Path]:
    """A tmpfs with these options (`size=1m`, `nr_inodes=100`), mounted at a new folder."""
    folder.mkdir(parents=True)
    _run("mount", "-t", "tmpfs", "-o", f"{options},mode=0700", "epoch-watcher-test", str(folder))
    try:
        yield folder
    finally:
        _give_up(folder)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """The folder is a read-only mount for the length of a block; nothing in it may be open for writing."""
    _run("mount", "--bind", str(folder), str(folder))
    try:
        _run("mount", "-o", "remount,bind,ro", str(folder))
        yield
    finally:
        _give_up(folder)


def fill(folder: Path, *, leave_bytes: int = 0) -> Path:
    """Fill a file system but for so many bytes; remove the returned file to free it again.

    Whoever writes there meanwhile takes of the room: what was just free is no longer, and is asked for anew.
    """
    filler = folder / "filler"
    with filler.open("wb") as stream:
        while True:
            free = os.statvfs(folder)
            size = free.f_bavail * free.f_frsize - leave_bytes
            if size <= 0:
                return filler
            try:
                os.posix_fallocate(stream.fileno(), 0, size)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
            else:
                return filler


def _give_up(folder: Path) -> None:
    subprocess.run(["umount", "--lazy", str(folder)], check=False, capture_output=True)


def _checked(result: int) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _run(*command: str) -> str:
    path = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "PATH": path})
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
    return done.stdout
