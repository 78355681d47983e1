"""Looks a zip over from end to end without unpacking a byte: its files, or why it is refused.

The order of the questions:

1. Is it a zip, and whole? Its end, its directory, nothing before it (`layout`).
2. Does each member lie where the directory says, say the same there, share no byte with another (`places`)?
3. Can each be unpacked to an ordinary file (`judging`)?
4. May each be called as it is (`names`)?
5. Is it all within the limits?

What only unpacking can tell, checksums, is left to `content`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from watcher.intake.zips.judging import Surroundings, judge_kinds, judge_names, judge_sizes
from watcher.intake.zips.layout import read_layout
from watcher.intake.zips.places import Placed
from watcher.intake.zips.refusal import RefusedError
from watcher.intake.zips.told import Told
from watcher.model.findings import Occurrence, Severity
from watcher.schema.model import Zips

_ALONE = Surroundings()


@dataclass(frozen=True, slots=True)
class PackedFile:
    """A file in a zip that is to be unpacked: what it is called in the drop, and where it lies."""

    name: str
    shown: str
    placed: Placed


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found of a zip. `files` are those to unpack; none where an error is among the findings."""

    files: tuple[PackedFile, ...]
    findings: tuple[Occurrence, ...]

    @property
    def is_sound(self) -> bool:
        return all(found.severity is not Severity.ERROR for found in self.findings)


def check(fd: int, name: str, limits: Zips, around: Surroundings = _ALONE) -> Checked:
    """Everything about an open zip that can be said without unpacking it. Writes nothing; raises only OSError.

    `name` is the zip's, for the findings: there is one kind for each code, with an occurrence for each member.
    """
    told = Told(name)
    try:
        laid = read_layout(fd, limits.max_members, told)
    except RefusedError as error:
        told.refuse(error)
        return Checked((), tuple(told.found))
    files = [each for each in laid if each.name.fault or not each.name.is_ignored]
    judge_kinds(files, told)
    judge_names(files, limits, around, told)
    judge_sizes(files, os.fstat(fd).st_size, limits, around, told)
    packed = tuple(PackedFile(each.name.file, each.name.shown, each.placed) for each in files if each.placed)
    checked = Checked(packed, tuple(told.found))
    return checked if checked.is_sound else Checked((), checked.findings)
