"""What every loader is and promises.

A third party's loader needs this module, `batch` and `watcher.errors`; `manifest` too if it hands files on as they lie.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, runtime_checkable

from watcher.loading.batch import Batch


@dataclass(frozen=True, slots=True)
class Loaded:
    """The batch is in the target, whole and durable.

    `rows` are those of this batch; `already` is true if an earlier load had put them there, they are there still, and
    this one changed nothing; `note` is a few words for the history, without cell values.
    """

    rows: int
    already: bool = False
    note: str = ""


@runtime_checkable
class Loader(Protocol):
    """Puts one accepted epoch into one target.

    A batch may come more than once: after a crash nobody knows whether the last load was finished. So a loader keeps
    `batch.key` in its target, written together with the data: **a batch that is the newest of its root changes nothing
    when it comes again.** This, and nothing else, makes delivery exactly-once. An older batch that comes again, because
    a person replays it or a sender takes a correction back, is to be in the target afterwards as if it came for the
    first time: where newer ones have replaced its data, its key alone does not make it `already` there.

    Where `file.brings_changes`, what does not stand in the file has not been removed, and must stay in the target.

    Errors: `TransientError` if a later try may work (the target is down, full, locked), `PermanentError` if no try will
    (the data does not fit the target). Anything else counts as transient for a few attempts. No error's text, and no
    exception chained to it, may hold a cell's value.
    """

    #: JSON Schema (2020-12) of the options that this type takes, an object; judged before a loader is made.
    options_schema: ClassVar[Mapping[str, Any]]

    def __init__(self, name: str, options: Mapping[str, Any]) -> None:
        """Called in each process that checks or loads, with options that satisfy the schema.

        Must be quick and must not touch the target. May raise ConfigError for what a schema can't say.
        """

    def check(self) -> None:
        """Called by `doctor`: raise LoaderError if the target can't be loaded now; leave no trace."""

    def load(self, batch: Batch) -> Loaded:
        """Called once per epoch and attempt, in a child process that may be killed at any moment.

        Must be all or nothing to a reader of the target, must clear what a killed attempt left, and must return only
        once the data would survive a power cut. Epochs of one root come one by one, in order; other roots' at the
        same time, from other processes.
        """

    def close(self) -> None:
        """Called last, also after an error; a second call does nothing."""
