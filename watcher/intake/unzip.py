"""Unpacks the zips of a claimed drop, so that their files lie beside the others.

<envelope>/files/            what is validated and loaded: the other files, and what was in the zips
<envelope>/received/         the zips as they came, kept as evidence
<envelope>/files.unpacking/  while one is unpacked
<envelope>/unpacked.json     which zips are unpacked, and what was in each:
                             {"version": 1, "zips": [{"name": "oneroster.zip", "files": ["users.csv"]}]}

1. Each zip moves into `received/`.
2. It is looked over; then its files are written into `files.unpacking/`, each synced.
3. `unpacked.json` names them: from here on they are the drop's.
4. They are renamed into `files/`.

A crash before 3 leaves parts that the next try clears away; one after it, renames that the next try completes. A zip
that is refused leaves nothing but itself, and is looked at again whenever the drop is.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from watcher import fsops
from watcher.failpoints import reach
from watcher.intake.envelope import FILES
from watcher.intake.zips.check import Checked, check
from watcher.intake.zips.content import write
from watcher.intake.zips.judging import Surroundings
from watcher.intake.zips.refusal import RefusedError
from watcher.intake.zips.told import Told
from watcher.model.findings import Occurrence
from watcher.model.names import MARKER, is_temporary_name, is_zip_name
from watcher.schema.model import Dataset

RECEIVED = "received"
UNPACKING = "files.unpacking"
NOTE = "unpacked.json"


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What came of a drop's zips: what was found of them, and the names of those that were refused."""

    findings: tuple[Occurrence, ...] = ()
    refused: tuple[str, ...] = ()


def unpack_drop(envelope: Path, dataset: Dataset, max_bytes: int) -> Unpacked:
    """Unpack the zips of a claimed drop, as far as that was not done before.

    All its files together never take more than `max_bytes`. Raises OSError for trouble of our own, such as a full disk:
    then nothing is lost, and the next try goes on from there.
    """
    with fsops.open_root(envelope) as home:
        finish(home)
        _sort(home, dataset)
        if not fsops.exists(RECEIVED, home):
            return Unpacked()
        reach("unzip.set-aside")
        with fsops.open_directory(RECEIVED, home) as zips:
            return unpack_zips(home, zips, sorted(os.listdir(zips)), dataset, max_bytes)


def unpack_zips(
    home: int, zips: int, names: Iterable[str], dataset: Dataset, max_bytes: int | None = None, *, syncs: bool = True
) -> Unpacked:
    """Unpack these zips of one folder into `files/` of an open envelope, one after the other. Raises OSError.

    Without `syncs` nothing of it need outlive a power cut: of ten thousand pictures each would wait for the disk.
    """
    found: list[Occurrence] = []
    refused: list[str] = []
    for name in names:
        with fsops.open_regular(name, zips) as fd:
            own = frozenset(_noted(home).get(name, ()))
            checked = check(fd, name, dataset.zips, _surroundings(home, own, dataset, max_bytes))
            found += checked.findings
            trouble = None if own or not checked.is_sound else _unpack(fd, name, checked, home, syncs=syncs)
        if trouble is not None:
            found.append(trouble)
        if trouble is not None or not checked.is_sound:
            refused.append(name)
    return Unpacked(tuple(found), tuple(refused))


def is_unpacked(name: str, dataset: Dataset) -> bool:
    """Whether a file of this name is a zip to unpack: not one that the dataset asks for as it is."""
    return dataset.zips.unpack and is_zip_name(name) and not is_temporary_name(name) and not _is_known(name, dataset)


def _is_known(name: str, dataset: Dataset) -> bool:
    return dataset.schema_for(name) is not None


# --- from files/ to received/ -----------------------------------------------------------------------------------------


def _sort(home: int, dataset: Dataset) -> None:
    """Move the zips to unpack out of the files; and back what the dataset, changed since, wants as it is."""
    with fsops.open_directory(FILES, home) as files:
        zips = [name for name in os.listdir(files) if is_unpacked(name, dataset) and _is_readable(name, files)]
        if zips:
            fsops.make_directory(RECEIVED, home)
        if not fsops.exists(RECEIVED, home):
            return
        done = _noted(home)
        with fsops.open_directory(RECEIVED, home) as received:
            for name in zips:
                fsops.move(name, files, name, received)
            for name in os.listdir(received):
                if name not in done and not is_unpacked(name, dataset):
                    fsops.move(name, received, name, files)


def _is_readable(name: str, at: int) -> bool:
    """Whether it is an ordinary file that we may read; of any other the validation tells."""
    with suppress(OSError), fsops.open_regular(name, at):
        return True
    return False


# --- from received/ to files/ -----------------------------------------------------------------------------------------


def _surroundings(home: int, own: frozenset[str], dataset: Dataset, max_bytes: int | None) -> Surroundings:
    """The rest of the drop; `own` are the files that this very zip has brought already."""
    with fsops.open_directory(FILES, home) as files:
        others = [name for name in os.listdir(files) if name not in own and name != MARKER]
        taken_bytes = sum(os.stat(name, dir_fd=files, follow_symlinks=False).st_size for name in others)
    room_bytes = None if max_bytes is None else max_bytes - taken_bytes
    return Surroundings(others, room_bytes, lambda name: _is_known(name, dataset))


def _unpack(fd: int, name: str, checked: Checked, home: int, *, syncs: bool) -> Occurrence | None:
    """Unpack a sound zip into the drop; if a member turns out bad, that is the result, and nothing of it stays."""
    fsops.make_directory(UNPACKING, home)
    try:
        with fsops.open_directory(UNPACKING, home) as target:
            trouble = _write(fd, name, checked, target, syncs=syncs)
            os.fsync(target)
    except OSError:
        fsops.remove_tree(UNPACKING, home)  # on a full disk its part would keep the disk full
        raise
    if trouble is not None:
        fsops.remove_tree(UNPACKING, home)
        return trouble
    _note(home, {**_noted(home), name: tuple(file.name for file in checked.files)})
    reach("unzip.noted")
    finish(home)
    return None


def _write(fd: int, name: str, checked: Checked, target: int, *, syncs: bool) -> Occurrence | None:
    for file in checked.files:
        try:
            write(fd, file.placed, file.name, target, syncs=syncs)
        except RefusedError as error:
            told = Told(name)
            told.error(error.code, error.message, (file.shown,))
            return told.found[0]
        reach("unzip.member-written")
    return None


def finish(home: int) -> None:
    """Complete the renames of what is unpacked and noted, which may have been cut off; clear the rest away."""
    if not fsops.exists(UNPACKING, home):
        return
    noted = {file for files in _noted(home).values() for file in files}
    with fsops.open_directory(UNPACKING, home) as source, fsops.open_directory(FILES, home) as target:
        for name in noted.intersection(os.listdir(source)):
            fsops.rename(name, source, name, target)
            reach("unzip.member-moved")
        os.fsync(target)
        os.fsync(source)
    fsops.remove_tree(UNPACKING, home)


def _note(home: int, zips: Mapping[str, tuple[str, ...]]) -> None:
    content = {"version": 1, "zips": [{"name": name, "files": files} for name, files in zips.items()]}
    fsops.write_file(NOTE, home, json.dumps(content).encode("ascii"))


def _noted(home: int) -> dict[str, tuple[str, ...]]:
    """The unpacked zips with the names of their files."""
    if not fsops.exists(NOTE, home):
        return {}
    with fsops.open_regular(NOTE, home) as fd, open(fd, "rb", closefd=False) as file:
        content = json.load(file)
    return {each["name"]: tuple(each["files"]) for each in content["zips"]}
