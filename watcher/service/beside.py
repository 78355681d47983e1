"""What lies beside the folders of an entry: drops at a path that is no root, where nobody would ever take them.

Where an entry's folders are roots in place of the path itself, a sender whose path lacks its last part uploads to where
nobody looks. Told of are files and what a sender may have meant for an epoch or one of the folders; what else lies
there (a home's own folders, hidden things) is the operator's. Below a path that was written down that holds before any
of its folders is made: the first sender may be the one whose path is short.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from watcher.config import RootSettings
from watcher.intake.scanner import MAX_ENTRIES
from watcher.model.names import is_epoch_name, is_temporary_name, nearest_epoch_name, safe_name
from watcher.service.roots import Root, is_glob
from watcher.text import counted, printable, some_of

_NAMES_TOLD = 5


def tell_beside(roots: Iterable[Root], entries: Iterable[RootSettings]) -> Iterator[str]:
    """A line for each folder in which something lies beside those that are roots; none where it can't be read.

    `roots` are those that were found of the configuration's `entries`.
    """
    found = tuple(roots)
    taken = {root.path for root in found}
    for above, own in sorted(_folders(found, entries).items()):
        if above in taken:
            continue  # a root by an entry of its own
        strays = [name for name in _strays(above, own) if above / name not in taken]
        if strays:
            names, known = some_of([safe_name(name) for name in strays], _NAMES_TOLD), ", ".join(sorted(own))
            yield (
                f"{printable(str(above))}: nobody takes what lies beside its folders ({known}): "
                f"{counted(len(strays), 'thing')}, {names}; the sender's path should lead into one of the folders"
            )


def _folders(roots: Iterable[Root], entries: Iterable[RootSettings]) -> dict[Path, set[str]]:
    """What lies above folders that are roots, or would be if they were there; with the names of all of them."""
    named: dict[str, set[str]] = {}
    for entry in entries:
        if entry.folder is not None:
            named.setdefault(os.path.dirname(entry.path), set()).add(entry.folder)
    folders = {Path(above): own for above, own in named.items() if not is_glob(above)}
    for root in roots:
        if root.settings.folder is not None:
            folders[root.path.parent] = named.get(os.path.dirname(root.settings.path), {root.settings.folder})
    return folders


def _strays(above: Path, own: Iterable[str]) -> list[str]:
    alike = {name.casefold() for name in own}
    try:
        with os.scandir(above) as listing:
            return sorted(entry.name for entry in islice(listing, MAX_ENTRIES) if _is_stray(entry, alike))
    except OSError:
        return []


def _is_stray(entry: os.DirEntry[str], alike: set[str]) -> bool:
    name = entry.name
    if name.startswith(".") or is_temporary_name(name):
        return False
    if entry.is_file(follow_symlinks=False):
        return True
    meant_for_epoch = is_epoch_name(name) or nearest_epoch_name(name) is not None
    return entry.is_dir(follow_symlinks=False) and (meant_for_epoch or name.casefold() in alike)
