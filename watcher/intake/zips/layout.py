"""How a zip is laid out: its end, its directory before that, its members before that, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass

from watcher.intake.zips.directory import ENTRY_SIGNATURE, Member, read_directory
from watcher.intake.zips.ending import Ending, read_ending
from watcher.intake.zips.looks import begins_like_a_zip, looks_like
from watcher.intake.zips.names import MemberName, read_name
from watcher.intake.zips.places import Placed, loose_bytes, place
from watcher.intake.zips.refusal import RefusedError
from watcher.intake.zips.told import Told
from watcher.text import counted


@dataclass(frozen=True, slots=True)
class Laid:
    """A member with its name taken apart; `placed` is None where it does not lie where the directory says."""

    name: MemberName
    member: Member
    placed: Placed | None


def read_layout(fd: int, max_members: int, told: Told) -> tuple[Laid, ...]:
    """All members of a zip. Raises RefusedError where nothing more can be said of it, OSError."""
    ending = read_ending(fd)
    if ending is None:
        raise _no_zip(fd)
    if ending.is_split:
        raise RefusedError("zip-unsupported", "the archive is split into parts, expected one whole archive")
    before_end = _bytes_before_end(fd, ending)
    members = read_directory(fd, ending, max_members)
    laid = tuple(_laid(fd, member, ending.directory_offset, told) for member in members)
    between = _bytes_of_no_member(laid, ending.directory_offset)
    extra = between + before_end + os.fstat(fd).st_size - ending.end_offset
    if extra > 0 and all(each.placed for each in laid):
        told.warn(
            "zip-extra-bytes", f"{counted(extra, 'byte')} belong to no member of the archive; nobody looked at them"
        )
    return laid


def _no_zip(fd: int) -> RefusedError:
    if begins_like_a_zip(fd):
        return RefusedError("zip-truncated", "the archive has a beginning and no end; it may still have been growing")
    return RefusedError("zip-not-a-zip", f"the file looks like {looks_like(fd)}, expected a zip archive")


def _bytes_before_end(fd: int, ending: Ending) -> int:
    """The bytes between directory and end. Raises RefusedError where the directory is not where the end says."""
    gap = ending.record_offset - ending.directory_offset - ending.directory_bytes
    if gap < 0:
        raise RefusedError("zip-damaged", "the directory of the archive reaches beyond its end; bytes are missing")
    if ending.members and not _is_entry(fd, ending.directory_offset):
        if _is_entry(fd, ending.directory_offset + gap):
            raise _prefixed(gap)
        raise RefusedError("zip-damaged", "the directory of the archive is not where its end says")
    return gap


def _is_entry(fd: int, offset: int) -> bool:
    return os.pread(fd, len(ENTRY_SIGNATURE), offset) == ENTRY_SIGNATURE


def _laid(fd: int, member: Member, directory_offset: int, told: Told) -> Laid:
    name = read_name(member.raw_name)
    try:
        return Laid(name, member, place(fd, member, directory_offset))
    except RefusedError as error:
        told.error(error.code, error.message, (name.shown,))
        return Laid(name, member, None)


def _bytes_of_no_member(laid: Iterable[Laid], directory_offset: int) -> int:
    """The bytes between the members. Raises RefusedError where they overlap or something stands before the first."""
    loose = loose_bytes((each.placed for each in laid if each.placed), directory_offset)
    if loose.before and all(each.placed for each in laid):
        raise _prefixed(loose.before)
    return loose.between


def _prefixed(count: int) -> RefusedError:
    message = f"{counted(count, 'byte')} stand before the archive, expected it to begin with its first member"
    return RefusedError("zip-prefixed", message)
