"""Makes a case from a seed: one or two file schemas and files that mostly follow them, in all dialects, and damaged."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from watcher.model.findings import Severity
from watcher.schema.model import Case as HeaderCase
from watcher.schema.model import (
    Column,
    ColumnType,
    Dataset,
    DatasetFile,
    Dialect,
    FileSchema,
    HeaderRules,
    Limits,
    Reference,
    RowRule,
)

#: A column that no schema knows.
UNKNOWN_NAME = "zz 9"
_GROUP = r"g\d+"
_WORDS = ("a", "b", "ab", "é", "ß", "日", "Ab", "x y", "0", "1", "-1", "01", "1.5", "1e3", "true", "FALSE", "yes", "no")
_DATES = ("2020-02-29", "2021-02-29", "2020-1-1", "02/29/2020", "2/9/20", "2020-12-31T10:00:00Z", "10:00:00Z", "P1D")
_OTHERS = (
    "a@b.c", "@", "http://a.b/c", "not a uri", "127.0.0.1", "::1", "example.org", "-x-", "(",
    "00000000-0000-0000-0000-000000000000", "٣", "a\u200b", "1;2", "1;;2", "1;1", "a;b;c", ";", " ", "NULL", "n/a",
    "1-2", "1--2", "-1-1", "a|b", "1.0", "1E2", "-0", "+1", "1_0", "NaN", "1e400", "0.1", "0.3", "9223372036854775807",
    "9223372036854775808", "-9223372036854775808", "12345678901234567", "a\n", "20200229", "200229", "March 3, 2020",
    "03 mar 2020", "29.2.2021", "1.12.2021", "1:2", "1:2;1", "a:b;;a", "1:x;2:2", ":", "1:", "a::b;b::a",
    "Ã©", "SÃO", "Â\xa0", "â€™", "\ufffd",
)  # fmt: skip
_VALUES = (*_WORDS, *_DATES, *_OTHERS)
_NASTY = ('"', '""', '"x"', "a\nb", "a\r\nb", "a\rb", ",", "\t", "\\", "\\n", "x" * 300, "\0", "\ufeff", "'")
_DAMAGE = (
    b'"',
    b'""',
    b",",
    b"\n",
    b"\r",
    b"\r\n",
    b"\0",
    b"\xff",
    b"\xc3",
    b"\xe9",
    b"\\",
    b"\n\n",
    b",,",
    b'x"y',
    b"",
)
_TYPES = (*[ColumnType.STRING] * 5, ColumnType.INTEGER, ColumnType.NUMBER, ColumnType.BOOLEAN, ColumnType.ARRAY)
_FORMATS = (
    "date", "date-time", "time", "email", "uuid", "uri", "hostname", "ipv4", "ipv6", "duration", "regex",
    "uri-reference", "json-pointer", "uri-template", "idn-email",
)  # fmt: skip
_PATTERNS = (
    "^[a-z]+$",
    "b",
    r"^\d+$",
    r"^\w+\s?\w*$",
    "^(?!x)",
    r"^.{1,3}$",
    "[^0-9]",
    "^(a|é)+$",
    "^$",
    r"\S$",
    "(?i)^AB?$",
    r"\bx",
    "^a.b$",
)


@dataclass(frozen=True, slots=True)
class Case:
    """What is to be validated: a dataset, the bytes of its files by name.

    `block_bytes` are read at once, at most `part_rows` of these looked over at once, by so many threads.
    """

    seed: int
    dataset: Dataset
    files: Mapping[str, bytes]
    block_bytes: int
    jobs: int = 1
    part_rows: int = 100_000


def make_case(seed: int) -> Case:
    """The case of this seed, always the same."""
    dice = random.Random(seed)
    parents = _file_schema(dice, "parents", None)
    schemas = [parents]
    if dice.random() < 0.5:
        schemas.append(_file_schema(dice, "children", parents))
    files = {schema.file: _file(dice, schema) for schema in schemas}
    dataset = Dataset("fuzz", tuple(DatasetFile(schema) for schema in schemas))
    block_bytes = dice.choice((7, 31, 64, 200, 1000, 1 << 20))
    return Case(seed, dataset, files, block_bytes, dice.choice((1, 2, 4)), dice.choice((2, 7, 100_000)))


def _file_schema(dice: random.Random, stem: str, parents: FileSchema | None) -> FileSchema:
    columns = [_column(dice, f"c{i}", "children" if parents else "parents") for i in range(dice.randint(1, 5))]
    if parents is not None:
        i = dice.randrange(len(columns))
        columns[i] = replace(columns[i], references=_reference(dice, parents))
    if dice.random() < 0.15:
        i = dice.randrange(len(columns))
        columns[i] = replace(columns[i], references=Reference(stem, dice.choice(columns).name))
    names = [column.name for column in columns]
    dialect = _dialect(dice)
    if dialect.header and dice.random() < 0.1:
        group = _column(dice, _GROUP, stem)
        columns.insert(dice.randint(0, len(columns)), replace(group, match=_GROUP))
    return FileSchema(
        f"{stem}.csv",
        tuple(columns),
        dialect,
        header=HeaderRules(case=dice.choice((HeaderCase.STRICT, HeaderCase.IGNORE))),
        limits=Limits(
            record_bytes=dice.choice((*[1 << 20] * 5, 64, 150)), cell_characters=dice.choice((None, None, None, 4, 100))
        ),
        key=tuple(dice.sample(names, dice.randint(1, min(2, len(names))))) if dice.random() < 0.5 else (),
        rules=tuple(_rule(dice, names, i) for i in range(dice.choice((0, 0, 1, 2)))),
    )


def _dialect(dice: random.Random) -> Dialect:
    return Dialect(
        delimiter=dice.choice((",", ",", ",", "\t", "|", "~", ";")),
        quote=dice.choice(('"', '"', '"', '"', "'", None)),
        escape=dice.choice((None, None, None, None, "\\")),
        header=dice.random() < 0.85,
        encoding=dice.choice(("utf-8",) * 6 + ("us-ascii", "windows-1252", "utf-16")),
    )


def _reference(dice: random.Random, parents: FileSchema) -> Reference:
    named = [column for column in parents.columns if column.match is None]
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    if dice.random() < 0.3:
        where = ((dice.choice(named).name, tuple(dice.sample((*_WORDS, ""), 3))),)
    return Reference("parents", dice.choice(named).name, where)


def _column(dice: random.Random, name: str, _stem: str) -> Column:
    kind = dice.choice(_TYPES)
    is_date = kind is ColumnType.STRING and dice.random() < 0.1
    formats = (
        dice.choice(
            (
                ("%m/%d/%Y",),
                ("%Y-%m-%d", "%m/%d/%Y"),
                ("%-m/%-d/%y", "%d %b %Y"),
                ("%B %-d, %Y",),
                ("%Y%m%d", "%-d.%-m.%Y"),
                ("%y%m%d",),
            )
        )
        if is_date
        else ()
    )
    judged: dict[str, Any] = {"type": kind.value}
    judged |= {"format": "date"} if is_date else _keywords(dice, kind, depth=0)
    booleans = (("yes", "1"), ("no", "0")) if kind is ColumnType.BOOLEAN and dice.random() < 0.4 else ((), ())
    return Column(
        name,
        judged,
        kind,
        required=dice.random() < 0.4,
        aliases=(f"alias of {name}",) if dice.random() < 0.1 else (),
        separator=dice.choice((";", ";", ";", "-", "|", ";;")),
        inner_separator=dice.choice((":", ":", ",", "::")),
        severity=dice.choice((Severity.ERROR, Severity.ERROR, Severity.WARNING)),
        formats=formats,
        nulls=("NULL", "n/a") if dice.random() < 0.2 else (),
        true_values=booleans[0],
        false_values=booleans[1],
        unique=dice.random() < 0.1,
    )


def _keywords(dice: random.Random, kind: ColumnType, depth: int) -> dict[str, Any]:
    judged: dict[str, Any] = {}
    match kind:
        case ColumnType.STRING:
            judged = _text_keywords(dice)
        case ColumnType.INTEGER | ColumnType.NUMBER:
            judged = _number_keywords(dice)
        case ColumnType.BOOLEAN:
            judged = {"const": True} if dice.random() < 0.2 else {}
        case ColumnType.ARRAY:
            kinds = [ColumnType.STRING, ColumnType.STRING, ColumnType.INTEGER, *_TYPES[6:8]]
            kinds += [ColumnType.ARRAY] * 2 if depth == 0 else []
            item = dice.choice(kinds)
            judged = {"items": {"type": item.value, **_keywords(dice, item, depth=depth + 1)}}
            judged |= _some(dice, {"minItems": 2, "maxItems": 2, "uniqueItems": True})
    if depth == 0 and kind in (ColumnType.STRING, ColumnType.INTEGER) and dice.random() < 0.15:
        judged |= _combined(dice, kind)
    return judged


def _combined(dice: random.Random, kind: ColumnType) -> dict[str, Any]:
    parts = [_keywords(dice, kind, depth=1) for _ in range(2)]
    if dice.random() < 0.3:
        parts[1] = _combined(dice, kind)
    match dice.choice(("not", "anyOf", "allOf", "oneOf")):
        case "not":
            return {"not": parts[0] or {"const": "a"}}
        case keyword:
            return {keyword: parts}


def _text_keywords(dice: random.Random) -> dict[str, Any]:
    return _some(
        dice,
        {
            "enum": dice.sample(_VALUES, 6),
            "const": dice.choice(_WORDS),
            "pattern": dice.choice(_PATTERNS),
            "minLength": dice.randint(0, 3),
            "maxLength": dice.randint(0, 4),
            "format": dice.choice(_FORMATS),
        },
    )


def _number_keywords(dice: random.Random) -> dict[str, Any]:
    return _some(
        dice,
        {
            "minimum": dice.randint(-1, 1),
            "maximum": dice.randint(0, 3),
            "exclusiveMinimum": dice.randint(-2, 0),
            "exclusiveMaximum": dice.randint(1, 5),
            "multipleOf": dice.choice((1, 2, 0.5, 0.1, 3)),
            "enum": dice.choice(([1, 2, 0], [1.0, 1.5, 100])),
            "const": dice.choice((1, 1.0, 0, 1.5)),
        },
    )


def _some(dice: random.Random, keywords: dict[str, Any]) -> dict[str, Any]:
    return {keyword: value for keyword, value in keywords.items() if dice.random() < 0.25}


def _rule(dice: random.Random, names: list[str], i: int) -> RowRule:
    first, second = dice.choice(names), dice.choice(names)
    condition = dice.choice(({"required": [first]}, {"properties": {first: {"enum": list(_WORDS[:6])}}}))
    schemas: tuple[dict[str, Any], ...] = (
        {"if": condition, "then": {"required": [second]}},
        {"dependentRequired": {first: [second]}},
        {"anyOf": [{"required": [first]}, {"properties": {second: {"const": "a"}}}]},
        {"not": {"required": [first, second]}},
        {"properties": {first: {"minLength": 2, "pattern": "a"}}, "minProperties": 1},
        {"oneOf": [{"required": [first]}, {"properties": {second: {"enum": ["a", 1, True]}}}]},
        {"if": {"properties": {first: {"const": 1}}}, "else": {"properties": {second: False}}},
        {"properties": {first: {"minimum": 1}, second: {"not": {"const": True}}}},
        {"dependentSchemas": {first: {"maxProperties": 2}}, "propertyNames": {"pattern": "c"}},
        {"properties": {first: {"type": ["string", "integer"], "maxLength": 1, "maximum": 1.5}}},
    )
    return RowRule(f"rule {i}", dice.choice(schemas), dice.choice(tuple(Severity)[::2]))


def _file(dice: random.Random, schema: FileSchema) -> bytes:
    header = _header(dice, schema)
    count = dice.randint(0, 12) if dice.random() < 0.9 else dice.randint(50, 150)
    rows = [[_value(dice) for _ in header] for _ in range(count)]
    if dice.random() < 0.3 and rows:
        rows += dice.choices(rows, k=2)
    careless = dice.choice((0.02, 0.02, 0.02, 0.3))
    lines = [_line(dice, row, schema.dialect, careless) for row in rows]
    if schema.dialect.header:
        lines.insert(0, schema.dialect.delimiter.join(_quoted(dice, name, schema.dialect) for name in header))
    ends = dice.choice((("\n",), ("\r\n",), ("\n", "\r\n")))
    text = "".join(line + dice.choice(ends) for line in lines)
    data = _encoded(dice, text, schema.dialect.encoding)
    if schema.dialect.encoding == "utf-16":
        return data  # half a character would make the rest of the file another one
    is_first = not schema.dialect.header
    head = 0 if is_first else min(len(data), len(_encoded(random.Random(0), lines[0], "utf-8")) + 1)
    return _damaged(dice, data, head) if dice.random() < 0.5 else data


def _header(dice: random.Random, schema: FileSchema) -> list[str]:
    """The names in the header line: mostly those of the schema, now and then in another order, fewer or more."""
    names = [column.name for column in schema.columns if column.match is None]
    if not schema.dialect.header:
        return names
    if any(column.match for column in schema.columns):
        names += dice.sample(("g1", "g2", "g30"), dice.randint(0, 3))
    if dice.random() < 0.2:
        dice.shuffle(names)
    if dice.random() < 0.1:
        names.insert(dice.randint(0, len(names)), UNKNOWN_NAME)
    if dice.random() < 0.1 and len(names) > 1:
        names.pop(dice.randrange(len(names)))
    return [_spelt(dice, name, schema) for name in names]


def _spelt(dice: random.Random, name: str, schema: FileSchema) -> str:
    column = schema.column(name)
    if column is not None and column.aliases and dice.random() < 0.5:
        name = column.aliases[0]
    is_free = column is not None and schema.header.case is HeaderCase.IGNORE
    return name.upper() if is_free and dice.random() < 0.3 else name


def _quoted(dice: random.Random, name: str, dialect: Dialect) -> str:
    return f"{dialect.quote}{name}{dialect.quote}" if dialect.quote and dice.random() < 0.1 else name


def _value(dice: random.Random) -> str:
    chance = dice.random()
    if chance < 0.15:
        return ""
    if chance < 0.25:
        return dice.choice(_NASTY)
    return dice.choice(_WORDS if chance < 0.7 else _VALUES)


def _line(dice: random.Random, cells: list[str], dialect: Dialect, careless: float) -> str:
    return dialect.delimiter.join(_cell(dice, cell, dialect, careless) for cell in cells)


def _cell(dice: random.Random, text: str, dialect: Dialect, careless_rate: float) -> str:
    """Mostly as a careful writer does it, now and then without any care."""
    careless = dice.random() < careless_rate
    special = {dialect.delimiter, "\n", "\r", dialect.quote or "\n", dialect.escape or "\n"}
    if dialect.quote is None:
        return text if careless else "".join("" if c in special else c for c in text)
    if careless or (not any(c in text for c in special) and dice.random() < 0.7):
        return text
    quoted = text
    if dialect.escape is None:
        quoted = text.replace(dialect.quote, dialect.quote * 2)
    else:
        for character in (dialect.escape, dialect.quote):
            quoted = quoted.replace(character, dialect.escape + character)
    return f"{dialect.quote}{quoted}{dialect.quote}"


def _encoded(dice: random.Random, text: str, encoding: str) -> bytes:
    match encoding:
        case "utf-8":
            return (b"\xef\xbb\xbf" if dice.random() < 0.1 else b"") + text.encode()
        case "us-ascii":
            return text.encode("ascii", "replace")
        case "windows-1252":
            return text.encode("cp1252", "replace")
        case _:
            return text.lstrip("\0").encode("utf-16")  # NULs behind the mark would make it that of UTF-32


def _damaged(dice: random.Random, data: bytes, head: int) -> bytes:
    """The file with some bytes put in, taken out or changed behind the header line; seldom cut off."""
    for _ in range(dice.choice((1, 1, 2, 3, 6))):
        if len(data) <= head:
            return data
        at = dice.randint(head, len(data))
        data = data[:at] + dice.choice(_DAMAGE) + data[at + dice.choice((0, 0, 1, 2)) :]
    return data
