"""What a plan is made by, besides facts and time: the operator's wishes and what the journal knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from watcher.config import Late
from watcher.model.deliveries import USUAL_RULES, DeliveryRules
from watcher.model.records import Record, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the operator wants of a root, and what its dataset says of how files come.

    `rules` tell loose files by their names. `expect` are loose files that belong together; `awaited` are these and the
    files that the dataset requires: a gather waits for them, and an epoch a little longer.
    """

    settle_seconds: float = 10
    gather_settle_seconds: float = 120
    gather_timeout_seconds: float = 3600
    stale_seconds: float = 21600
    connection_test_seconds: float = 86400
    rescan_seconds: float = 30
    rules: DeliveryRules = USUAL_RULES
    expect: tuple[str, ...] = ()
    awaited: tuple[str, ...] = ()
    loaders: tuple[str, ...] = ()
    late: Late = Late.HOLD
    attempts: int = 3
    load_give_up_seconds: float = 72 * 3600


@dataclass(frozen=True, slots=True)
class RootRecords:
    """What the journal knows of a root, as far as a plan needs it.

    `open` is in epoch order; `left` are records whose original could not be removed; `attempts` counts broken tries by
    record, step and loader; `notices` are (kind, subject, identity); `busy` are records a worker is at.
    `newest_stamps` are, by the name in the epoch, the dates of the newest loose files that were loaded; it is filled in
    only while a gathered drop is about to be loaded.
    """

    open: tuple[Record, ...] = ()
    left: tuple[Record, ...] = ()
    newest_loaded: str | None = None
    attempts: Mapping[tuple[int, Step, str | None], int] = field(default_factory=dict)
    notices: frozenset[tuple[str, str, str]] = frozenset()
    busy: frozenset[int] = frozenset()
    newest_stamps: Mapping[str, str] = field(default_factory=dict)
