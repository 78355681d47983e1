"""What the manifest of a drop says of the other files, and what is wrong with it.

It is judged as a file of rows, too, like any other; here it is read for what it says. Names and values in it are cells
of a stranger's file: a message holds only such as the dataset knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from watcher.model.findings import Occurrence
from watcher.schema.model import Dataset, FileSchema, Manifest
from watcher.schema.setmodel import ABSENT
from watcher.text import counted, quoted
from watcher.validation.findings.collect import Collector, occurrence
from watcher.validation.findings.occurrences import shown
from watcher.validation.reading.source import Source
from watcher.validation.sets.manifestrows import MOST_ROWS, Row, read_rows
from watcher.validation.sets.properties import Expected, Remark, expected, find_properties

_LISTED = 6
_UNJUDGED = "; the other files were not looked at"


@dataclass(frozen=True, slots=True)
class Stated:
    """How a file is meant, as `property` on a line of the manifest says: `mode` None for a file that does not come."""

    property: str
    line: int
    mode: str | None


@dataclass(frozen=True, slots=True)
class Listing:
    """What a manifest says: `file` is its printable name, `stated` has the files that it tells of, by their stems.

    `is_another_kind`: it is that of a set which another dataset is for, and that rejects the drop.
    """

    file: str
    stated: Mapping[str, Stated] = field(default_factory=dict)
    is_another_kind: bool = False

    def is_absent(self, stem: str) -> bool:
        """Whether a file is listed as one that does not come."""
        return stem in self.stated and self.stated[stem].mode is None


def read_manifest(
    source: Source, file: str, *, schema: FileSchema, dataset: Dataset, manifest: Manifest, collector: Collector
) -> Listing:
    """What a manifest says; what is wrong with it goes to the collector. Raises OSError.

    `file` is its name, printable; `schema` is its file schema.
    """
    read = read_rows(source, schema, file, manifest)
    if read is None:
        return Listing(file)
    if read.is_too_long:
        message = f"the manifest has more than {counted(MOST_ROWS, 'row')}; those behind were not looked at"
        collector.add(occurrence("manifest-too-long", message, file=file))
    found = find_properties(read.rows, expected(dataset, manifest), schema.header)
    values = _Values(file, schema, dataset, manifest)
    is_another_kind = False  # such a set has other properties: the advice of the wrong value says it all
    stated: dict[str, Stated] = {}
    is_rejecting = not collector.policy.tolerates("manifest-wrong-value", file, manifest.value)
    for wanted, row in found.rows.items():
        is_other = bool(wanted.about.advice) and values.is_wrong(wanted, row)
        is_another_kind |= is_other
        collector.add_all(values.wrong(wanted, row, more=_UNJUDGED if is_other and is_rejecting else ""))
        meant = values.meant(row)
        if wanted.stem is not None and meant is not None:
            stated[wanted.stem] = Stated(wanted.name, row.line, None if meant == ABSENT else meant)
    if not is_another_kind:
        collector.add_all(_worded(remark, file, manifest) for remark in found.remarks)
        if read.is_whole:
            _tell_missing(found.missing, file, collector)
    return Listing(file, stated, is_another_kind and is_rejecting)


class _Values:
    """Judges the values of properties."""

    def __init__(self, file: str, schema: FileSchema, dataset: Dataset, manifest: Manifest) -> None:
        self._file, self._column = file, manifest.value
        self._allowed = (ABSENT, *(mode.name for mode in dataset.modes))
        column = schema.column(manifest.value)
        self._needs_value = column is not None and column.required

    def wrong(self, wanted: Expected, row: Row, more: str = "") -> Iterator[Occurrence]:
        """What is wrong with the value of a property, if anything. That it is empty may be told by the rows already."""
        if row.value is None and self._needs_value:
            return
        if self.is_wrong(wanted, row):
            const = quoted(wanted.about.const or "")
            message = f"the property {quoted(wanted.name)} has another value, expected {const}{more}"
            yield self._occurrence("manifest-wrong-value", message, wanted, row, wanted.about.advice or None)
        elif wanted.stem is not None and row.value not in self._allowed:
            meant = self.meant(row)
            message = f"the value of {quoted(wanted.name)} is no mode, expected {_listed(self._allowed, 'or')}"
            advice = None if meant is None else f"write {meant} exactly so"
            yield self._occurrence("manifest-unknown-mode", message, wanted, row, advice)

    def is_wrong(self, wanted: Expected, row: Row) -> bool:
        """Whether a property that may have but one value has another."""
        return wanted.about.const not in (None, row.value)

    def meant(self, row: Row) -> str | None:
        """The mode, or `absent`, that is written or surely meant: `Bulk` is bulk."""
        text = (row.value or "").strip().casefold()
        return next((each for each in self._allowed if each.casefold() == text), None)

    def _occurrence(self, code: str, message: str, wanted: Expected, row: Row, advice: str | None) -> Occurrence:
        return occurrence(
            code,
            message,
            file=self._file,
            line=row.line,
            record=row.record,
            column=shown(self._column),
            value=shown(row.value or ""),
            advice=advice,
            rule=wanted.name,
        )


def _worded(remark: Remark, file: str, manifest: Manifest) -> Occurrence:
    """What is to be said of a property's name."""
    return occurrence(
        remark.code,
        remark.message,
        severity=remark.severity,
        file=file,
        line=remark.row.line,
        record=remark.row.record,
        column=shown(manifest.property),
        value=shown(remark.row.name),
        advice=remark.advice,
        rule=remark.of,
    )


def _tell_missing(missing: tuple[Expected, ...], file: str, collector: Collector) -> None:
    """One finding for all the properties that are not there, which counts each."""
    names = [each.name for each in missing]
    summary = f"the properties {_listed(names, 'and')} are missing, expected a row for each" if names[1:] else None
    for name in names:
        message = f"the property {quoted(name)} is missing, expected a row for it"
        collector.add(occurrence("manifest-missing-property", message, file=file), summary=summary)


def _listed(names: Sequence[str], word: str) -> str:
    """`'a', 'b' and 3 others`."""
    told = [quoted(name) for name in names[:_LISTED]]
    more = len(names) - len(told)
    last = f"{more} others" if more else told.pop()
    return f"{', '.join(told)} {word} {last}" if told else last
