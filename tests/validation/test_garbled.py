"""Text that was decoded wrongly before it was written to the file: told once for each column, and never of lawful text."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from tests.validation.worlds import check, codes, column, dataset, drop, file_schema, only
from watcher.model.findings import Sample, Severity
from watcher.model.report import Report, Verdict
from watcher.schema.model import Dialect, Limits
from watcher.validation import validate
from watcher.validation.reading import blocks, garbled

ID, NAME = column("id", required=True), column("Name")
#: UTF-8 has bytes that Windows-1252 lacks: programs pass them on as the characters of these numbers.
_LACKING = {0x81, 0x8D, 0x8F, 0x90, 0x9D}


def read_as(encoding: str, text: str) -> str:
    """The text as it is when its UTF-8 was read in another encoding."""
    lacking = _LACKING if encoding == "cp1252" else set()
    return "".join(chr(b) if b in lacking else bytes([b]).decode(encoding) for b in text.encode())


def is_garbled(text: str) -> bool:
    """Whether a file with this text would be told of, by the look at its bytes and by that at its cells."""
    cells = garbled.are_garbled(pl.Series([text]))[0]
    assert not cells or garbled.may_be_garbled(text.encode())
    return bool(cells)


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
@pytest.mark.parametrize(
    "text",
    [
        "Pérez", "María", "Muñoz", "MUÑOZ", "GARCÍA", "LÓPEZ", "NÚÑEZ", "Ángel", "François", "Zoë", "Beltrà", "ÜBER",
        "È", "ß", "Ø", "O\u2019Brien", "“x”", "a\u2013b", "a\u00a0b", "2º", "\u00a0", "\ufffd",
    ],
)  # fmt: skip
def test_text_that_was_read_in_another_encoding_is_garbled(text: str, encoding: str) -> None:
    once = read_as(encoding, text)
    assert [is_garbled(each) for each in (once, read_as(encoding, once))] == [True, True]
    assert is_garbled(text) == (text == "\ufffd")


@pytest.mark.parametrize(
    "text",
    [
        "SÃO PAULO", "Ângela", "ÂNGELA", "IRMÃ", "“IRMÃ”", "«IRMÃ»", "IRMÃ\u2019S", "IRMÃ\u2013X", "IRMÃ…", "IRMÃ\u00a0DE DEUS",
        "Trần Văn Â", "Â\u00a0B", "DÂ\u00a0X", "châu", "12 €", "â €", "Anaïs", "¿Qué?", "½", "naïve ½", "Ñ", "Å", "日",
    ],
)  # fmt: skip
def test_lawful_text_is_not_garbled(text: str) -> None:
    assert not is_garbled(text)


def test_validate_garbled_cells_are_one_warning_for_each_column(tmp_path: Path) -> None:
    report = check(tmp_path, 'id,Name\n1,PÃ©rez\n2,Santos\n"3","Mu\ufffd\noz"\n4,SÃO\nÃ±,x\n', ID, NAME)
    of_id, of_name = sorted(report.findings, key=lambda found: str(found.column).casefold())
    assert (of_id.code, of_id.column, of_id.count, of_id.line) == ("garbled-text", "id", 1, 7)
    assert (of_name.code, of_name.column, of_name.count, of_name.line) == ("garbled-text", "Name", 2, 2)
    assert of_name.samples == (Sample(2, 1, "PÃ©rez"), Sample(4, 3, "Mu\ufffd\\noz"))
    assert (of_name.severity, report.verdict) == (Severity.WARNING, Verdict.ACCEPTED)


def test_validate_garbled_column_names_are_told_with_their_cells(tmp_path: Path) -> None:
    """A name that the schema knows is told under the schema's, one that it does not under its own."""
    report = check(tmp_path, "id,AÃ±o,Ã©\n1,Ã±,x\n", ID, column("Año"))
    found = [each for each in report.findings if each.code == "garbled-text"]
    told = {each.column: (each.count, each.line, each.samples) for each in found}
    assert told["Ã©"] == (1, 1, (Sample(1, None, "Ã©"),))
    assert sum(count for count, *_ in told.values()) == 3


