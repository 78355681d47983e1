"""Whether the zips among a root's loose files have their end: until then they may still be growing.

A zip is read from its end, and an upload that pauses looks as if it were over. Only what has settled otherwise is
opened, once for each state that it is seen in, and at most 66 KiB of it are read.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from watcher import fsops
from watcher.intake.zips.ending import has_end_record
from watcher.model.facts import LooseFacts, RootFacts, Signature
from watcher.model.names import is_zip_name

#: By the signature of a file: whether it lacks its end.
ZipEnds = Mapping[Signature, bool]

#: What every zip begins with, whatever is in it; another beginning is no zip that is still to grow its end.
_BEGINNING = b"PK"


def ask_for_ends(facts: RootFacts, path: Path, before: ZipEnds, *, settle_seconds: float) -> tuple[RootFacts, ZipEnds]:
    """The facts with the zips that lack their end, and the answers for the next look."""
    asked = [item for item in facts.loose if _is_zip(item) and item.still.seconds >= settle_seconds]
    signatures = {item.entry.signature for item in asked}
    known = {signature: lacks for signature, lacks in before.items() if signature in signatures}
    new = [item for item in asked if item.entry.signature not in known]
    if new:
        known |= _answers(new, path)
    if not any(known.values()):
        return facts, known
    loose = tuple(replace(item, lacks_end=known.get(item.entry.signature, False)) for item in facts.loose)
    return replace(facts, loose=loose), known


def _answers(asked: list[LooseFacts], path: Path) -> dict[Signature, bool]:
    """What can be told; of the rest the next look asks again."""
    try:
        with fsops.open_root(path) as fd:
            answers = {item.entry.signature: _lacks_end(item, fd) for item in asked}
    except OSError:
        return {}
    return {signature: lacks for signature, lacks in answers.items() if lacks is not None}


def _is_zip(item: LooseFacts) -> bool:
    return item.target is not None and is_zip_name(item.target)


def _lacks_end(item: LooseFacts, at: int) -> bool | None:
    """None where it can't be read, or is another file by now."""
    try:
        with fsops.open_regular(item.entry.name, at) as fd:
            status = os.fstat(fd)
            if (status.st_ino, status.st_size) != (item.entry.inode, item.entry.size_bytes):
                return None
            return os.pread(fd, len(_BEGINNING), 0) == _BEGINNING and not has_end_record(fd)
    except OSError:
        return None
