"""SQL checks over the files of a drop: what they see, what they say, what they can't do."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from tests.validation.worlds import codes, column, dataset, drop, file_schema, only
from watcher.errors import ConfigError
from watcher.model.findings import Occurrence, Sample, Severity
from watcher.model.report import Report
from watcher.schema.model import Check, Dataset, DatasetFile, OnError
from watcher.validation import validate
from watcher.validation.checks import room
from watcher.validation.checks.checks import run_checks
from watcher.validation.checks.room import CheckLimits

ORGS = file_schema("orgs.csv", column("id", required=True), column("type"))
USERS = file_schema(
    "users.csv",
    column("id", required=True),
    column("org"),
    column("born", format="date", formats=("%m/%d/%Y", "%Y-%m-%d")),
    column("at", format="date-time"),
    column("age", type="integer"),
    column("mean", type="number"),
    column("active", type="boolean"),
    column("grades", type="array", separator=";"),
    key=("id",),
)
HEADER = "id,org,born,at,age,mean,active,grades\n"
ROW = "1,A,02/29/2012,2026-09-01T02:00:00+02:00,9,2.50,TRUE,KG;01\n"


def checked(*sql: str, severity: Severity = Severity.ERROR) -> Dataset:
    checks = tuple(Check(f"title {i}", text, severity) for i, text in enumerate(sql, 1))
    return replace(dataset(ORGS, USERS), checks=checks)


def report(folder: Path, sql: str, users: str = HEADER + ROW, **files: str | bytes) -> Report:
    return validate(drop(folder, users=users, **files), checked(sql))


def value_of(folder: Path, expression: str) -> str | None:
    """What an expression over the one row of ROW is."""
    return only(report(folder, f"SELECT {expression} AS value FROM users"), "check").samples[0].value


# What a check sees


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("id", "1"),
        ("typeof(id)", "text"),
        ("born", "2012-02-29"),
        ("strftime('%d', born)", "29"),
        ("at", "2026-09-01T00:00:00Z"),
        ("age + 1", "10"),
        ("mean * 2", "5.0"),
        ("active", "1"),
        ("grades", '["KG", "01"]'),
        ("(SELECT count(*) FROM json_each(users.grades))", "2"),
        ('"users"."_line"', "2"),
        ("_record", "1"),
    ],
)
def test_check_sees_converted_values(tmp_path: Path, expression: str, value: str) -> None:
    assert value_of(tmp_path, expression) == value


def test_check_sees_null_for_empty_missing_wrong_and_undecodable_cells(tmp_path: Path) -> None:
    users = b"id,age,mean,grades\n\xe9,x,,\n"
    sql = "SELECT _line FROM users WHERE (id, org, age, mean, grades) IS (NULL, NULL, NULL, NULL, NULL)"
    assert only(validate(drop(tmp_path, users=users), checked(sql)), "check").line == 2


def test_check_sees_physical_lines_and_only_rows_that_could_be_read(tmp_path: Path) -> None:
    users = 'id,org\n1,"a\nb"\n2\n3,c\n'
    found = only(report(tmp_path, "SELECT _line, id AS value FROM users", users), "check")
    assert [(s.line, s.record, s.value) for s in found.samples] == [(2, 1, "1"), (5, 3, "3")]


def test_check_sees_an_empty_table_of_a_file_that_did_not_come(tmp_path: Path) -> None:
    sql = "SELECT u._line AS line, 'users' AS file FROM users u LEFT JOIN orgs o ON o.id = u.org WHERE o.id IS NULL"
    assert only(report(tmp_path, sql), "check").line == 2
    assert codes(report(tmp_path, sql, orgs="id,type\nA,school\n")) == []


def test_check_of_a_file_that_had_to_come_is_left_aside(tmp_path: Path) -> None:
    """Each user was told to have an org that is nowhere, beside the one finding that says why."""
    sql = "SELECT 'users' AS file, _line AS line FROM users WHERE org NOT IN (SELECT id FROM orgs)"
    needed = replace(checked(sql), files=(DatasetFile(ORGS, required=True), DatasetFile(USERS)))
    assert codes(validate(drop(tmp_path, users=HEADER + ROW), needed)) == ["missing-file"]
    assert codes(report(tmp_path, sql)) == ["check"]


def test_check_sees_a_file_of_nearly_the_right_name(tmp_path: Path) -> None:
    where = drop(tmp_path)
    (where / "Users.csv").write_text(HEADER + ROW)
    found = only(validate(where, checked("SELECT _line FROM users")), "check")
    assert (found.file, found.line) == ("Users.csv", 2)


def test_check_sees_columns_by_any_case_and_all_with_a_star(tmp_path: Path) -> None:
    assert value_of(tmp_path, "ID || ORG") == "1A"
    assert value_of(tmp_path, "(SELECT age FROM (SELECT * FROM USERS))") == "9"


# What a check says


def test_check_finding_carries_title_place_and_value(tmp_path: Path) -> None:
    sql = "SELECT 'users.csv' AS file, _line AS line, _record AS record, 'age' AS \"column\", age AS value FROM users"
    seen: list[Occurrence] = []
    world = checked(sql, severity=Severity.WARNING)
    found = only(validate(drop(tmp_path, users=HEADER + ROW), world, sink=seen.append), "check")
    assert (found.rule, found.message, found.severity) == ("title 1", "expected: title 1", Severity.WARNING)
    assert (found.file, found.line, found.column, found.samples) == ("users.csv", 2, "age", (Sample(2, 1, "9"),))
    assert [(one.line, one.record, one.value) for one in seen] == [(2, 1, "9")]


def test_check_counts_are_exact_and_samples_bounded(tmp_path: Path) -> None:
    rows = "".join(f"{i}\n" for i in range(3000))
    found = only(report(tmp_path, "SELECT _line FROM users", "id\n" + rows), "check")
    assert (found.count, len(found.samples), found.line) == (3000, 20, 2)


def test_check_names_from_a_result_are_only_those_of_the_dataset(tmp_path: Path) -> None:
    """A cell's text as file or column would make a finding each, without end."""
    found = only(report(tmp_path, 'SELECT id AS file, id AS "column", _line AS line FROM users'), "check")
    assert (found.file, found.column, found.line) == ("users.csv", None, 2)


