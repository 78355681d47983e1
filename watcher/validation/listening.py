"""Keeps what fails in a caller's own function apart from what fails in reading a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec

_Arguments = ParamSpec("_Arguments")


class _ListenerFailed(Exception):  # noqa: N818 (it never leaves this module)
    """Carries an OSError of a listener past everything that would take it for one of a file."""

    def __init__(self, error: OSError) -> None:
        super().__init__()
        self.error = error


def guarded(listener: Callable[_Arguments, None] | None) -> Callable[_Arguments, None] | None:
    """The listener (a sink, a progress), whose OSErrors `listening` raises: a pipe that broke, a disk that is full."""
    if listener is None:
        return None

    def call(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> None:
        try:
            listener(*args, **kwargs)
        except OSError as error:
            raise _ListenerFailed(error) from None

    return call


@contextmanager
def listening() -> Iterator[None]:
    """Raises the very error that a guarded listener raised within."""
    try:
        yield
    except _ListenerFailed as failed:
        raise failed.error from None
