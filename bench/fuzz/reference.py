"""The obvious validator: row by row, cell by cell, everything in dictionaries.

It says what is wrong with rows and cells; what concerns a whole file or its header has tests of its own. Its verdict on
a value is that of `jsonschema`, asked anew each time.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from jsonschema import Draft202012Validator

from bench.fuzz import cases
from bench.fuzz.cases import UNKNOWN_NAME
from bench.fuzz.splitting import Split, split
from watcher.schema.model import Case, Column, Dialect, FileSchema

#: File, physical line, record number, column (or rule), code.
Place = tuple[str, int, int, str, str]
_CODES = {
    "minLength": "min-length", "maxLength": "max-length", "exclusiveMinimum": "exclusive-minimum",
    "exclusiveMaximum": "exclusive-maximum", "multipleOf": "multiple-of", "minItems": "min-items",
    "maxItems": "max-items", "uniqueItems": "unique-items", "anyOf": "any-of", "oneOf": "one-of",
}  # fmt: skip
_OF_ALL = ("minProperties", "maxProperties", "propertyNames", "additionalProperties")
_INT64 = range(-(2**63), 2**63)
_BAD = object()
_NO_DATE = object()
#: By so many rows it is judged whether all rows end in empty cells too many.
_FIRST_ROWS = 100
_MARK = b"\xef\xbb\xbf"
_GARBLED = re.compile("\ufffd|Ã©|â€™|[a-zßé]Â\xa0|^(Â\xa0)+\\Z")


@dataclass(slots=True)
class _File:
    """One file as read: its sound rows (line, cells by column name), and what is wrong so far."""

    schema: FileSchema
    #: the columns that the header line names, under the names that stand there
    columns: list[Column] = field(default_factory=list)
    rows: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    found: Counter[Place] = field(default_factory=Counter)
    records: int = 0
    #: cells (line, column) that hold a guess and are not judged
    damaged: set[tuple[int, str]] = field(default_factory=set)

    #: record numbers by line
    numbers: dict[int, int] = field(default_factory=dict)

    def add(self, line: int, column: str, code: str) -> None:
        self.found[self.schema.file, line, self.numbers.get(line, 0), column, code] += 1

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)


class NotComparedError(Exception):
    """The damage hit the header line: what is said of that has tests of its own."""


def judge(case: cases.Case) -> tuple[Counter[Place], dict[str, int]]:
    """Everything that is wrong with rows and cells, and how many records each file has."""
    files = {file.schema.stem: _read(case.files[file.schema.file], file.schema) for file in case.dataset.files}
    for file in files.values():
        _judge_cells(file)
        _judge_letters(file)
        _judge_rules(file)
        _judge_keys(file)
        _judge_references(file, files)
    found = sum((file.found for file in files.values()), Counter())
    return found, {file.schema.file: file.records for file in files.values()}


def utf8(data: bytes, dialect: Dialect) -> bytes:
    """The file in UTF-8 without its mark; what can't be decoded becomes the byte 0xff, which UTF-8 never has."""
    match dialect.encoding:
        case "windows-1252":
            return b"".join(_from_1252(bytes([byte])) for byte in data)
        case "utf-16":
            return data.decode("utf-16").encode()
        case _:
            return data.removeprefix(b"\xef\xbb\xbf")


def _from_1252(byte: bytes) -> bytes:
    try:
        return byte.decode("cp1252").encode()
    except UnicodeDecodeError:
        return b"\xff"


def _read(raw: bytes, schema: FileSchema) -> _File:
    file = _File(schema)
    data = utf8(raw, schema.dialect)
    if b"\r" in data and b"\n" not in data[: 2 * schema.limits.record_bytes]:
        if b"\n" in data:
            raise NotComparedError
        data = data.replace(b"\r", b"\n")
    columns: list[Column | None] = list(schema.columns)
    header: tuple[bytes, ...] | None = None
    surplus = 0
    records = list(split(data, schema.dialect, schema.limits.record_bytes))
    first = [record for record in records if record.cells or record.fault][1 : 1 + _FIRST_ROWS]
    for record in records:
        if not record.cells and not record.fault:
            file.add(record.line, "", "blank-line")
        elif schema.dialect.header and header is None:
            header = record.cells
            columns = _columns(header, schema)
            surplus = _surplus(first, len(columns)) if first else 0
            if surplus and schema.limits.record_bytes < len(data):
                raise NotComparedError  # how many rows are looked at for that depends on the limit
        else:
            file.records += 1
            file.numbers[record.fault_line or record.line] = file.numbers[record.line] = file.records
            _take(file, record, columns, header, surplus)
    if not file.records:
        raise NotComparedError
    file.columns = [column for column in columns if column is not None]
    return file


