"""Finds the drop that a person names on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from watcher.errors import WatcherError
from watcher.model.names import safe_name

if TYPE_CHECKING:
    from watcher.journal import Journal
    from watcher.model.records import Record

take_option = click.option(
    "--take", type=click.IntRange(min=1), help="Which one, where an epoch came more than once; the last one by default."
)


def find_drop(journal: Journal, root: str, epoch: str, take: int | None) -> Record:
    """The drop; the last take where none is named. Raises WatcherError, saying where to look."""
    takes = journal.find(root, epoch)
    wanted = [record for record in takes if take in (None, record.take)]
    if wanted:
        return wanted[-1]
    name = f"{safe_name(root)} {safe_name(epoch)}"
    if takes:
        raise WatcherError(f"{name}: there is no take {take}; it came {_times(len(takes))}")
    if journal.newest_epoch(root) is None:
        raise WatcherError(f"{name}: no drop of this root was ever claimed; `status` lists the roots")
    raise WatcherError(
        f"{name}: no such drop was claimed; `history {safe_name(root)}` lists them, "
        f"`explain {safe_name(root)}` tells of what still lies in the root"
    )


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
