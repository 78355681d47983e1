"""Looks at the names in an epoch directory: which file follows which schema."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from watcher.model.findings import Occurrence
from watcher.model.names import MARKER, NAME_CHARACTERS, is_temporary_name, safe_name, shown_names
from watcher.schema.model import Dataset, FileSchema, Mode
from watcher.text import nearest_file, printable, quoted
from watcher.validation.findings.collect import occurrence
from watcher.validation.loosenames import advice_for, advice_for_another, loose_delivery, spare_names
from watcher.validation.otherkinds import export_advice
from watcher.validation.reading.distance import differs_in_noise, is_near, normalised

#: `.csv.txt`, `.csv.csv`
_SUFFIXES = re.compile(r"(?:\.(?:csv|txt|tsv|dat))+$", re.IGNORECASE)
#: ` (1)`, ` - Copy`, ` - Copy (2)`, `_copy`; and what belongs on a loose file only: `_auto`, `_20260901`
_COPY = re.compile(r"(?:[ _-]*\(\d{1,3}\)|[ _-]+copy|_auto|[_.-]?(?:\d{8}|\d{14}|\d{16,17}))+$", re.IGNORECASE)
#: An epoch may hold any number of files.
_MOST_COMPARED = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the directory that may be data: its name on disk, the schema it follows, if any, and its mode.

    `mode` is the name of the one that loaders get, `judged_as` what is asked of its columns and references; both None
    where it has none. With `is_judged` False neither its name nor its content is looked at: the set is of another kind.
    `shown_as` is its printable name where others beside it could have the same. One that `is_spare` has the name of a
    loose file, and another came for its name in a drop.
    """

    name: str
    schema: FileSchema | None
    mode: str | None = None
    judged_as: Mode | None = None
    is_judged: bool = True
    shown_as: str | None = None
    is_spare: bool = False

    @property
    def shown(self) -> str:
        """Its name, printable, and no other entry's."""
        return safe_name(self.name) if self.shown_as is None else self.shown_as


def list_entries(directory: int) -> tuple[str, ...]:
    """The names that may be data, sorted: all but the marker and what editors and systems leave behind."""
    return tuple(sorted(name for name in os.listdir(directory) if name != MARKER and not is_temporary_name(name)))


def match_entries(names: tuple[str, ...], dataset: Dataset) -> tuple[tuple[Entry, ...], tuple[Occurrence, ...]]:
    """Each name with its schema; near misses of expected names."""
    shown = shown_names(names)
    entries = {name: Entry(name, dataset.schema_for(name), shown_as=shown[name]) for name in names}
    found: list[Occurrence] = []
    taken = set(names)
    for name, schema in _near_misses(names, dataset):
        entries[name] = replace(entries[name], schema=schema)
        taken.add(schema.file)
        found.append(_misnamed(entries[name], schema, dataset))
    unknown = [name for name, entry in entries.items() if entry.schema is None]
    for name in spare_names(unknown, taken, dataset):
        entries[name] = replace(entries[name], is_spare=True)
    if not names:
        found.append(occurrence("empty-epoch", "no file came, expected at least one"))
    return tuple(entries.values()), tuple(found)


def _near_misses(names: tuple[str, ...], dataset: Dataset) -> Iterator[tuple[str, FileSchema]]:
    """Names that are nearly an expected one, while the right name did not come; surest first.

    1. They differ in case, spaces, punctuation, unseen characters only.
    2. They are what the dataset calls the file where it is sent loose.
    3. They are the name of a copy (`students (1).csv`), or the suffix is wrong (`students.csv.txt`, `students`).
    4. They are a slip of the fingers away, and no other name is: for a required file only.
    """
    free = [name for name in names if dataset.schema_for(name) is None]
    wanted = [file for file in dataset.named_files() if file.schema.file not in names]
    loose = {name: delivery.target for name in free if (delivery := loose_delivery(name, dataset)) is not None}
    for is_same in (differs_in_noise, lambda name, wanted: loose.get(name) == wanted, _is_copy):
        for file in tuple(wanted):
            near = [name for name in free if is_same(name, file.schema.file)]
            if near:
                free.remove(near[0])
                wanted.remove(file)
                yield near[0], file.schema
    for file in wanted:
        near = [name for name in free[:_MOST_COMPARED] if _is_slip(name, file.schema.file)]
        if file.required and len(near) == 1:
            free.remove(near[0])
            yield near[0], file.schema


def _is_slip(name: str, wanted: str) -> bool:
    """Whether a few letters differ, but not those of the suffix: `students.csv.gz` is something else."""
    return os.path.splitext(name)[1].casefold() == os.path.splitext(wanted)[1].casefold() and is_near(name, wanted)


def _is_copy(name: str, wanted: str) -> bool:
    """Whether the name is another one's with what browsers, desktops, editors and exporters add to it."""
    stem = normalised(wanted.rsplit(".", 1)[0])
    plain = _COPY.sub("", _SUFFIXES.sub("", name.strip()))
    return bool(stem) and normalised(plain) == stem


def _misnamed(entry: Entry, schema: FileSchema, dataset: Dataset) -> Occurrence:
    message = f"found the name {quoted(entry.shown)}, expected {quoted(schema.file)}"
    delivery = loose_delivery(entry.name, dataset)
    advice = f"rename the file to {schema.file}"
    if delivery is not None and delivery.target == schema.file:
        advice = advice_for(delivery)
    return occurrence("misnamed-file", message, file=entry.shown, advice=advice)


def name_findings(entry: Entry, dataset: Dataset) -> Iterator[Occurrence]:
    """What is wrong with the name of an ordinary file.

    One that can't be printed as it is rejects the drop even where extra files are allowed: in a report and in a batch a
    file is known by its printable name, and by that one a loader would look for it in vain.
    """
    if not entry.is_judged:
        return
    if entry.shown != entry.name:
        yield _bad_name(entry)
    elif entry.schema is None:
        severity = dataset.extra_files.severity
        if severity is not None:
            message = f"the dataset {dataset.name} does not know this file"
            advice = _advice_for_unknown(entry, dataset)
            yield occurrence("unknown-file", message, severity=severity, file=entry.shown, advice=advice)


def _bad_name(entry: Entry) -> Occurrence:
    if printable(entry.name) != entry.name:
        return occurrence("bad-file-name", "the name can't be printed as it is, expected letters", file=entry.shown)
    message = f"the name has {len(entry.name)} characters, expected at most {NAME_CHARACTERS}"
    return occurrence("bad-file-name", message, file=entry.shown, advice="give the file a shorter name")


def _advice_for_unknown(entry: Entry, dataset: Dataset) -> str | None:
    delivery = loose_delivery(entry.name, dataset)
    if delivery is not None:
        return advice_for_another(delivery) if entry.is_spare else advice_for(delivery)
    hint = nearest_file(entry.name, [file.schema.file for file in dataset.named_files()])
    if hint is None:
        return None
    return export_advice(entry.name, hint) or f"did you mean {hint}? otherwise leave the file out"
