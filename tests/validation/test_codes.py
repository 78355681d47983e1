"""The table of codes: every code that validation emits is in it, and each of its codes can really be had."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

import watcher.validation
from tests.validation.manifestworld import USERS_BULK, USERS_DELTA, lines, of_set
from tests.validation.worlds import check, codes, column, dataset, drop, file_schema
from watcher.model.codes import CODES
from watcher.model.report import Report
from watcher.schema.model import (
    Check,
    Dataset,
    DatasetFile,
    FileSchema,
    HeaderRules,
    Limits,
    OnError,
    Order,
    RowLimit,
    RowRule,
)
from watcher.validation import validate
from watcher.validation.cells.wording import CODE_OF_KEYWORD
from watcher.validation.reading.source import Source
from watcher.validation.sets.manifestrows import MOST_ROWS

NUMBER = column("n", type="integer")
BAD_CELLS = {
    "required": (column("n", required=True), ""),
    "must-be-blank": (column("n", blank=True), "x"),
    "type": (NUMBER, "x"),
    "enum": (column("n", enum=["a"]), "x"),
    "const": (column("n", const="a"), "x"),
    "pattern": (column("n", pattern="a"), "x"),
    "min-length": (column("n", minLength=2), "x"),
    "max-length": (column("n", maxLength=1), "xx"),
    "minimum": (column("n", type="integer", minimum=2), "1"),
    "maximum": (column("n", type="integer", maximum=2), "3"),
    "exclusive-minimum": (column("n", type="number", exclusiveMinimum=2), "2"),
    "exclusive-maximum": (column("n", type="number", exclusiveMaximum=2), "2"),
    "multiple-of": (column("n", type="integer", multipleOf=2), "3"),
    "format": (column("n", format="date"), "x"),
    "min-items": (column("n", type="array", minItems=2), "x"),
    "max-items": (column("n", type="array", maxItems=1), '"x,y"'),
    "unique-items": (column("n", type="array", uniqueItems=True), '"x,x"'),
    "any-of": (column("n", anyOf=[{"format": "date"}, {"const": "none"}]), "x"),
    "one-of": (column("n", oneOf=[{"pattern": "x"}, {"minLength": 1}]), "x"),
    "not": (column("n", **{"not": {"const": "x"}}), "x"),
}
BAD_ROWS = {
    "garbled-text": "Pérez,1\n".encode().decode("cp1252").encode(),
    "blank-line": b"\n",
    "ragged-row": b"1\n",
    "encoding": b"\xe9,1\n",
    "malformed-quote": b'"1"x,2\n',
    "unbalanced-quote": b'1,"2\n3,4\n',
    "nul-byte": b"\0,1\n",
    "lone-cr": b"1\r,2\n",
    "line-too-long": b"x" * 1_100_000 + b"\n",
    "duplicate-key": b"1,1\n1,2\n",
    "duplicate-value": b"1,1\n2,1\n",
    "rule": b"9,1\n",
    "no-final-newline": b"1,1",
    "header-only": b"",
    "repeated-header": b"id,n\n",
    "cell-too-long": b"1," + b"x" * 31 + b"\n",
}
BAD_HEADERS = {
    "wrong-delimiter": b"id;n\n1;2\n",
    "missing-header": b"1,2\n3,4\n",
    "missing-column": b"n\n2\n",
    "misnamed-column": b"ID,n\n1,2\n",
    "extra-column": b"id,n,x\n1,2,3\n",
    "duplicate-column": b"id,id\n1,2\n",
    "empty-header": b"id,,n\n1,,2\n",
    "trailing-columns": b"id,,\n1,,\n",
    "column-order": b"n,id\n1,2\n",
    "empty-file": b"",
    "old-line-ends": b"id,n\r1,2\r",
    "wrong-encoding": "id,n\n1,2\n".encode("utf-16"),
}


def row_report(folder: Path, data: bytes) -> Report:
    columns = (column("id", required=True), column("n", unique=True))
    rules = (RowRule("no nine", {"properties": {"id": {"not": {"const": "9"}}}}),)
    about = {"key": ("id",), "rules": rules, "limits": Limits(cell_characters=30)}
    return check(folder, data, *columns, **about, header=HeaderRules(order=Order.STRICT))


@pytest.mark.parametrize("code", BAD_CELLS)
def test_codes_of_cells_can_be_had(tmp_path: Path, code: str) -> None:
    judged, value = BAD_CELLS[code]
    assert codes(check(tmp_path, f"id,n\n1,{value}\n", column("id"), judged)) == [code]


@pytest.mark.parametrize("code", BAD_ROWS)
def test_codes_of_rows_can_be_had(tmp_path: Path, code: str) -> None:
    assert code in codes(row_report(tmp_path, b"id,n\n" + BAD_ROWS[code]))


@pytest.mark.parametrize("code", BAD_HEADERS)
def test_codes_of_headers_can_be_had(tmp_path: Path, code: str) -> None:
    assert codes(row_report(tmp_path, BAD_HEADERS[code])) == [code]


def codes_in_validation() -> set[str]:
    """Every code written down where validation makes an occurrence, a fault or a rule."""
    folder = Path(watcher.validation.__file__).parent
    source = "\n".join(path.read_text() for path in folder.rglob("*.py"))
    written = set(re.findall(r'(?:occurrence|Fault|Rule|_occurrence|_Flaw|Remark)\(\s*"([a-z-]+)"', source))
    written |= set(
        re.findall(
            r'"(duplicate-[a-z]+|unknown-reference|rule|lone-cr|repeated-header|[a-z]+-quote|line-too-long)"', source
        )
    )
    return written | set(CODE_OF_KEYWORD.values())


def epoch_codes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The codes of drops with everything wrong about their entries."""
    students = file_schema("students.csv", column("id"))
    children = file_schema("children.csv", column("of", references="students.id"))
    required = dataset(students, children, file_schema("more.csv"), required=True)
    found = set(codes(validate(drop(folder / "empty"), required)))
    where = drop(folder / "full", children="of\n1\n", zebra="")
    (where / "STUDENTS.csv").write_text("id\n2\n")
    (where / "folder").mkdir()
    (where / "link").symlink_to("zebra.csv")
    found |= set(codes(validate(where, required)))
    none_may_be_skipped = file_schema(
        "a.csv", column("id", type="integer"), on_error=OnError.SKIP_ROWS, max_skipped_rows=RowLimit(rows=0)
    )
    where = drop(folder / "odd", a="id\nx\n")
    found |= set(codes(validate(where, dataset(none_may_be_skipped))))
    left_out = replace(none_may_be_skipped, on_error=OnError.REJECT_FILE)
    found |= set(codes(validate(where, dataset(left_out))))
    checks = (Check("done", "SELECT _line FROM a"), Check("not done", "SELECT _line FROM b"))
    checked = replace(dataset(file_schema("a.csv", column("id")), file_schema("b.csv")), checks=checks)
    found |= set(codes(validate(drop(folder / "odd", a="id\n1\n", b=""), checked)))
    where = drop(folder / "odd", a="x\n1\n")
    (where / "b\n.csv").write_text("x\n1\n")
    monkeypatch.setattr(Source, "has_changed", lambda _: True)
    plain = Dataset("plain", (DatasetFile(FileSchema("any.csv"), match="*.csv"),))
    return found | set(codes(validate(where, plain)))


