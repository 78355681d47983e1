"""Files that a command writes: whole, or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import click

#: `model.names.is_temporary_name` knows it.
_UNSEEN = ".tmp"


@contextmanager
def written(output: Path | None) -> Iterator[IO[str]]:
    """A stream into a file, or into standard output for None.

    The file appears, or takes the place of an earlier one, once everything is written; if something goes wrong, or
    someone interrupts us, all stays as it was. A device or a pipe is written to as it is. Raises OSError.
    """
    if output is None:
        with click.open_file("-", "w", encoding="utf-8") as stream:
            yield stream
    elif output.exists() and not output.is_file():
        with output.open("w", encoding="utf-8") as stream:
            yield stream
    else:
        with _replacing(output) as stream:
            yield stream


@contextmanager
def _replacing(output: Path) -> Iterator[IO[str]]:
    """Written under a name of its own, beside the other. Nobody takes it for data, should its folder be looked at."""
    target = output.resolve()  # what a link leads to is replaced, not the link
    try:
        handle, staged = tempfile.mkstemp(prefix=f".{target.name[:50]}.", suffix=_UNSEEN, dir=target.parent)
    except OSError as error:  # told of the file that was asked for, not of ours
        raise OSError(error.errno, error.strerror, str(output)) from None
    try:
        with open(handle, "w", encoding="utf-8") as stream:
            yield stream
        os.chmod(staged, 0o666 & ~_umask())
        os.replace(staged, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(staged)
        raise


def _umask() -> int:
    """Can only be read by setting it."""
    now = os.umask(0o077)
    os.umask(now)
    return now
