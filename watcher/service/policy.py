"""What a plan is made by, besides facts and time: the operator's wishes and what the journal knows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase

from watcher.config import Late
from watcher.model.deliveries import USUAL_RULES, NameRules
from watcher.model.names import is_zip_name
from watcher.model.records import Notice, NoticeKey, Record, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the operator wants of a root, and what its dataset says of how files come.

    `rules` tell loose files by their names. `expect` are loose files that belong together; `awaited` are these and the
    files that the dataset requires: a gather waits for them, and an epoch a little longer. `whole_zips` are names and
    patterns of zips that are not unpacked: they hold none of the others.
    """

    settle_seconds: float = 10
    gather_settle_seconds: float = 120
    gather_timeout_seconds: float = 3600
    stale_seconds: float = 21600
    connection_test_seconds: float = 86400
    rescan_seconds: float = 30
    rules: NameRules = USUAL_RULES
    expect: tuple[str, ...] = ()
    awaited: tuple[str, ...] = ()
    whole_zips: tuple[str, ...] = ()
    loaders: tuple[str, ...] = ()
    late: Late = Late.HOLD
    attempts: int = 3
    load_give_up_seconds: float = 72 * 3600

    def missing(self, names: Collection[str]) -> tuple[str, ...]:
        """What is awaited and not among these names.

        A zip that is unpacked may hold any of it but another zip; one that is expected beside other files holds only
        what the dataset requires. What it lacks is found when it is judged.
        """
        missing = tuple(name for name in self.awaited if name not in names)
        zips = [name for name in names if is_zip_name(name) and not self._is_whole_zip(name)]
        if not zips:
            return missing
        if any(name not in self.expect for name in zips):
            return tuple(filter(is_zip_name, missing))
        return tuple(name for name in missing if name in self.expect)

    def _is_whole_zip(self, name: str) -> bool:
        return any(fnmatchcase(name, pattern) for pattern in self.whole_zips)


@dataclass(frozen=True, slots=True)
class RootRecords:
    """What the journal knows of a root, as far as a plan needs it.

    `open` is in epoch order; `left` are records whose original could not be removed; `attempts` counts broken tries by
    record, step and loader; `notices` is what was said already; `busy` are records a worker is at.
    `newest_stamps` are, by the name in the epoch, the dates of the newest loose files that were loaded; it is filled in
    only while a gathered drop is about to be loaded.
    """

    open: tuple[Record, ...] = ()
    left: tuple[Record, ...] = ()
    newest_loaded: str | None = None
    attempts: Mapping[tuple[int, Step, str | None], int] = field(default_factory=dict)
    notices: frozenset[NoticeKey] = frozenset()
    busy: frozenset[int] = frozenset()
    newest_stamps: Mapping[str, str] = field(default_factory=dict)
    #: what keeps a report from its sender, by the folder name of its drop
    report_troubles: Mapping[str, Notice] = field(default_factory=dict)
    #: when the last try at a record ended, as far as it is known
    tried: Mapping[int, datetime] = field(default_factory=dict)
    #: what the last look met, if it met trouble of our own
    trouble: Notice | None = None