def set_codes(folder: Path) -> set[str]:
    """The codes of manifests with everything wrong about them, and of files that are not as they say."""
    text = "name,value\nform.version,9\nfile.orgs,bulk\nfile.orgs,bulk\nfile.users,bulk\nfile.rolse,all\nzebra,1\n"
    found = set(codes(of_set(folder, manifest=text, users=USERS_DELTA)))
    found |= set(codes(of_set(folder, manifest=lines(file_users="absent"), users=USERS_BULK)))
    (folder / "20260901-020000" / "users.csv").unlink()
    found |= set(codes(of_set(folder, manifest=lines(file_orgs="absent", file_users="absent"))))
    return found | set(codes(of_set(folder, manifest=lines() + "zebra,1\n" * MOST_ROWS)))


def test_codes_of_the_drop_can_be_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("empty", "full", "odd", "sets"):
        (tmp_path / name).mkdir()
    # unreadable-file has its own test, which needs root; those about pictures have theirs in test_pictures, test_roster
    elsewhere = {code for code in CODES if "picture" in code} | {"roster-not-compared", "unreadable-file"}
    expected = codes_in_validation() - {*BAD_CELLS, *BAD_ROWS, *BAD_HEADERS, *elsewhere}
    assert set_codes(tmp_path / "sets") | epoch_codes(tmp_path, monkeypatch) >= expected


def test_codes_in_the_source_are_those_of_the_table() -> None:
    """What the service and the intake find by themselves is in the table too."""
    house = Path(watcher.validation.__file__).parents[1]
    folders = (house / "service", house / "intake")
    service = "\n".join(path.read_text() for folder in folders for path in folder.rglob("*.py"))
    assert codes_in_validation() <= set(CODES)
    assert all(f'"{code}"' in service for code in set(CODES) - codes_in_validation())


def test_codes_say_what_they_mean_and_what_to_do() -> None:
    for name, code in CODES.items():
        assert re.fullmatch("[a-z]+(-[a-z]+)*", name)
        assert code.meaning
        assert not code.meaning.endswith(".")
        assert code.advice
        assert not code.advice.endswith(".")
