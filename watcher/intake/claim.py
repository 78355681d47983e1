"""Takes a drop out of the sender's reach, once, whatever happens half-way.

A claim's intent is in the journal before anything here runs, and `take` may be called again after any crash: it reads
how far it got off the disk. A drop's *envelope* is our own directory in stage; the drop's files lie in `files/` below
it as soon as they are whole, and a name is never made visible there before.

1. Rename: an epoch directory (or each loose file) is moved into the envelope. One rename, atomic.
2. Copy, where a rename is refused (a directory that is not ours to move, another mount): every file is copied to a
   fresh inode and compared with its identity before and after; then the original is removed or, where even that is
   refused, left and remembered.
3. Secure: what was renamed must now be regular files with one link that nobody has open for writing. Where that is not
   so, or can't be known, the content is copied to fresh inodes, so that nobody can change what was validated. All of
   it is synced: a sender's server leaves that to time, and a power cut would empty files that we answer for.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from watcher import fsops
from watcher.failpoints import reach
from watcher.intake.bring import Gone, NotYet, bring
from watcher.intake.envelope import FILES, UNREADABLE, notes_of
from watcher.intake.original import release
from watcher.intake.scanner import read_epoch
from watcher.intake.secure import finish_swap, secure
from watcher.model.facts import EpochFacts, Kind
from watcher.model.names import MARKER
from watcher.model.records import DropKind, Record

#: What the journal can count; two sparse files can claim to be more.
_MOST_BYTES = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Taken:
    """The drop lies whole in its envelope. `how` is `renamed`, `copied` or `gathered`."""

    how: str
    files: int
    size_bytes: int
    source_left: bool


Outcome = Taken | NotYet | Gone


def take(record: Record, root: Path, envelope: Path, *, settle_for_copy: bool = False) -> Outcome:
    """Bring the drop of a CLAIMING record into its envelope, from wherever an earlier try left it.

    With `settle_for_copy` neither an open writer nor a file that can't be read is waited for any longer: what is there
    is copied and stands, what can't be read is left out and noted.
    Raises OSError for trouble of our own (a full disk); call again later.
    """
    fsops.make_path(envelope)
    reach("claim.envelope-made")
    with fsops.open_directory(envelope) as home:
        finish_swap(home)
        if not fsops.exists(FILES, home):
            stopped = bring(record, root, home, settle_for_copy=settle_for_copy)
            if stopped is not None:
                return stopped
        drop = read_epoch(FILES, home)
        if drop is None or drop.problem:
            return NotYet(f"its folder in stage {drop.problem if drop else 'vanished'}")
        copied = secure(drop, home, settle_for_copy=settle_for_copy)
        if isinstance(copied, NotYet):
            return copied
        reach("claim.secured")
        keep = any(kind == UNREADABLE for _, kind in notes_of(home))
        return _taken(record, drop, copied=copied, source_left=release(record, root, drop, keep=keep))


def _taken(record: Record, drop: EpochFacts, *, copied: bool, source_left: bool) -> Taken:
    how = "copied" if copied or drop.inode != record.source.inode else "renamed"
    if record.kind is DropKind.GATHERED:
        how = "gathered"
    data = [entry for entry in drop.entries if entry.kind is Kind.FILE and entry.name != MARKER]
    size_bytes = min(sum(entry.size_bytes for entry in data), _MOST_BYTES)
    return Taken(how, len(data), size_bytes, source_left)