def test_check_of_the_whole_drop_has_no_line(tmp_path: Path) -> None:
    sql = "SELECT count(*) AS value FROM users HAVING count(*) < 2"
    found = only(report(tmp_path, sql), "check")
    assert (found.file, found.line, found.samples) == ("users.csv", None, (Sample(value="1"),))


def test_check_values_are_bounded_and_printable(tmp_path: Path) -> None:
    assert value_of(tmp_path, "char(27) || x'ff'") == "\\x1b\ufffd"
    assert len(value_of(tmp_path, "printf('%1000d', 1)") or "") == 80


# What is left aside


def test_check_of_a_file_that_cannot_be_read_is_not_done_and_says_so_once(tmp_path: Path) -> None:
    where = drop(tmp_path, users="", orgs="id,type\nA,b\n")
    found = validate(where, checked("SELECT _line FROM users", "SELECT _line FROM orgs"))
    assert codes(found) == ["empty-file", "check-not-done", "check"]
    remark = only(found, "check-not-done")
    assert (remark.severity, remark.rule) == (Severity.WARNING, "title 1")
    assert remark.message.endswith("title 1: the rows of users.csv could not be read")


def test_check_of_a_required_column_that_is_missing_is_not_done(tmp_path: Path) -> None:
    found = report(tmp_path, "SELECT _line FROM users WHERE id IS NULL", "org\nA\n")
    assert codes(found) == ["missing-column", "check-not-done"]


def test_check_of_several_files_is_left_aside_for_a_single_one(tmp_path: Path) -> None:
    where = drop(tmp_path, users=HEADER + ROW)
    world = checked("SELECT _line FROM users", "SELECT count(*) AS value FROM orgs")
    assert [f.rule for f in validate(where / "users.csv", world).findings] == ["title 1"]


def test_check_of_a_file_that_went_meanwhile_is_said(tmp_path: Path) -> None:
    where = drop(tmp_path, users=HEADER + ROW)
    gone = lambda *_: (where / "users.csv").unlink(missing_ok=True)  # noqa: E731
    assert "file-changed" in codes(validate(where, checked("SELECT _line FROM users"), progress=gone))


def test_dataset_without_checks_starts_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("watcher.validation.checks.room.subprocess.Popen")
    assert codes(validate(drop(tmp_path, users=HEADER + ROW), checked())) == []


def own_children() -> set[str]:
    return set(Path(f"/proc/self/task/{threading.get_native_id()}/children").read_text().split())


def test_check_leaves_no_process_and_no_file_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    before = own_children()
    report(tmp_path, "SELECT _line FROM users")
    assert own_children() <= before
    assert os.listdir(tmp_path / "temporary") == []


def test_check_that_does_not_compile_is_an_error_of_the_dataset(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"test: checks\[0\]: check 'title 1': no such column: agee; did you mean 'age'"
    ):
        report(tmp_path, "SELECT agee AS value FROM users")