def test_validate_garbled_cells_of_a_column_without_name_say_where(tmp_path: Path) -> None:
    assert only(check(tmp_path, "id,,Name\n1,Ã©,x\n", ID, NAME), "garbled-text").column == "column 2"


def test_validate_garbled_cells_without_columns_in_the_schema_are_told(tmp_path: Path) -> None:
    assert only(check(tmp_path, "id,of\n1,Ã©\n"), "garbled-text").column == "of"


@pytest.mark.parametrize("encoding", ["windows-1252", "iso-8859-1", "utf-16"])
def test_validate_garbled_text_of_another_encoding_is_not_told(tmp_path: Path, encoding: str) -> None:
    """Under the one-byte encodings a few such letters may be UTF-8 that nothing was wrong with."""
    data = "id,Name\n1,PÃ©rez\n".encode(encoding)
    assert codes(check(tmp_path, data, ID, NAME, dialect=Dialect(encoding=encoding))) == []


def test_validate_file_in_a_wrong_encoding_says_nothing_of_garbled_text(tmp_path: Path) -> None:
    utf16 = check(tmp_path, "id,Ã©\n1,PÃ©rez\n".encode("utf-16"), ID, NAME)
    assert set(codes(utf16)) == {"wrong-encoding", "extra-column"}
    rows = "".join(f"{i},é PÃ©rez\n" for i in range(50))
    assert codes(check(tmp_path, f"id,Name\n{rows}".encode("cp1252"), ID, NAME)) == ["wrong-encoding"]


def test_validate_guessed_cells_and_names_are_not_garbled(tmp_path: Path) -> None:
    """A cell that is not UTF-8 is read as Windows-1252, and what was right in it looks garbled."""
    others = "SÃO".encode()  # may be garbled, by the look at its bytes
    assert codes(check(tmp_path, b"id,Name\n1,\xe9 \xc3\xa9\n2," + others + b"\n", ID, NAME)) == ["encoding"]
    of_header = check(tmp_path, b"id,Name,\xe9 \xc3\xa9\n1,x,y\n", ID, NAME)
    assert sorted(codes(of_header)) == ["encoding", "extra-column"]


@pytest.mark.parametrize("dialect", [Dialect(), Dialect(escape="\\"), Dialect(quote=None)])
@pytest.mark.parametrize("block_bytes", [7, 64, 1 << 20])
@pytest.mark.parametrize("jobs", [1, 3])
def test_validate_garbled_text_gives_the_same_report_however_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dialect: Dialect, block_bytes: int, jobs: int
) -> None:
    """The escape between the two characters must not hide them from any reader."""
    names = ("PÃ©rez", "x", "Ã\\©" if dialect.escape else "Ã©", "O\u2019B", "SÃO")
    rows = [f"{i},{names[i % 5]}\n" for i in range(60)]
    rows[30] = "30,Ã©,ragged\n"
    schema = replace(file_schema("a.csv", ID, NAME), dialect=dialect, limits=Limits(record_bytes=64))
    where = drop(tmp_path, a="id,Name\n" + "".join(rows))
    monkeypatch.setattr(blocks, "BLOCK_BYTES", block_bytes)
    found = only(report_of(where, schema, jobs), "garbled-text")
    assert (found.count, found.line, found.samples[-1].line) == (23, 2, 52)


def report_of(where: Path, schema: object, jobs: int) -> Report:
    return validate(where, dataset(schema), jobs=jobs)  # type: ignore[arg-type]


def test_may_be_garbled_text_of_ascii_or_without_markers_is_passed_over() -> None:
    assert [garbled.may_be_garbled(text.encode()) for text in ("id,name", "Pérez", "Ångström 日", "Ã")] == [
        False, False, False, True,
    ]  # fmt: skip
