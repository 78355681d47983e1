"""What one look at one root saw: frozen, complete, without any judgement."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from watcher.model.names import MARKER


class Kind(StrEnum):
    """What a directory entry is, by lstat."""

    FILE = "file"
    DIRECTORY = "directory"
    SYMLINK = "symbolic link"
    FIFO = "named pipe"
    SOCKET = "socket"
    DEVICE = "device"


#: Name, inode, size, mtime and ctime: two looks that see the same saw the same content.
#: mtime is the sender's to set; ctime is not.
Signature = tuple[str, int, int, int, int]


#: A connection test writes so much at most: Infinite Campus' "Test Connection" one byte, a plain `touch` none.
TEST_FILE_BYTES = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """A directory entry, by lstat. Times are nanoseconds since 1970."""

    name: str
    kind: Kind
    inode: int
    size_bytes: int
    mtime_ns: int
    ctime_ns: int
    links: int = 1

    @property
    def signature(self) -> Signature:
        return (self.name, self.inode, self.size_bytes, self.mtime_ns, self.ctime_ns)


@dataclass(frozen=True, slots=True)
class Stillness:
    """How long something has been seen unchanged, and by whom it is held open.

    `seconds` runs by our own monotonic clock from our first look at this very state; 0 at the first look.
    `writers` are names that a process has open for writing; always empty where the file system grants no lease.
    """

    seconds: float = 0.0
    writers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EpochFacts:
    """An epoch directory. `problem` says why it could not be listed, or not to its end: then it is not to be taken.

    `changed_ns` is the newest ctime in it.
    """

    name: str
    device: int
    inode: int
    changed_ns: int
    entries: tuple[Entry, ...]
    still: Stillness = Stillness()
    problem: str = ""

    @property
    def has_marker(self) -> bool:
        return any(entry.name == MARKER and entry.kind is Kind.FILE for entry in self.entries)

    @property
    def names(self) -> frozenset[str]:
        return frozenset(entry.name for entry in self.entries)

    @property
    def signature(self) -> tuple[int, int, tuple[Signature, ...]]:
        return (self.device, self.inode, tuple(entry.signature for entry in self.entries))


@dataclass(frozen=True, slots=True)
class LooseFacts:
    """A loose entry of the root: a file to gather if `target` is given, else something that is not ours to take.

    `target`, `stamp` and `each` are what its name says by the root's rules: its name in the epoch, the digits of its
    date, and whether it counts beside a newer one.
    `lacks_end` is true of a zip whose end is not there: it is still being uploaded, or was cut off.
    """

    entry: Entry
    target: str | None
    still: Stillness = Stillness()
    stamp: str = ""
    lacks_end: bool = False
    each: bool = False


class LeaseLevel(StrEnum):
    """Whether the file system tells us of open writers."""

    #: an open writer is seen
    GRANTED = "granted"
    #: open writers can't be seen; a claim copies to be sure
    REFUSED = "refused"
    #: nothing has been there to try it on
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RootFacts:
    """All that one look at a root saw. `problem` says why it is unavailable; then nothing else is known.

    `way_to_results` is a word that changes when what may keep a report out of `results/` does.
    """

    root: str
    device: int = 0
    inode: int = 0
    epochs: tuple[EpochFacts, ...] = ()
    loose: tuple[LooseFacts, ...] = ()
    lease: LeaseLevel = LeaseLevel.UNKNOWN
    problem: str = ""
    way_to_results: str = ""
