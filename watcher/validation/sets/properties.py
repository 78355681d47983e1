"""Finds the properties that a dataset expects in the rows of a manifest, and says what is wrong with the others.

A manifest is a header that stands on end, so the same goes for its names as for columns, by the `header` of its file
schema:

1. `case: ignore` makes upper and lower case the same.
2. A name among the `aliases` of a property is said as `header.aliases` wants it.
3. A name that is nearly right counts as the property. It is an error for a required one, or with `extra: error`, and a
   warning otherwise.
4. A name that nobody knows is said as `header.extra` wants it.
5. A required property that is nowhere is an error.

Every file of the dataset has a property for its mode, which is required unless `properties` says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from watcher.model.findings import Severity
from watcher.schema.model import Case, Dataset, Extra, HeaderRules, Manifest, Property
from watcher.text import nearest, quoted
from watcher.validation.reading.distance import differs_in_noise, is_near
from watcher.validation.sets.manifestrows import Row

#: So many pairs of names are compared letter by letter, so many unknown names get a hint: a manifest is hostile.
_MOST_COMPARISONS = 5_000
_MOST_HINTS = 20
_LONGEST_NAME = 100
_STEM = "{stem}"


@dataclass(frozen=True, slots=True)
class Expected:
    """A property that a manifest may have. `stem` is the file whose mode it tells, None for one that tells none."""

    about: Property
    stem: str | None = None

    @property
    def name(self) -> str:
        return self.about.name


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to say of a row's name. `of` is the property that it is, or is nearly."""

    code: str
    severity: Severity
    message: str
    row: Row
    of: str | None = None
    advice: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The first row of each property that is there, what is to be said of the names, and what is missing."""

    rows: dict[Expected, Row]
    remarks: tuple[Remark, ...]
    missing: tuple[Expected, ...]


def expected(dataset: Dataset, manifest: Manifest) -> tuple[Expected, ...]:
    """The properties of a manifest of this dataset: those that it lists, then the modes of its other files."""
    modes = {
        manifest.mode.replace(_STEM, file.schema.stem): file.schema.stem
        for file in (dataset.named_files() if manifest.mode else ())
        if file.schema.file != manifest.file
    }
    listed = {each.name: each for each in manifest.properties}
    of_files = (listed.get(name, Property(name, required=True)) for name in modes)
    every = {each.name: each for each in (*manifest.properties, *of_files)}
    return tuple(Expected(each, modes.get(name)) for name, each in every.items())


def find_properties(rows: Iterable[Row], wanted: tuple[Expected, ...], header: HeaderRules) -> Found:
    """Which row is which property, surest first: exact names, aliases, nearly exact names, slips of the fingers."""
    binding = _Binding(tuple(rows), wanted, header)
    missing = tuple(each for each in binding.absent() if each.about.required)
    return Found(binding.bound, tuple(binding.remarks()), missing)


class _Binding:
    """Rows bound to properties."""

    def __init__(self, rows: tuple[Row, ...], wanted: tuple[Expected, ...], header: HeaderRules) -> None:
        self._wanted, self._header = wanted, header
        self.bound: dict[Expected, Row] = {}
        self._found: list[Remark] = []
        self._free = list(rows)
        self._bind({self._folded(each.name): each for each in wanted}, None)
        aliases = {self._folded(name): each for each in wanted for name in each.about.aliases}
        self._bind(aliases, header.aliases.severity)
        self._bind_near()

    def absent(self) -> list[Expected]:
        return [each for each in self._wanted if each not in self.bound]

    def remarks(self) -> Iterator[Remark]:
        yield from self._found
        severity = self._header.extra.severity
        if severity is None:
            return
        advice = self._advice()
        for row in self._free:
            yield Remark("manifest-unknown-property", severity, "the property is not known here", row, advice=advice)

    def _bind(self, known: dict[str, Expected], severity: Severity | None) -> None:
        """Bind the rows of these names, each with a remark of this severity; a property's second row is left aside."""
        free = []
        for row in self._free:
            wanted = known.get(self._folded(row.name))
            if wanted is None:
                free.append(row)
            elif wanted in self.bound:
                self._found.append(_twice(row, wanted, self.bound[wanted]))
            else:
                self.bound[wanted] = row
                if severity is not None:
                    self._found.append(_other_name(row, wanted, severity))
        self._free = free

    def _bind_near(self) -> None:
        comparisons = 0
        for is_same in (differs_in_noise, is_near):
            for wanted in self.absent():
                for row in [each for each in self._free if len(each.name) <= _LONGEST_NAME]:
                    comparisons += 1
                    if comparisons > _MOST_COMPARISONS:
                        return
                    if is_same(row.name, wanted.name):
                        self.bound[wanted] = row
                        self._free.remove(row)
                        self._found.append(self._misnamed(row, wanted))
                        break

    def _misnamed(self, row: Row, wanted: Expected) -> Remark:
        is_error = wanted.about.required or self._header.extra is Extra.ERROR
        return _other_name(row, wanted, Severity.ERROR if is_error else Severity.WARNING)

    def _advice(self) -> str | None:
        """Which absent properties the unknown names may be."""
        absent = [each.name for each in self.absent()]
        names = [row.name for row in self._free if len(row.name) <= _LONGEST_NAME][:_MOST_HINTS]
        hints = dict.fromkeys(hint for name in names if (hint := nearest(name, absent)) is not None)
        return f"did you mean {' or '.join(hints)}? otherwise remove the row" if hints else None

    def _folded(self, name: str) -> str:
        return name.casefold() if self._header.case is Case.IGNORE else name


def _other_name(row: Row, wanted: Expected, severity: Severity) -> Remark:
    message = f"found another property name, expected {quoted(wanted.name)}"
    advice = f"write the name {wanted.name} exactly so"
    return Remark("manifest-misnamed-property", severity, message, row, wanted.name, advice)


def _twice(row: Row, wanted: Expected, first: Row) -> Remark:
    message = f"the property {quoted(wanted.name)} stands twice; what counts is line {first.line}"
    return Remark("manifest-duplicate-property", Severity.ERROR, message, row, wanted.name)
