"""One column of a file schema as a frozen value, and what its values refer to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from watcher.model.findings import Severity
from watcher.schema.words import ColumnType, Extra


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a column's values must exist: a column of a file of the same dataset, the file named without suffix.

    `where`: only rows of that file count whose columns hold one of these texts, as written in the file.
    """

    file: str
    column: str
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def __str__(self) -> str:
        return f"{self.file}.{self.column}"


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `judged_by` is the JSON Schema of a cell once converted; an empty cell is absent, never judged.

    `match` is set instead of `name` for an open-ended group of columns: a pattern for the whole name.
    `formats` are the ways a date may be written (`%m/%d/%Y`), `nulls` the texts that count as an empty cell,
    `true_values` and `false_values` the texts of a boolean (none: true and false). `unique`: no two rows have the same.
    `missing` is said of the column in place of the header's own rule (None: as the header says). `blank`: every cell
    must be empty. `inner_separator` stands between the values of an item that is itself a list. `mode` is the name of
    the mode that makes its cells required or blank, empty where they are so in any case.
    """

    name: str
    judged_by: Mapping[str, Any]
    type: ColumnType = ColumnType.STRING
    required: bool = False
    match: str | None = None
    aliases: tuple[str, ...] = ()
    separator: str = ","
    severity: Severity = Severity.ERROR
    formats: tuple[str, ...] = ()
    references: Reference | None = None
    nulls: tuple[str, ...] = ()
    true_values: tuple[str, ...] = ()
    false_values: tuple[str, ...] = ()
    unique: bool = False
    missing: Extra | None = None
    blank: bool = False
    mode: str = ""
    inner_separator: str = ","
    description: str = ""
    example: str = ""
    source: str = ""

    @property
    def item_type(self) -> ColumnType:
        """The type of the items of an array, the column's own type otherwise."""
        if self.type is not ColumnType.ARRAY:
            return self.type
        return ColumnType(self.judged_by.get("items", {}).get("type", "string"))

    @property
    def is_nested(self) -> bool:
        """Whether a cell is a list of lists."""
        return self.type is ColumnType.ARRAY and self.item_type is ColumnType.ARRAY

    @property
    def value_type(self) -> ColumnType:
        """The type of a single value: of the items of the inner lists where there are such, else as `item_type`."""
        if not self.is_nested:
            return self.item_type
        return ColumnType(self.judged_by["items"].get("items", {}).get("type", "string"))

    @property
    def format(self) -> str | None:
        """The declared `format`, if any."""
        found = self.judged_by.get("format")
        return None if found is None else str(found)
