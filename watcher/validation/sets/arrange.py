"""Arranges the files of a drop before their rows are judged: how each is meant, and what did not come.

1. The manifest is read first. What the data say wins over it: what came is judged, whatever is listed.
2. How a file is meant, its manifest and its first rows say (`meant`): the mode that loaders get, and the one that it is
   judged as, which differ where the two contradict each other.
3. References of a file that is judged as one that brings changes only (`references: ignore`) are not judged, nor are
   those into such a file.
4. A file that is judged with `references: complete` must find in the drop what it refers to: a file that did not come
   is an error for each column that has values for it, unless the drop is rejected for lack of that file anyway.
5. Where the manifest is that of another kind of set, and that is an error, no other file is judged: all that could be
   said of them would follow from that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePath

from watcher.model.findings import Occurrence
from watcher.schema.model import Dataset, Extra, FileSchema, Reference, References
from watcher.validation.entries import Entry
from watcher.validation.findings.collect import Collector, occurrence
from watcher.validation.reading.source import NotRegularError, Opened
from watcher.validation.sets.losttargets import NOTHING_GONE
from watcher.validation.sets.manifest import Listing, read_manifest
from watcher.validation.sets.meant import Conflict, Meant, meant
from watcher.validation.sets.modes import in_mode
from watcher.validation.sets.peek import shown_by_rows
from watcher.validation.sets.presence import Came, manifest_findings, missing_files, strangers_only


@dataclass(frozen=True, slots=True)
class Arranged:
    """The files of a drop, each with its mode and the schema that it is judged by.

    `gone` are the names of the files that did not come and that nothing else tells of, by their stems.
    """

    entries: tuple[Entry, ...]
    gone: Mapping[str, str] = field(default_factory=dict)

    def gone_for(self, entry: Entry) -> Mapping[str, str]:
        """The files that did not come and that this one may not refer to, by their stems."""
        is_complete = entry.judged_as is not None and entry.judged_as.references is References.COMPLETE
        return self.gone if is_complete else NOTHING_GONE

    def references(self) -> frozenset[Reference]:
        """What any of the files refers to; many may have one schema."""
        schemas = {id(entry.schema): entry.schema for entry in self.entries if entry.schema is not None}
        columns = (column for schema in schemas.values() for column in schema.columns)
        return frozenset(column.references for column in columns if column.references is not None)


def arrange(opened: Opened, entries: tuple[Entry, ...], dataset: Dataset, collector: Collector) -> Arranged:
    """The entries of a whole drop; what did not come, or is not as the manifest says, goes to the collector."""
    listing = _listing(opened, entries, dataset, collector)
    if listing is not None and listing.is_another_kind:
        return Arranged(tuple(_unjudged(entry, dataset) for entry in entries))
    arranged = arrange_some(opened, entries, dataset, collector, listing)
    came = Came(
        dataset,
        frozenset(entry.schema.file for entry in entries if entry.schema is not None),
        tuple(entry.name for entry in entries if entry.schema is None),
        _changing(arranged.entries),
        listing,
    )
    missing = missing_files(came)
    collector.add_all(missing.values())
    collector.add_all(manifest_findings(came, missing))
    rejecting = {name for name in missing if not collector.policy.tolerates("missing-file", name, None)}
    if dataset.extra_files is not Extra.ERROR:  # else each of them is an error
        collector.add_all(strangers_only(came))
    gone = {
        file.schema.stem: file.name
        for file in dataset.named_files()
        if file.name not in came.files and file.name not in rejecting
    }
    return replace(arranged, gone=gone)


def _unjudged(entry: Entry, dataset: Dataset) -> Entry:
    """The entry, without its schema unless it is the manifest."""
    file = None if entry.schema is None else entry.schema.file
    is_manifest = dataset.manifest is not None and file == dataset.manifest.file
    return entry if is_manifest else replace(entry, schema=None, is_judged=False)


def arrange_some(
    opened: Opened, entries: tuple[Entry, ...], dataset: Dataset, collector: Collector, listing: Listing | None = None
) -> Arranged:
    """The entries of a drop whose other files are not looked at."""
    if not dataset.modes:
        return Arranged(entries)
    moded = tuple(_with_mode(opened, entry, dataset, collector, listing) for entry in entries)
    changing = frozenset(PurePath(file).stem for file in _changing(moded))
    judged = (
        replace(entry, schema=in_mode(entry.schema, entry.judged_as, changing)) if entry.schema is not None else entry
        for entry in moded
    )
    return Arranged(tuple(judged))


def _listing(opened: Opened, entries: tuple[Entry, ...], dataset: Dataset, collector: Collector) -> Listing | None:
    """What the manifest says; None where there is none to be read. Why it can't be read is told when it is judged."""
    manifest = dataset.manifest
    for entry in entries:
        if manifest is None or entry.schema is None or entry.schema.file != manifest.file:
            continue
        try:
            with opened(entry.name) as source:
                return read_manifest(
                    source, entry.shown, schema=entry.schema, dataset=dataset, manifest=manifest, collector=collector
                )
        except (NotRegularError, OSError):
            return None
    return None


def _changing(entries: tuple[Entry, ...]) -> frozenset[str]:
    """The names of the files that are judged as such as bring changes only."""
    return frozenset(
        entry.schema.file
        for entry in entries
        if entry.schema is not None and entry.judged_as is not None and entry.judged_as.brings_changes
    )


def _with_mode(opened: Opened, entry: Entry, dataset: Dataset, collector: Collector, listing: Listing | None) -> Entry:
    """The entry with its mode, if it has one."""
    schema = entry.schema
    if schema is None or not _has_mode(schema, dataset):
        return entry
    found = meant(dataset, listing, schema.stem, shown_by_rows(opened, entry.name, schema, dataset))
    if found.conflict is not None:
        collector.add(_conflict(entry, found, found.conflict))
    return replace(entry, mode=found.name, judged_as=found.judged_as)


def _has_mode(schema: FileSchema, dataset: Dataset) -> bool:
    manifest = dataset.manifest
    return schema.picture is None and (manifest is None or schema.file != manifest.file)


def _conflict(entry: Entry, found: Meant, conflict: Conflict) -> Occurrence:
    stated, shown = conflict.stated, conflict.shown
    taken = f"the file is taken as {found.name}"
    if conflict.linked != found.name:
        taken += f", and what it refers to is judged as in {conflict.linked}"
    message = f"the manifest says {stated.mode}, but the rows are filled as in {shown}: {taken}"
    advice = f"write {shown} for {stated.property} in the manifest, or fill the file as {stated.mode} wants it"
    return occurrence("mode-conflict", message, file=entry.shown, advice=advice)
