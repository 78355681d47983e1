"""Zips written byte by byte, so that each of their fields can lie.

build(Entry(b"users.csv", b"a,b\n"), Entry(b"..\\x", b"", flags=1))
"""

from __future__ import annotations

import os
import struct
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

STORED, DEFLATED = 0, 8
UNIX = 3 << 8
DESCRIPTOR = 1 << 3
ZIP64 = 0xFFFFFFFF


def deflated(data: bytes) -> bytes:
    packing = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packing.compress(data) + packing.flush()


@dataclass(frozen=True)
class Entry:
    """A member. What is None is as it should be; `local` are the fields of its local header that are otherwise."""

    name: bytes
    data: bytes = b"a,b\n1,2\n"
    method: int = DEFLATED
    flags: int = 0
    crc: int | None = None
    size: int | None = None
    packed_size: int | None = None
    packed: bytes | None = None
    mode: int = 0
    extra: bytes = b""
    offset: int | None = None
    local: dict[str, Any] = field(default_factory=dict)
    #: what stands behind the data
    behind: bytes = b""
    disk: int = 0
    needed: int = 20

    @property
    def content(self) -> bytes:
        if self.packed is not None:
            return self.packed
        return deflated(self.data) if self.method == DEFLATED else self.data

    def fields(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "flags": self.flags,
            "method": self.method,
            "crc": zlib.crc32(self.data) if self.crc is None else self.crc,
            "packed_size": len(self.content) if self.packed_size is None else self.packed_size,
            "size": len(self.data) if self.size is None else self.size,
            "extra": b"",
        }


def local_bytes(entry: Entry) -> bytes:
    """The local header, the data and what stands behind it."""
    f: dict[str, Any] = {**entry.fields(), **entry.local}
    numbers = (f["method"], 0, 0x21, f["crc"], f["packed_size"], f["size"], len(f["name"]), len(f["extra"]))
    header = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, f["flags"], *numbers)
    return b"".join((header, f["name"], f["extra"], entry.content, entry.behind))


def _central(entry: Entry, at: int) -> bytes:
    f: dict[str, Any] = entry.fields()
    offset = at if entry.offset is None else entry.offset
    header = struct.pack(
        "<4s6H3L5H2L", b"PK\x01\x02", 20 | UNIX, entry.needed, f["flags"], f["method"], 0, 0x21, f["crc"], f["packed_size"], f["size"],
        len(entry.name), len(entry.extra), 0, entry.disk, 0, entry.mode << 16, offset,
    )  # fmt: skip
    return header + entry.name + entry.extra


def build(
    *entries: Entry,
    prefix: bytes = b"",
    gap: bytes = b"",
    trailing: bytes = b"",
    comment: bytes = b"",
    moved: bool = False,
    members: int | None = None,
    zip64: bool = False,
    old_end: tuple[int, int, int] | None = None,
    disk: int = 0,
) -> bytes:
    """The whole zip. `prefix` stands before it, as a stub does; with `moved` the offsets know of it.

    `old_end`: members, offset and bytes of the directory in the old end record beside that for large archives.
    """
    body = bytearray()
    directory = bytearray()
    base = len(prefix) if moved else 0
    for entry in entries:
        directory += _central(entry, base + len(body))
        body += local_bytes(entry)
    body += gap
    count = len(entries) if members is None else members
    start = base + len(body)
    end = b""
    if zip64:
        large = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, len(directory), start)
        locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, start + len(directory), 1)
        end = large + locator
        count, start, size = old_end or (0xFFFF, ZIP64, ZIP64)
    else:
        size = len(directory)
    end += struct.pack("<4s4H2LH", b"PK\x05\x06", disk, disk, count, count, size, start, len(comment)) + comment
    return prefix + body + directory + end + trailing


def with_directory(sound: bytes, entries: Sequence[Entry]) -> bytes:
    """The members of a sound zip, and another directory, whose entries all lead to the first member."""
    body = sound[: sound.index(b"PK\x01\x02")]
    directory = b"".join(_central(entry, 0) for entry in entries)
    count = len(entries)
    return body + directory + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(directory), len(body), 0)


@contextmanager
def opened(content: bytes) -> Iterator[int]:
    """A descriptor of a file with this content."""
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.flush()
        yield file.fileno()


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def names_below(folder: Path) -> list[str]:
    """Every path below the folder."""
    return sorted(
        os.path.relpath(Path(at) / name, folder) for at, dirs, files in os.walk(folder) for name in dirs + files
    )