def _columns(header: tuple[bytes, ...], schema: FileSchema) -> list[Column | None]:
    """The columns behind the names of the header line, None behind one that the schema does not know."""
    found: list[Column | None] = []
    for cell in header:
        name = cell.decode(errors="replace")
        known = [column for column in schema.columns if _is_called(column, name, schema)]
        if not known and name != UNKNOWN_NAME:
            raise NotComparedError
        found.append(replace(known[0], name=name if known[0].match else known[0].name) if known else None)
    names = [column.name for column in found if column is not None]
    if not names or len(set(names)) < len(names):
        raise NotComparedError
    return found


def _is_called(column: Column, name: str, schema: FileSchema) -> bool:
    if column.match is not None:
        return re.fullmatch(column.match, name) is not None
    if schema.header.case is Case.IGNORE:
        return name.casefold() in [known.casefold() for known in (column.name, *column.aliases)]
    return name in (column.name, *column.aliases)


def _surplus(rows: list[Split], width: int) -> int:
    """How many empty cells too many all of the first rows have: that is a finding of the whole file."""
    beyond = {len(row.cells) - width for row in rows}
    is_empty = len(beyond) == 1 and not any(any(row.cells[width:]) for row in rows)
    return max(*beyond, 0) if is_empty else 0


def _without_mark(cells: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """The first of several cells without a byte-order mark, and the quotes that are plain text behind it."""
    first, *others = cells
    if not others or not first.startswith(_MARK):
        return cells
    text = first.removeprefix(_MARK)
    return (text[1:-1] if len(text) > 1 and text[:1] == text[-1:] == b'"' else text, *others)


def _take(
    file: _File, record: Split, columns: list[Column | None], header: tuple[bytes, ...] | None, surplus: int
) -> None:
    names = [f"#{i}" if column is None else column.name for i, column in enumerate(columns)]
    if record.fault:
        file.add(record.fault_line, "", record.fault)
        return
    cells = record.cells
    if surplus and len(cells) == len(names) + surplus:
        cells = cells[: len(names)]
    bad = [i for i, cell in enumerate(cells) if _decoded(cell, file.schema.dialect) is None]
    nul = [i for i, cell in enumerate(cells) if b"\0" in cell]
    if _without_mark(cells) == (header or tuple(name.encode() for name in names)):
        file.add(record.line, "", "repeated-header")
        return
    if bad:
        file.add(record.line, "", "encoding")
    if nul:
        file.add(record.line, "", "nul-byte")
    if len(cells) != len(names):
        file.add(record.line, "", "ragged-row")
        return
    texts = [_guessed(cell, file.schema.dialect) for cell in cells]
    limit = file.schema.limits.cell_characters
    long = [i for i, text in enumerate(texts) if limit is not None and len(text) > limit and i not in (*bad, *nul)]
    for _ in long:
        file.add(record.line, "", "cell-too-long")
    file.damaged |= {(record.line, names[i]) for i in (*bad, *nul, *long)}
    file.rows.append((record.line, dict(zip(names, texts, strict=True))))


def _decoded(cell: bytes, dialect: Dialect) -> str | None:
    try:
        return cell.decode("ascii" if dialect.encoding == "us-ascii" else "utf-8")
    except UnicodeDecodeError:
        return None


def _guessed(cell: bytes, dialect: Dialect) -> str:
    """What the cell probably says: keys and what others refer to go by that, nothing else does."""
    try:
        return cell.decode()
    except UnicodeDecodeError:
        likely = "cp1252" if dialect.encoding in ("utf-8", "us-ascii") else "utf-8"
        return cell.decode(likely, errors="backslashreplace")


def _judge_cells(file: _File) -> None:
    for line, row in file.rows:
        for column in file.columns:
            text = row[column.name]
            if text == "" or text in column.nulls:
                row[column.name] = ""
                if column.required and (line, column.name) not in file.damaged:
                    file.add(line, column.name, "required")
            elif (line, column.name) not in file.damaged:
                for code in _codes(text, column):
                    file.add(line, column.name, code)


def _judge_letters(file: _File) -> None:
    """Text that was decoded wrongly before, in the forms that cases have; a column that no schema knows is read too."""
    if file.schema.dialect.encoding != "utf-8":
        return
    for line, row in file.rows:
        for name, text in row.items():
            if (line, name) not in file.damaged and _GARBLED.search(text):
                file.add(line, UNKNOWN_NAME if name.startswith("#") else name, "garbled-text")


def _codes(text: str, column: Column) -> set[str]:
    value = value_of(text, column)
    if value is _BAD or value is _NO_DATE:
        return {"type"} if value is _BAD else {"format"}
    validator = Draft202012Validator(column.judged_by, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return {_CODES.get(str(error.validator), str(error.validator)) for error in validator.iter_errors(value)}


def value_of(text: str, column: Column) -> Any:
    """The converted value of a cell."""
    for pattern in column.formats:
        if (found := _date(text, pattern)) is not None:
            return found
    if column.formats:
        return _NO_DATE
    if column.type.value == "array":
        items = [_item(item, column) for item in text.split(column.separator)]
        return _BAD if any(item is _BAD for item in items) else items
    return _scalar(text, column.type.value, column)


def _item(text: str, column: Column) -> Any:
    """One item of a list, which may be a list again."""
    items = column.judged_by.get("items", {})
    if items.get("type") != "array":
        return _scalar(text, items.get("type", "string"), column)
    kind = items.get("items", {}).get("type", "string")
    values = [_scalar(value, kind, column) for value in text.split(column.inner_separator)] if text else []
    return _BAD if any(value is _BAD for value in values) else values


def _date(text: str, pattern: str) -> str | None:
    try:
        found = datetime.strptime(text, pattern.replace("%-", "%"))  # noqa: DTZ007 (a day has no zone)
    except ValueError:
        return None
    digits = re.findall(r"[0-9]+", text)
    if (
        "%-" not in pattern and found.strftime(pattern).casefold() != text.casefold()
    ):  # strptime takes one digit for two
        return None
    is_short = "%-" not in pattern or all(len(d) <= 4 for d in digits)
    return found.strftime("%Y-%m-%d") if is_short and text.isascii() else None


def _scalar(text: str, kind: str, column: Column) -> Any:
    match kind:
        case "integer":
            return int(text) if re.fullmatch("-?[0-9]+", text) and int(text) in _INT64 else _BAD
        case "number":
            if re.fullmatch("-?[0-9]+", text) and int(text) in _INT64:
                return int(text)
            is_number = re.fullmatch(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?", text)
            return float(text) if is_number and math.isfinite(float(text)) else _BAD
        case "boolean":
            yes = column.true_values or ("true", "True", "TRUE")
            no = column.false_values or ("false", "False", "FALSE")
            return True if text in yes else False if text in no else _BAD
        case _:
            return text


def _judge_rules(file: _File) -> None:
    """A rule that looks at a cell which can't be converted is not judged; nor one that names a missing column."""
    columns = {column.name: column for column in file.columns}
    missing = {column.name for column in file.schema.columns if column.required and not column.match} - set(columns)
    for line, row in file.rows:
        values = {
            name: _BAD if (line, name) in file.damaged else _in_rules(text, columns[name])
            for name, text in row.items()
            if name in columns
            if text or (line, name) in file.damaged
        }
        for rule in file.schema.rules:
            looked_at = json.dumps(rule.schema)
            sees_all = any(keyword in looked_at for keyword in _OF_ALL)
            seen = [n for n in values if f'"{n}"' in looked_at or sees_all]
            if any(values[name] is _BAD for name in seen):
                continue
            if not sees_all and any(f'"{name}"' in looked_at for name in missing):
                continue
            validator = Draft202012Validator(rule.schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
            if not validator.is_valid(values):
                file.add(line, rule.title, "rule")


def _in_rules(text: str, column: Column) -> Any:
    """As `value_of`, but a date that can't be read is no value either."""
    value = value_of(text, column)
    return _BAD if value is _NO_DATE else value


def _judge_keys(file: _File) -> None:
    keys = [(file.schema.key, "duplicate-key")] if file.schema.key and all(map(file.column, file.schema.key)) else []
    keys += [((column.name,), "duplicate-value") for column in file.columns if column.unique]
    keys = [each for i, each in enumerate(keys) if each[0] not in [before for before, _ in keys[:i]]]
    for names, code in keys:
        lines: dict[tuple[str, ...], list[int]] = {}
        for line, row in file.rows:
            key = tuple(row[name] for name in names)
            if any(key):
                lines.setdefault(key, []).append(line)
        for group in lines.values():
            for line in group if len(group) > 1 else ():
                file.add(line, " + ".join(names), code)


def _judge_references(file: _File, files: Mapping[str, _File]) -> None:
    for column in file.columns:
        reference = column.references
        if reference is None or reference.file not in files:
            continue
        target = files[reference.file]
        to = target.column(reference.column)
        if to is None or not all(target.column(name) for name, _ in reference.where):
            continue
        known = {
            value
            for _, row in target.rows
            if all(row[name] in texts for name, texts in reference.where)
            for value in _values(row[reference.column], to)
        }
        for line, row in file.rows:
            for value in set(_values(row[column.name], column)):
                if value not in known and (line, column.name) not in file.damaged:
                    file.add(line, column.name, "unknown-reference")


def _values(text: str, column: Column | None) -> Iterator[str]:
    if not text:
        return iter(())
    if column is None or column.type.value != "array":
        return iter((text,))
    items = text.split(column.separator)
    if column.judged_by.get("items", {}).get("type") != "array":
        return iter(items)
    return (value for item in items if item for value in item.split(column.inner_separator))


def shown(found: Counter[Place]) -> str:
    """The places as JSON lines, for a person who compares."""
    return "\n".join(json.dumps([*place, count], ensure_ascii=False) for place, count in sorted(found.items()))
