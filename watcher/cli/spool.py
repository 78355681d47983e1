"""Standard input as a file: validation reads twice, and a pipe can be read once."""

from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import click

_PART_BYTES = 1024 * 1024


@contextmanager
def standard_input() -> Iterator[int]:
    """A descriptor of what comes on standard input, to its end; an ordinary file is taken as it is.

    What comes through a pipe goes into a file without a name: nobody else can open it, and it is gone with us, however
    we end. It lies in TMPDIR, or in /var/tmp, because /tmp is often memory.

    Raises OSError, and UsageError if standard input is closed.
    """
    if sys.stdin is None:
        raise click.UsageError("standard input is closed, expected a file or a pipe; give it one, or the file's path")
    stdin = sys.stdin.fileno()
    if stat.S_ISREG(os.fstat(stdin).st_mode) and os.lseek(stdin, 0, os.SEEK_CUR) == 0:
        yield stdin
        return
    with tempfile.TemporaryFile(dir=_folder(), buffering=0) as spool, open(stdin, "rb", 0, closefd=False) as pipe:
        shutil.copyfileobj(pipe, spool, _PART_BYTES)
        yield spool.fileno()


def _folder() -> str | None:
    """Where the file goes; None for where Python would put it."""
    if "TMPDIR" in os.environ or not os.access("/var/tmp", os.W_OK | os.X_OK):  # noqa: S108 (the file has no name)
        return None
    return "/var/tmp"  # noqa: S108


def size_of_descriptor(descriptor: int) -> int:
    """The bytes of an open file."""
    return os.fstat(descriptor).st_size
