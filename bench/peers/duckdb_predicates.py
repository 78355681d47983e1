"""DuckDB: one query for the rows that break a rule, one for keys, and the table of lines it could not read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from bench.peers.expressions import MOMENT
from bench.peers.rules import Column, Error, Result, Rules, code_of, main

_REJECTED = {
    "MISSING COLUMNS": "ragged-row",
    "TOO MANY COLUMNS": "ragged-row",
    "INVALID ENCODING": "encoding",
    "INVALID UNICODE": "encoding",
    "UNQUOTED VALUE": "malformed-quote",
    "LINE SIZE OVER MAXIMUM": "line-too-long",
}


def check(path: Path, rules: Rules) -> Result:
    connection = duckdb.connect()
    columns = ", ".join(f"'{column.name}': 'VARCHAR'" for column in rules.columns)
    source = (
        f"read_csv('{path}', columns = {{{columns}}}, auto_detect = false, header = true, delim = ',', quote = '\"', "
        "escape = '\"', store_rejects = true, strict_mode = false)"
    )
    checks = list(_checks(rules))
    broken = ", ".join(f"CASE WHEN NOT ({sql}) THEN {i} END" for i, (_, _, sql) in enumerate(checks))
    sound = " AND ".join(f"coalesce({sql}, true)" for _, _, sql in checks)
    numbers_of = f"list_filter([{broken}], lambda number: number IS NOT NULL)"
    found = connection.execute(f"SELECT {numbers_of} FROM {source} WHERE NOT ({sound})")
    errors: list[Error] = [(None, checks[i][0], checks[i][1]) for (numbers,) in found.fetchall() for i in numbers]
    # Asked now: a further reading of the file would reject the same lines once more.
    rejects = connection.execute("SELECT DISTINCT line, error_type::VARCHAR FROM reject_errors").fetchall()
    errors += [(line, "", _REJECTED.get(kind, kind)) for line, kind in rejects]
    key = f'"{rules.key}"'
    counted = f"SELECT {key} k, count(*) n FROM {source} GROUP BY k"
    totals = f"SELECT sum(n), sum(n) FILTER (k IS NOT NULL AND n > 1) FROM ({counted})"
    rows, again = connection.execute(totals).fetchall()[0]
    errors += [(None, rules.key, "duplicate-key")] * int(again or 0)
    return int(rows), errors


def _checks(rules: Rules) -> Iterator[tuple[str, str, str]]:
    """Column, code, and the SQL that is true where the cell is right, NULL where it is empty."""
    for column in rules.columns:
        name = f'"{column.name}"'
        if column.required:
            yield column.name, "required", f"{name} IS NOT NULL"
        if column.type == "integer":
            yield column.name, "type", f"regexp_matches({name}, '^-?[0-9]{{1,18}}$')"
        if column.type == "boolean":
            yield column.name, "type", f"{name} IN ('true', 'false')"
        for keyword, wanted in column.cell.items():
            if sql := _sql(keyword, wanted, _value(column, name)):
                yield column.name, code_of(keyword), _of_items(sql, name, column)


def _value(column: Column, name: str) -> str:
    if column.type == "integer":
        return f"try_cast({name} AS BIGINT)"
    return "item" if column.type == "array" else name


def _of_items(sql: str, name: str, column: Column) -> str:
    if column.type != "array":
        return sql
    return f"len(list_filter(string_split({name}, '{column.separator}'), lambda item: NOT ({sql}))) = 0"


def _sql(keyword: str, wanted: Any, value: str) -> str | None:
    match keyword, wanted:
        case "enum", _:
            return f"{value} IN ({', '.join(_text(each) for each in wanted)})"
        case "pattern", _:
            return f"regexp_matches({value}, {_text(wanted)})"
        case "minLength", _:
            return f"length({value}) >= {wanted}"
        case "maxLength", _:
            return f"length({value}) <= {wanted}"
        case "minimum", _:
            return f"{value} >= {wanted}"
        case "exclusiveMaximum", _:
            return f"{value} < {wanted}"
        case "format", "date":
            return f"(length({value}) = 10 AND try_cast({value} AS DATE) IS NOT NULL)"
        case "format", "date-time":
            day = f"try_cast(substr({value}, 1, 10) AS DATE) IS NOT NULL"
            return f"(regexp_matches({value}, {_text(MOMENT)}) AND {day})"
        case "format", "email":
            return f"contains({value}, '@')"
        case _:
            return None


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


if __name__ == "__main__":
    main(check)
