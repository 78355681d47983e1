"""What the service is told: the values that `load` makes of config.yaml. Every default here is also in the schema.

Paths are absolute; everything can be pickled, for the workers. What may hold a password (the journal's URL, a
loader's options) is kept out of `repr`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any


class Watch(StrEnum):
    """Where hints come from."""

    #: inotify says when something happens; the periodic look comes on top
    EVENTS = "events"
    #: the periodic look alone, for file systems that tell nothing (NFS, FUSE)
    POLL = "poll"


class Late(StrEnum):
    """What becomes of an epoch that is older than the newest one loaded from its root."""

    #: it waits for a person
    HOLD = "hold"
    #: it is loaded all the same
    LOAD = "load"
    #: it is rejected, with a report that says why
    REJECT = "reject"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """What is logged, and in which form: `text` reads as a story, `json` is one object a line."""

    level: str = "INFO"
    format: str = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoaderSettings:
    """One loader: `type` is its plug-in's name, `options` every other key, judged by the plug-in itself."""

    name: str
    type: str
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterSettings:
    """Where the students are that a root's pictures are compared with: a column of a file of another root's last drop.

    `root` is the id of that root, or the name of another folder of the same entry.
    """

    root: str
    file: str
    column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RootSettings:
    """One upload root, or with a glob in `path` one for each match. The schema explains each option.

    `name` is None where the path is to name the root; a glob never has one. `dataset` is a name, or the absolute
    path of a folder. `gather_settle_seconds`, `expect` and `gather_timeout_seconds` are None where the dataset is to
    say. `folder` is the last part of the path where that is a folder of an entry with `folders`; its name ends in it.
    """

    path: str
    name: str | None = None
    dataset: str = "plain"
    loaders: tuple[str, ...] = ()
    settle_seconds: float = 10
    gather_settle_seconds: float | None = None
    expect: tuple[str, ...] | None = None
    gather_timeout_seconds: float | None = None
    stale_seconds: float = 21600
    max_drop_gb: float = 20
    late: Late = Late.HOLD
    results: bool = True
    connection_test_seconds: float = 86400
    roster: RosterSettings | None = None
    folder: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The whole configuration. `journal` is an SQLAlchemy URL; `source` the file it was read from.

    `secrets_in_file` is true where a password stands in the file itself: then nobody else should be able to read it.
    """

    work_dir: Path
    journal: str = field(repr=False)
    roots: tuple[RootSettings, ...]
    source: Path
    watch: Watch = Watch.EVENTS
    rescan_seconds: float = 30
    parallel_roots: int = 4
    workers: int = 2
    worker_memory_mb: int = 4096
    validate_timeout_seconds: float = 3600
    load_timeout_seconds: float = 3600
    attempts: int = 3
    retry_seconds: float = 60
    load_give_up_hours: float = 72
    drain_seconds: float = 30
    schema_dirs: tuple[Path, ...] = ()
    log: LogSettings = LogSettings()
    loaders: Mapping[str, LoaderSettings] = field(default_factory=dict)
    secrets_in_file: bool = False


def default_journal(work_dir: Path) -> str:
    """The URL of the SQLite file that is used where the configuration names no journal."""
    return f"sqlite:///{work_dir / 'journal.db'}"
