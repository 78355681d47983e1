"""What a zip's members must be to become files of a drop: of a kind that we unpack, well named, not too large."""

from __future__ import annotations

import stat
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from watcher.intake.zips.content import DEFLATED, STORED
from watcher.intake.zips.directory import Member
from watcher.intake.zips.layout import Laid
from watcher.intake.zips.names import MemberName, NameFault, inner_zips, repeated, taken
from watcher.intake.zips.told import Told
from watcher.model.findings import Severity
from watcher.schema.model import Zips
from watcher.text import human_size

_ENCRYPTED = 1 << 0 | 1 << 6 | 1 << 13
_PATCH = 1 << 5
_METHODS = {1: "Shrink", 6: "Implode", 9: "Deflate64", 12: "bzip2", 14: "LZMA", 93: "Zstandard", 95: "XZ", 98: "PPMd"}
_AES_METHOD = 99
_NEWEST_VERSION = 63
#: Below it no ratio makes a bomb: a small file of one repeated line packs a thousandfold.
_RATIO_COUNTS_FROM_BYTES = 10_000_000


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What of a drop a zip is held against: the names of its other files, and the bytes that it may add (None: any).

    `is_known` says whether the dataset asks for a file of a name: a zip in a zip is refused unless it does.
    """

    others: Collection[str] = ()
    room_bytes: int | None = None
    is_known: Callable[[str], bool] = lambda _: False


def judge_kinds(files: Sequence[Laid], told: Told) -> None:
    """Members that can't be unpacked, or not to an ordinary file."""
    locked = [file for file in files if file.member.flags & _ENCRYPTED or file.member.method == _AES_METHOD]
    _tell(told, "zip-encrypted", "members of the archive are encrypted, expected an archive without a password", locked)
    for method in sorted({file.member.method for file in files} - {STORED, DEFLATED, _AES_METHOD}):
        name = _METHODS.get(method, f"method {method}")
        odd = [file for file in files if file.member.method == method]
        _tell(told, "zip-unsupported", f"members of the archive are packed with {name}, expected Deflate", odd)
    newer = [file for file in files if file.member.needed > _NEWEST_VERSION]
    _tell(told, "zip-unsupported", "members of the archive need a newer reader, expected version 6.3 at most", newer)
    patches = [file for file in files if file.member.flags & _PATCH]
    _tell(told, "zip-unsupported", "members of the archive are patches of other files, expected whole files", patches)
    special = [file for file in files if not _is_ordinary(file.member)]
    _tell(told, "zip-special-file", "members of the archive are links or devices, expected ordinary files", special)
    unequal = [file for file in files if _is_unequal(file.member) and file not in locked]
    message = "members of the archive are not packed at all and are said to be larger or smaller than they are"
    _tell(told, "zip-headers-disagree", message, unequal)


def judge_names(files: Sequence[Laid], limits: Zips, around: Surroundings, told: Told) -> None:
    """Members that can't be called as they are, or not beside each other."""
    names = [file.name for file in files]
    faults = {fault: [name for name in names if name.fault is fault] for fault in NameFault}
    unsafe = "names of members lead out of the archive's own folder, expected plain names of files"
    _tell_names(told, NameFault.UNSAFE, unsafe, faults[NameFault.UNSAFE])
    for why in dict.fromkeys(name.why for name in faults[NameFault.BAD]):
        told.error(NameFault.BAD, why, [name.shown for name in faults[NameFault.BAD] if name.why == why], asked=why)
    good = [name for name in names if name.fault is None]
    twice = "members of the archive have the same name, or one that differs in case only"
    _tell_names(told, "zip-duplicate-name", twice, repeated(good))
    _tell_names(told, "zip-name-taken", "another file of the drop has the same name", taken(good, around.others))
    nested = "there are archives in the archive, expected the files themselves"
    _tell_names(told, "zip-in-zip", nested, inner_zips(good, around.is_known))
    _judge_folders(good, limits, told)


def _judge_folders(names: Sequence[MemberName], limits: Zips, told: Told) -> None:
    """All in no folder, or all in the same one at the top, as far as the dataset lets them."""
    deep = [name for name in names if len(name.folders) > 1]
    _tell_names(told, "zip-folders", "members lie in folders of folders, expected them in no folder", deep)
    folders = {name.folders for name in names}
    if len(folders) > 1 and not deep:
        lying = [name for name in names if name.folders]
        _tell_names(told, "zip-folders", "members lie in several folders, expected them in no folder", lying)
    elif folders not in (set(), {()}) and not deep:
        message = "all members lie in a folder, expected them in no folder"
        if limits.folder.severity is Severity.ERROR:
            told.error("zip-folder", message)
        elif limits.folder.severity is Severity.WARNING:
            told.warn("zip-folder", message)


def judge_sizes(files: Sequence[Laid], zip_bytes: int, limits: Zips, around: Surroundings, told: Told) -> None:
    """What the members would add up to. What is stated is held to when they are unpacked."""
    if not files:
        told.error("zip-empty", "there is no file in the archive, expected at least one")
    most = f"expected at most {human_size(limits.max_member_bytes)}"
    large = [file for file in files if file.member.size_bytes > limits.max_member_bytes]
    _tell(told, "zip-too-large", f"members of the archive are too large to be unpacked, {most}", large)
    total = sum(file.member.size_bytes for file in files)
    room = limits.max_bytes if around.room_bytes is None else min(limits.max_bytes, around.room_bytes)
    if total > room and not large:
        message = f"the archive unpacks to {human_size(total)}, expected at most {human_size(max(room, 0))}"
        told.error("zip-too-large", message)
    if total > max(limits.max_ratio * zip_bytes, _RATIO_COUNTS_FROM_BYTES):
        found = f"the archive unpacks to {total / zip_bytes:,.0f} times its size"
        told.error("zip-ratio", f"{found}, expected at most {limits.max_ratio:,g} times")


def _is_ordinary(member: Member) -> bool:
    """Whether it is a file as far as the writer says: many say nothing."""
    return stat.S_IFMT(member.mode) in (0, stat.S_IFREG)


def _is_unequal(member: Member) -> bool:
    return member.method == STORED and member.packed_bytes != member.size_bytes


def _tell(told: Told, code: str, message: str, files: Sequence[Laid]) -> None:
    _tell_names(told, code, message, [file.name for file in files])


def _tell_names(told: Told, code: str, message: str, names: Sequence[MemberName]) -> None:
    told.error(code, message, [name.shown for name in names])
