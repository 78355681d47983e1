"""The SQL of a dataset's checks: what compiles, what it reads, how a mistake is worded."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.validation.worlds import column, dataset, file_schema
from watcher.errors import ConfigError
from watcher.schema import read_dataset
from watcher.schema.checksql import Query, check_problems, compile_checks
from watcher.schema.model import Check, Column, Dataset, DatasetFile, FileSchema

ORGS = file_schema("orgs.csv", column("id"), column("type"))
USERS = file_schema("users.csv", column("id"), column("org"), column("Given Name"), column("roles", type="array"))
ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)"


def compiled(sql: str) -> Query:
    [query] = compile_checks(replace(dataset(ORGS, USERS), checks=(Check("T", sql),)))
    return query


def problem(sql: str, world: Dataset | None = None) -> str:
    [(_, text)] = check_problems(replace(world or dataset(ORGS, USERS), checks=(Check("T", sql),)))
    return text


@pytest.mark.parametrize(
    ("sql", "places", "reads"),
    [
        ("SELECT _line FROM users", ("line",), {"users": ()}),
        (
            'SELECT ID AS Value, "Given Name" AS "column" FROM USERS',
            ("value", "column"),
            {"users": ("id", "Given Name")},
        ),
        ("SELECT count(*) AS value FROM users", ("value",), {"users": ()}),
        (
            "SELECT u._line, 'users' AS file FROM users u LEFT JOIN orgs o ON o.id = u.org WHERE o.id IS NULL",
            ("line", "file"),
            {"users": ("org",), "orgs": ("id",)},
        ),
        ("SELECT r.value FROM users, json_each(users.roles) r", ("value",), {"users": ("roles",)}),
        ("SELECT type AS value FROM (SELECT * FROM orgs)", ("value",), {"orgs": ("id", "type")}),
        ("WITH n AS (SELECT id FROM orgs) SELECT count(*) AS value FROM n", ("value",), {"orgs": ("id",)}),
        (f"{ENDLESS} SELECT x AS value FROM n -- never run here", ("value",), {}),
        ("SELECT row_number() OVER (ORDER BY id) AS value FROM orgs WHERE id LIKE 'a%'", ("value",), {"orgs": ("id",)}),
    ],
)
def test_query_tells_its_places_and_what_it_reads(
    sql: str, places: tuple[str, ...], reads: dict[str, tuple[str, ...]]
) -> None:
    query = compiled(sql)
    assert (query.places, dict(query.reads)) == (places, reads)


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELCT 1", "check 'T': near \"SELCT\": syntax error"),
        ("", "incomplete input"),
        ("SELECT 1 AS value; SELECT 2 AS value", "only execute one statement"),
        ("SELECT _line FROM user", "no such table: user; did you mean 'users'?"),
        ("SELECT _line FROM zebras", "no such table: zebras; the tables are orgs, users"),
        ("SELECT u.rog AS value FROM users u", "no such column: u.rog; did you mean 'org'?"),
        ("SELECT o.org AS value FROM orgs o", "no such column: o.org"),
        ("SELECT ? AS value", "parameters are not allowed"),
        (
            "SELECT id, _line FROM users",
            "the result has a column 'id', expected only file, line, record, column or value; name it",
        ),
        ("SELECT id AS vlaue FROM users", "did you mean 'value'?"),
        ("SELECT _line, 1 AS line FROM users", "a column twice"),
        ("SELECT u._line FROM users u, orgs o", "says no file, and the query reads 2; add `'...' AS file`"),
        ("SELECT 1 AS line", "says no file, and the query reads none"),
        ("DELETE FROM users", "syntax error"),
        ("PRAGMA user_version", "syntax error"),
        ("EXPLAIN SELECT 1", "syntax error"),
        ("SELECT load_extension('x') AS value", "load_extension; a check may read the dataset's tables"),
        ("SELECT random() AS value", "harmless functions, nothing else"),
        ("SELECT zeroblob(1000000000) AS value", "harmless functions, nothing else"),
        ("SELECT sql AS value FROM sqlite_master", "a check may read"),
        ("SELECT count(*) AS value FROM sqlite_schema", "a check may read"),
        ("SELECT name AS value FROM pragma_database_list", "a check may read"),
        ("SELECT count(*) AS value FROM pragma_database_list", "a check may read"),
    ],
)
def test_problem_says_what_to_put_right(sql: str, said: str) -> None:
    assert said in problem(sql)


def test_query_with_bytes_that_are_no_text_compiles() -> None:
    assert compiled("SELECT CAST(x'ff' AS TEXT) || char(27) AS value").reads == {}


def test_problem_of_names_that_sql_cannot_tell_apart() -> None:
    twins = dataset(file_schema("a.csv", column("id"), column("ID")))
    assert "the columns 'id', 'ID' differ in case alone" in problem("SELECT _line FROM a", twins)
    files = dataset(file_schema("a.csv"), file_schema("A.csv"))
    assert "the files 'a', 'A' differ in case alone" in problem("SELECT _line FROM a", files)
    assert "keeps names such as 'sqlite_x'" in problem("SELECT 1 AS value", dataset(file_schema("sqlite_x.csv")))
    assert "'_line', '_line'" in problem("SELECT 1 AS value", dataset(file_schema("a.csv", column("_line"))))
    wide = dataset(file_schema("a.csv", *(column(f"c{i}") for i in range(3000))))
    assert "more than 1996 columns" in problem("SELECT 1 AS value", wide)


def test_problem_of_two_checks_with_one_title() -> None:
    checks = (Check("T", "SELECT 1 AS value"), Check("T", "SELECT 2 AS value"))
    found = list(check_problems(replace(dataset(ORGS), checks=checks)))
    assert found == [(i, "the title 'T' stands on several checks; give each its own") for i in (0, 1)]


def test_dataset_of_files_with_names_of_any_kind_compiles() -> None:
    odd = FileSchema('a "b"\'s.csv', (Column('c "d"', {"type": "string"}), Column("select", {"type": "string"})))
    group = replace(column("x"), match="x.*")
    many = DatasetFile(FileSchema("any.csv"), match="*.csv")
    world = Dataset("odd", (DatasetFile(odd), DatasetFile(file_schema("g.csv", group)), many))
    sql = 'SELECT "c ""d""" AS value, _line FROM "a ""b""\'s" WHERE "select" IS NULL'
    [query] = compile_checks(replace(world, checks=(Check("T", sql),)))
    assert query.reads == {'a "b"\'s': ('c "d"', "select")}
    assert "no such table: any" in problem("SELECT _line FROM any", world)