def test_check_that_ends_its_process_leaves_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # killed after two seconds, long before its own time is over
    monkeypatch.setattr(room, "_GRACE_SECONDS", -58)
    monkeypatch.setattr(run_checks, "__kwdefaults__", {"is_whole": True, "limits": CheckLimits(seconds=60, rows=10)})
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x AS value FROM n"
    world = checked(f"{endless} WHERE x < 0", "SELECT _line FROM users", endless)
    found = validate(drop(tmp_path, users=HEADER + ROW), world).findings
    assert [(f.code, f.severity, f.rule, f.count) for f in found] == [
        ("check-not-done", Severity.ERROR, "title 1", 1),
        ("check", Severity.ERROR, "title 2", 1),
        ("check", Severity.ERROR, "title 3", 10),
        ("check-not-done", Severity.WARNING, "title 3", 1),
    ]
    assert "more than 10 rows" in found[3].message


def test_check_with_one_result_more_than_a_batch_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The part behind the last whole batch was empty, and that was our mistake."""
    monkeypatch.setattr(run_checks, "__kwdefaults__", {"is_whole": True, "limits": CheckLimits(rows=10_000)})
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x AS value FROM n"
    found = validate(drop(tmp_path, users=HEADER + ROW), checked(endless)).findings
    assert [(f.code, f.count) for f in found] == [("check", 10_000), ("check-not-done", 1)]


def test_check_places_of_several_files_and_of_no_row_are_told_apart(tmp_path: Path) -> None:
    sql = """
        SELECT 'users.csv' AS file, _line AS line, 'age' AS "column", NULL AS value FROM users
        UNION ALL SELECT 'orgs', 2, NULL, 'b' UNION ALL SELECT 'orgs', 7, NULL, 'c'
        UNION ALL SELECT 'orgs', -1, NULL, 'd' UNION ALL SELECT 'classes', 2, 'id', 'e'
        UNION ALL SELECT id, 2, 'id', 'f' FROM orgs"""
    seen: list[Occurrence] = []
    where = drop(tmp_path, users=HEADER + ROW, orgs="id,type\nA,b\n")
    found = validate(where, checked(sql), sink=seen.append)
    assert {(f.file, f.column): f.count for f in found.findings} == {
        ("users.csv", "age"): 1,
        ("orgs.csv", None): 3,
        (None, None): 2,
    }
    assert sorted((one.value or "", one.line, one.record) for one in seen) == [
        ("", 2, 1),
        ("b", 2, 1),
        ("c", 7, None),
        ("d", None, None),
        ("e", None, None),
        ("f", None, None),
    ]


def test_check_skips_the_rows_it_finds_where_rows_are_skipped(tmp_path: Path) -> None:
    world = checked("SELECT _line FROM users WHERE age > 8")
    skipping = tuple(replace(f, schema=replace(f.schema, on_error=OnError.SKIP_ROWS)) for f in world.files)
    found = validate(
        drop(tmp_path, users=HEADER + ROW + ROW.replace("1,", "2,", 1).replace(",9,", ",8,")),
        replace(world, files=skipping),
    )
    assert (found.errors, found.files[0].skipped) == (0, (1,))


def test_check_finding_with_a_record_alone_has_its_line(tmp_path: Path) -> None:
    found = only(
        report(tmp_path, "SELECT _record FROM users WHERE id = '2'", HEADER + "1\n" + ROW + "2" + ROW[1:]), "check"
    )
    assert found.samples == (Sample(4, 3),)


def test_check_that_names_a_record_which_is_not_there_skips_none(tmp_path: Path) -> None:
    """Such a number counted as a row that is left out."""
    users = replace(USERS, on_error=OnError.SKIP_ROWS)
    for number in (99, -1, 2**63 - 1):
        sql = f"SELECT {number} AS record, 7 AS line FROM users"
        made = validate(drop(tmp_path, users=HEADER + ROW), replace(dataset(users), checks=(Check("x", sql),)))
        found = only(made, "check")
        assert (found.severity, found.samples) == (Severity.ERROR, (Sample(7, None),))
        assert made.files[0].skipped == ()


def test_check_finds_lists_that_do_not_go_together(tmp_path: Path) -> None:
    """A list of lists is JSON as any list: a person's buildings, list by list, stand beside the roles."""
    roles = column("roles", type="array", separator=";")
    buildings = column("buildings", type="array", separator=";", items={"type": "array"})
    sql = (
        "SELECT _line AS line, buildings AS value FROM a WHERE json_array_length(roles) <> json_array_length(buildings)"
    )
    checked = replace(dataset(file_schema("a.csv", roles, buildings)), checks=(Check("as many", sql),))
    found = only(validate(drop(tmp_path, a='roles,buildings\nA;B,"X,Y;"\nA;B,"X,Y"\n'), checked), "check")
    assert found.samples == (Sample(3, 2, '[["X", "Y"]]'),)
