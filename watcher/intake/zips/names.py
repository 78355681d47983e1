"""The names of a zip's members: what each would be called in the drop, and why some can't be.

A name is a sender's bytes. Nothing of it decides where we write: folders are taken off, and what is left is one plain
name, or the archive is refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from watcher.model.names import MARKER, is_dropping, is_uploading_name, is_zip_name
from watcher.text import printable

_MOST_BYTES = 255
_DRIVE = re.compile(r"\A[A-Za-z]:")
#: Windows opens a device by such a name, whatever the folder and the suffix: a loader may lay files down there.
_DEVICE = re.compile(r"\A(?:CON|PRN|AUX|NUL|COM[0-9]|LPT[0-9])(?:\.|\Z)", re.IGNORECASE)

#: a byte that is no UTF-8, as it was read
_UNDECODED = re.compile("[\udc80-\udcff]")


class NameFault(StrEnum):
    """Why a member can't have its name; the values are codes of findings."""

    #: it leads out of the folder, or begins at the root or at a drive
    UNSAFE = "zip-unsafe-name"
    #: no file that we hand on may have such a name
    BAD = "zip-bad-name"


@dataclass(frozen=True, slots=True)
class MemberName:
    """A member's name taken apart: its folders, outermost first, and the name of the file.

    `file` is empty for a folder. `shown` is the whole name as it stands in the zip, printable. `why` says of a bad name
    what it is and what was expected.
    """

    shown: str
    folders: tuple[str, ...] = ()
    file: str = ""
    fault: NameFault | None = None
    why: str = ""

    @property
    def is_ignored(self) -> bool:
        """Whether it is a folder, a marker, or what Finder and Windows leave behind."""
        return not self.file or self.file == MARKER or any(map(is_dropping, (*self.folders, self.file)))


def read_name(raw: bytes) -> MemberName:
    r"""A member's name. Both `/` and `\` part folders: some programs for Windows write `\`, against the format."""
    text = raw.decode("utf-8", "surrogateescape").replace("\\", "/")
    shown = printable(text, 200)
    parts = text.split("/")
    if not text.strip("/") or text.startswith("/") or _DRIVE.match(text) or ".." in parts:
        return MemberName(shown, fault=NameFault.UNSAFE)
    folders = tuple(part for part in parts[:-1] if part not in ("", "."))
    file = "" if parts[-1] == "." else parts[-1]
    name = MemberName(shown, folders, file)
    why = "" if name.is_ignored else _why_bad(file)
    return MemberName(shown, folders, file, NameFault.BAD, why) if why else name


def _why_bad(file: str) -> str:
    """Why no file may be called so; empty for a name like any other."""
    if _UNDECODED.search(file):
        return "names of members are not written in UTF-8, expected UTF-8"
    if len(file.encode("utf-8")) > _MOST_BYTES:
        return f"names of members are too long, expected at most {_MOST_BYTES} bytes"
    if is_uploading_name(file):
        return "members of the archive are parts of unfinished uploads, expected the finished files"
    if _DEVICE.match(file):
        return "names of members are kept for devices by Windows, expected names of files"
    if file.endswith((" ", ".")):
        return "names of members end in a space or a dot, expected a suffix such as .csv"
    if printable(file) != file:
        return "names of members can't be printed as they are, expected letters and digits"
    return ""


def same_name(name: str) -> str:
    """What two names have in common that a file system may take for one: case and Unicode form are taken off."""
    return unicodedata.normalize("NFC", name.casefold())


def repeated(names: Iterable[MemberName]) -> tuple[MemberName, ...]:
    """The files whose name another one has before them."""
    met: Counter[str] = Counter()
    found = []
    for name in names:
        key = same_name(name.file)
        if met[key]:
            found.append(name)
        met[key] += 1
    return tuple(found)


def taken(names: Iterable[MemberName], others: Collection[str]) -> tuple[MemberName, ...]:
    """The files whose name another file of the drop has."""
    known = {same_name(other) for other in others}
    return tuple(name for name in names if same_name(name.file) in known)


def inner_zips(names: Iterable[MemberName], is_known: Callable[[str], bool]) -> tuple[MemberName, ...]:
    """The zips among the files that the dataset does not ask for as such."""
    return tuple(name for name in names if is_zip_name(name.file) and not is_known(name.file))
