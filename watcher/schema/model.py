"""Datasets and file schemas as frozen values: what a drop should hold, said once, read by everyone.

A *dataset* names the files of a drop; a *file schema* says how one of them is written and what its columns hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path, PurePath
from typing import Any

from watcher.model.findings import Severity
from watcher.schema.columnmodel import Column, Reference
from watcher.schema.setmodel import Intake, Manifest, Mode, Property, Zips
from watcher.schema.words import Absent, Case, ColumnType, Extra, OnError, Order, References

__all__ = [
    "Absent",
    "Case",
    "Check",
    "Column",
    "ColumnType",
    "Dataset",
    "DatasetFile",
    "Dialect",
    "Extra",
    "FileSchema",
    "HeaderRules",
    "Intake",
    "Limits",
    "Manifest",
    "Mode",
    "OnError",
    "Order",
    "Picture",
    "Property",
    "Reference",
    "References",
    "RowLimit",
    "RowRule",
    "Tolerated",
    "Zips",
]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file is written; the names are those of Frictionless and CSVW.

    `quote` None: quotes are plain text. `escape`: the character that makes the next one plain text, quoted or not; then
    a doubled quote has no meaning. Without it a quote inside a quoted cell is doubled.
    """

    delimiter: str = ","
    quote: str | None = '"'
    escape: str | None = None
    header: bool = True
    encoding: str = "utf-8"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long things may be: a record in bytes of UTF-8, a cell in characters (None: as long as a record)."""

    record_bytes: int = 1024 * 1024
    cell_characters: int | None = None


@dataclass(frozen=True, slots=True)
class RowLimit:
    """How many rows of a file may be skipped: so many, or so many of each hundred."""

    rows: int | None = None
    percent: float | None = None

    def allows(self, skipped: int, rows: int) -> bool:
        """Whether so many skipped of so many rows are still few."""
        if self.rows is not None:
            return skipped <= self.rows
        return self.percent is None or skipped * 100 <= self.percent * rows

    def __str__(self) -> str:
        if self.percent is None:
            return "any number" if self.rows is None else str(self.rows)
        return f"{self.percent:g} %"


@dataclass(frozen=True, slots=True)
class HeaderRules:
    """How exact the header line must be.

    `missing`: what to say of a column that is not there and need not be. `aliases`: of one under another of its names.
    """

    order: Order = Order.ANY
    case: Case = Case.STRICT
    extra: Extra = Extra.WARN
    missing: Extra = Extra.IGNORE
    aliases: Extra = Extra.IGNORE


@dataclass(frozen=True, slots=True)
class RowRule:
    """A JSON Schema over a whole row: an object of column names and converted values, without its empty cells.

    `title` says what is expected, `advice` what to do where it is not so.
    """

    title: str
    schema: Mapping[str, Any]
    severity: Severity = Severity.ERROR
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """An SQL query over the files of a drop; each row that it returns is a finding.

    Each file is a table named by its stem, its columns under the schema's names, with `_line` and `_record` besides.
    The columns `file`, `line`, `record`, `column` and `value` of a result say where it is; all but one may be missing.
    """

    title: str
    sql: str
    severity: Severity = Severity.ERROR
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Tolerated:
    """Findings of this code are warnings at most; only those of one file (its name) or one column, where it is set."""

    code: str
    file: str | None = None
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """What a file must be that is a picture; `name` is a pattern that its name must match, None for any name."""

    formats: tuple[str, ...] = ("jpeg",)
    max_bytes: int = 5_000_000
    min_bytes: int = 100
    max_pixels: int = 25_000_000
    name: str | None = None


@dataclass(frozen=True, slots=True)
class FileSchema:
    """One file: how it is written and what its columns hold. Without columns any column will do, as text.

    `absent_within` is the column that `Absent.DELETE_WITHIN` goes by. `skip_only` are the codes of the findings for
    which a row may be skipped; none: for any. With `picture` the file is no CSV, and only that says what it must be.
    """

    file: str
    columns: tuple[Column, ...] = ()
    dialect: Dialect = field(default_factory=Dialect)
    header: HeaderRules = field(default_factory=HeaderRules)
    limits: Limits = field(default_factory=Limits)
    key: tuple[str, ...] = ()
    rules: tuple[RowRule, ...] = ()
    on_error: OnError = OnError.REJECT_EPOCH
    max_skipped_rows: RowLimit = field(default_factory=RowLimit)
    skip_only: tuple[str, ...] = ()
    absent: Absent = Absent.KEEP
    absent_within: str = ""
    header_only: Extra = Extra.WARN
    picture: Picture | None = None
    title: str = ""
    description: str = ""

    @property
    def stem(self) -> str:
        """How references call it: `students` for students.csv."""
        return PurePath(self.file).stem

    def skips_for(self, code: str) -> bool:
        """Whether a row may be left out for a finding of this code."""
        return self.on_error is OnError.SKIP_ROWS and (not self.skip_only or code in self.skip_only)

    def column(self, name: str) -> Column | None:
        """The column of this name."""
        return next((column for column in self.columns if column.name == name), None)


@dataclass(frozen=True, slots=True)
class DatasetFile:
    """One file of a dataset; `match` is a pattern (`*.csv`) where any number of files follow the same schema.

    `needs` are the files that must come with it, `advice` what to do where it did not come itself.
    """

    schema: FileSchema
    required: bool = False
    match: str | None = None
    needs: tuple[str, ...] = ()
    advice: str = ""

    @property
    def name(self) -> str:
        """The file's name, or the pattern of the names that it may have."""
        return self.match or self.schema.file

    def may_be_called(self, file_name: str) -> bool:
        """Whether it is the file of this name, or a file of this name is one of them."""
        return self.schema.file == file_name if self.match is None else fnmatchcase(file_name, self.match)


@dataclass(frozen=True, slots=True)
class Dataset:
    """The files that make up a drop. `folder` is where it was read from.

    Of several `modes` the first is assumed where nothing tells which one is meant.
    """

    name: str
    files: tuple[DatasetFile, ...]
    title: str = ""
    description: str = ""
    extra_files: Extra = Extra.WARN
    checks: tuple[Check, ...] = ()
    tolerate: tuple[Tolerated, ...] = ()
    modes: tuple[Mode, ...] = ()
    manifest: Manifest | None = None
    intake: Intake = field(default_factory=Intake)
    zips: Zips = field(default_factory=Zips)
    folder: Path | None = None

    def schema_for(self, file_name: str) -> FileSchema | None:
        """The schema of a file by its exact name, else by the first pattern that fits; None for an unknown file."""
        by_name = (file.schema for file in self.files if file.match is None and file.may_be_called(file_name))
        by_pattern = (file.schema for file in self.files if file.match is not None and file.may_be_called(file_name))
        return next(by_name, None) or next(by_pattern, None)

    @property
    def has_pictures(self) -> bool:
        """Whether any of the files should be pictures."""
        return any(file.schema.picture is not None for file in self.files)

    def named_files(self) -> tuple[DatasetFile, ...]:
        """The files that have one name of their own."""
        return tuple(file for file in self.files if file.match is None)

    def file_by_stem(self, stem: str) -> FileSchema | None:
        """The schema that references call by this name."""
        return next((file.schema for file in self.named_files() if file.schema.stem == stem), None)