def test_compile_checks_raises_for_all_that_is_wrong() -> None:
    checks = (Check("A", "SELECT x AS value"), Check("B", "SELECT 1 AS value"), Check("C", "no"))
    with pytest.raises(ConfigError) as raised:
        compile_checks(replace(dataset(ORGS), checks=checks))
    assert [text.split(": ")[:3] for text in raised.value.problems] == [
        ["test", "checks[0]", "check 'A'"],
        ["test", "checks[2]", "check 'C'"],
    ]


def test_read_dataset_names_the_line_of_a_check_that_does_not_compile(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("file: a.csv\ncolumns: [{name: id}]\n")
    checks = (
        "checks:\n  - title: sound\n    sql: SELECT _line FROM a\n  - title: odd\n    sql: SELECT idd AS value FROM a\n"
    )
    (tmp_path / "dataset.yaml").write_text("name: d\nfiles: [{schema: a.yaml}]\n" + checks)
    with pytest.raises(ConfigError) as raised:
        read_dataset(tmp_path)
    [text] = raised.value.problems
    assert text.endswith("dataset.yaml:6: checks[1]: check 'odd': no such column: idd; did you mean 'id'?")


@pytest.mark.parametrize(
    ("sql", "seeks"),
    [
        ("SELECT _line FROM users WHERE org = 'A'", ()),
        (
            "SELECT u._line, 'users' AS file FROM users u WHERE NOT EXISTS (SELECT 1 FROM orgs o WHERE o.id = u.org)",
            (("orgs", "id"),),
        ),
        (
            "SELECT 1 AS value FROM users u WHERE NOT EXISTS (SELECT 1 FROM orgs o WHERE o.type = u.org AND o.id = u.id)",
            (("orgs", "type"), ("orgs", "id")),
        ),
        ("SELECT a._line FROM users a JOIN users b ON b.id = a.org", (("users", "id"), ("users", "org"))),
    ],
)
def test_query_tells_the_columns_it_looks_rows_up_by(sql: str, seeks: tuple[tuple[str, str], ...]) -> None:
    assert set(compiled(sql).seeks) == set(seeks)
