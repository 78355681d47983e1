"""The exceptions of our own trouble. A district's bad file is never one of these: it is a Finding."""

from __future__ import annotations


class WatcherError(Exception):
    """Something on our side went wrong in a way we know; its text is fit for an operator to read."""


class ConfigError(WatcherError):
    """The configuration or a schema is wrong. `problems` holds one line each: `file:line: key.path: ...`."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems

    def __reduce__(self) -> tuple[type[ConfigError], tuple[tuple[str, ...]]]:
        return (type(self), (self.problems,))  # so that it survives the way from a worker process


class JournalError(WatcherError):
    """The journal could not be opened, migrated, read or written."""


class LockedError(WatcherError):
    """Another service holds the work directory; the text names it."""


class LoaderError(WatcherError):
    """What a loader raises on purpose; see the two below."""


#: Seconds. No try of a drop is put off for longer, whoever asks for it: a longer wait is that of a clock put back.
LONGEST_WAIT_SECONDS = 86_400.0


class TransientError(LoaderError):
    """The load may work later (a database that is down): it is tried again after `retry_in` seconds.

    That is from 1 to `LONGEST_WAIT_SECONDS`. Without it the service backs off by itself, longer each time.
    """

    def __init__(self, message: str, *, retry_in: float | None = None) -> None:
        super().__init__(message)
        self.retry_in = retry_in


class PermanentError(LoaderError):
    """The load cannot work however often it is tried; the epoch is failed with this text as its reason."""
