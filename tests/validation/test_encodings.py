"""Files that are not written in the encoding that was declared: said once, and read all the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.validation.worlds import check, codes, column, drop, file_schema, only
from watcher.model.findings import Severity
from watcher.schema.model import Dialect
from watcher.validation import typed_frames
from watcher.validation.reading import blocks
from watcher.validation.reading.blocks import Position, chunks
from watcher.validation.reading.encodings import encoding_by_mark, other_encoding
from watcher.validation.reading.records import Grammar
from watcher.validation.reading.source import Source, open_source

ID, NAME = column("id", type="integer"), column("name", maxLength=12)
TEXT = "id,name\n" + "".join(f"{i},Zoë Müller\n" for i in range(40)) + "x,Zoë\n"


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("utf-8", "utf-8"),
        ("utf-8", "utf-8-sig"),
        ("windows-1252", "cp1252"),
        ("iso-8859-1", "latin-1"),
        ("utf-16", "utf-16"),
        ("utf-16", "utf-16-le"),
        ("utf-16", "utf-16-be"),
    ],
)
def test_encoding_as_declared_is_read_and_nothing_is_said(tmp_path: Path, declared: str, encoding: str) -> None:
    report = check(tmp_path, TEXT.encode(encoding), ID, NAME, dialect=Dialect(encoding=declared))
    assert [(f.code, f.line, f.count) for f in report.findings] == [("type", 42, 1)]


@pytest.mark.parametrize(
    ("declared", "encoding", "title"),
    [
        ("utf-8", "utf-16", "UTF-16"),
        ("utf-8", "utf-16-be", "UTF-16"),
        ("utf-8", "utf-32", "UTF-32"),
        ("utf-8", "utf-32-be", "UTF-32"),
        ("utf-8", "cp1252", "Windows-1252"),
        ("us-ascii", "utf-8-sig", "UTF-8"),
        ("us-ascii", "utf-8", "UTF-8"),
        ("us-ascii", "cp1252", "Windows-1252"),
        ("windows-1252", "utf-8-sig", "UTF-8"),
        ("windows-1252", "utf-8", "UTF-8"),
        ("iso-8859-1", "utf-8", "UTF-8"),
        ("utf-16", "utf-8", "UTF-8"),
        ("utf-16", "cp1252", "Windows-1252"),
    ],
)
def test_encoding_other_than_declared_is_one_finding_and_the_rest_is_found_too(
    tmp_path: Path, declared: str, encoding: str, title: str
) -> None:
    report = check(tmp_path, TEXT.encode(encoding), ID, NAME, dialect=Dialect(encoding=declared))
    assert [(f.code, f.severity, f.count) for f in report.findings] == [
        ("wrong-encoding", Severity.ERROR, 1),
        ("type", Severity.ERROR, 1),
    ]
    assert f"seems to be {title}" in only(report, "wrong-encoding").message
    assert only(report, "type").line == 42


@pytest.mark.parametrize(
    ("beginning", "said"),
    [
        (b"PK\x03\x04", "Excel"), (b"\xd0\xcf\x11\xe0", "Excel"), (b"\x1f\x8b\x08\0", "gzip"), (b"%PDF-1.7", "PDF"),
        (b"7z\xbc\xaf\x27\x1c", "7z"), (b"{\\rtf1\\ansi\nid,name\n1,a\n", "Rich Text"), (bytes(512), "NUL"),
        (b"-----BEGIN PGP MESSAGE-----\n", "PGP"), (b"\xef\xbb\xbf\n<!DOCTYPE html>\n", "a web page"),
        (b"<table>\n<tr><th>id</th><th>name</th></tr>\n", "a web page"), (b'<?xml version="1.0"?>\n', "XML"),
        (b"<!-- saved from url=(0022)https://example.org/ -->\n<html>\n", "a web page"),
        (b'[\n  {"id": "1", "name": "a"},\n', "JSON"), (b'{"id":"1","name":"a"}\n', "JSON"),
    ],
)  # fmt: skip
def test_encoding_of_no_text_at_all_is_one_finding(tmp_path: Path, beginning: bytes, said: str) -> None:
    report = check(tmp_path, beginning + bytes(range(256)) * 100, ID, NAME)
    assert codes(report) == ["wrong-encoding"]
    assert said in only(report, "wrong-encoding").message


@pytest.mark.parametrize("name", ["<table", "<head of family>", "PK", '{"id"}', "xml", "html"])
def test_encoding_of_text_that_only_looks_like_another_kind_is_read(tmp_path: Path, name: str) -> None:
    written = name.replace('"', '""')
    assert codes(check(tmp_path, f'"{written}",id\na,1\n', column(name), ID)) == []
    assert codes(check(tmp_path, f"{name},id\na,1\n", column(name), ID)) == []


def test_encoding_few_wrong_lines_are_told_line_by_line(tmp_path: Path) -> None:
    data = TEXT.encode() + b"1,Zo\xeb\n2,a\n3,\x81\n"
    report = check(tmp_path, data, ID, NAME)
    assert [s.line for s in only(report, "encoding").samples] == [43, 45]
    assert only(report, "encoding").message == "the row is not UTF-8, it seems to be Windows-1252"
    assert codes(report) == ["type", "encoding"]


def test_encoding_beyond_ascii_where_ascii_is_declared_is_told_line_by_line(tmp_path: Path) -> None:
    data = "id,name\n1,a\n2,é\n".encode() + b"3,\xe9\n"
    report = check(tmp_path, data, ID, NAME, dialect=Dialect(encoding="us-ascii"))
    assert only(report, "encoding").count == 2
    assert only(report, "encoding").message == "the row is not US-ASCII, it seems to be UTF-8"
    assert "without accents" in only(report, "encoding").advice


def test_encoding_of_the_header_line_has_the_advice_of_the_files_encoding(tmp_path: Path) -> None:
    report = check(tmp_path, "id,namé\n1,a\n".encode(), ID, dialect=Dialect(encoding="us-ascii"))
    assert "without accents" in only(report, "encoding").advice


def test_encoding_byte_that_windows_does_not_have_is_told_on_its_line(tmp_path: Path) -> None:
    data = b"id,name\n1,\xe9\n2,\x81\n"
    report = check(tmp_path, data, ID, NAME, dialect=Dialect(encoding="windows-1252"))
    assert (only(report, "encoding").line, codes(report)) == (3, ["encoding"])
    assert "mean nothing in Windows-1252" in only(report, "encoding").message


def test_encoding_half_a_surrogate_pair_and_odd_byte_are_told_on_their_lines(tmp_path: Path) -> None:
    data = "id,name\n1,".encode("utf-16") + b"\x00\xd8" + "\n2,a\n3,b".encode("utf-16-le") + b"\x41"
    report = check(tmp_path, data, ID, NAME, dialect=Dialect(encoding="utf-16"))
    assert [s.line for s in only(report, "encoding").samples] == [2, 4]


def test_encoding_letters_of_windows_in_latin1_are_a_warning_and_read_rightly(tmp_path: Path) -> None:
    data = b"id,name\n1,caf\xe9\n2,it\x92s\n"
    about: dict[str, Any] = {"dialect": Dialect(encoding="iso-8859-1")}
    report = check(tmp_path, data, ID, column("name", enum=["café", "it\u2019s"]), **about)
    assert [(f.code, f.severity, f.line) for f in report.findings] == [("wrong-encoding", Severity.WARNING, 3)]


LATIN1: dict[str, Any] = {"dialect": Dialect(encoding="iso-8859-1")}


@pytest.mark.parametrize("end", [b"", b"\n"])
@pytest.mark.parametrize("block_bytes", [7, 1 << 20])
def test_encoding_letter_of_windows_on_the_last_line_is_told_however_that_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: bytes, block_bytes: int
) -> None:
    """On a last line without an end it was read as a control character, and nothing was said."""
    monkeypatch.setattr(blocks, "BLOCK_BYTES", block_bytes)
    data = b"id,name\n1,Ann\n2,O\x92Brien" + end
    report = check(tmp_path, data, ID, column("name", enum=["Ann", "O\u2019Brien"]), **LATIN1)
    assert codes(report) == ["wrong-encoding", *([] if end else ["no-final-newline"])]
    found = only(report, "wrong-encoding")
    assert (found.line, found.severity) == (3, Severity.WARNING)


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_encoding_byte_that_is_no_letter_in_latin1_is_one_finding(tmp_path: Path, end: bytes) -> None:
    report = check(tmp_path, b"id,name\n1,\xe9\n2,\x81" + end, ID, NAME, **LATIN1)
    found = only(report, "encoding")
    assert (found.line, codes(report)) == (3, ["encoding", *([] if end else ["no-final-newline"])])
    assert found.message == "the row holds bytes that are no letters in ISO-8859-1, nor in Windows-1252"
    assert found.advice == "export the file as ISO-8859-1"


def test_encoding_byte_that_is_no_letter_in_the_header_line_has_the_same_words(tmp_path: Path) -> None:
    found = only(check(tmp_path, b"id,na\x81me\n1,a\n", ID, **LATIN1), "encoding")
    assert found.message == "the header line holds bytes that are no letters in ISO-8859-1, nor in Windows-1252"


def test_encoding_utf8_in_latin1_is_one_finding_whatever_its_letters(tmp_path: Path) -> None:
    """The second byte of É is a letter of Windows-1252: the text was taken for that first."""
    report = check(tmp_path, b"id,name\n" + "1,École\n".encode() * 40, ID, NAME, **LATIN1)
    assert only(report, "wrong-encoding").message == ("from line 2 on the text seems to be UTF-8, expected ISO-8859-1")


def test_encoding_byte_that_means_nothing_has_the_same_words_wherever_windows_begins(tmp_path: Path) -> None:
    for rows in (1, 600_000):
        data = b"id,name\n" + b"1,a\n" * rows + "2,\u00e9\n".encode("cp1252") * 100 + b"3,\x81\n"
        found = only(check(tmp_path, data, ID, NAME), "encoding")
        assert found.message == "the row holds bytes that mean nothing in Windows-1252"
        assert found.advice == "export the file as UTF-8"


LATIN1_LINES = st.lists(
    st.sampled_from(
        [b"1,a\n", b"1,\xe9\n", b"1,\x92\n", b"1,\x81\n", b'1,"\x93\na"\n', b'1,"a\n\x94"\n', b'1,"a"b\n', b"\n"]
    ),
    min_size=1,
    max_size=12,
).map(b"".join)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(lines=LATIN1_LINES, is_ended=st.booleans(), block_bytes=st.integers(1, 40), escape=st.sampled_from([None, "\\"]))
def test_encoding_letter_of_windows_is_told_on_its_record_for_any_blocks(
    tmp_path: Path, lines: bytes, is_ended: bool, block_bytes: int, escape: str | None
) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes((b"\\n,x\n" if escape else b"") + lines + (b"" if is_ended else b"9,\x92"))
    grammar = Grammar(encoding="iso-8859-1", escape=None if escape is None else escape.encode())
    with open_source(path) as source:
        seen = [read(source, grammar, size) for size in (block_bytes, 1 << 20)]
    assert seen[0] == seen[1]


def read(source: Source, grammar: Grammar, block_bytes: int) -> tuple[object, ...]:
    """The rows by number, the faults by line."""
    found = list(chunks(source, grammar, 2, Position(), block_bytes=block_bytes))
    rows = sorted(row for chunk in found for row in zip(chunk.numbers.tolist(), *chunk.frame, strict=True))
    faults = [(fault.line, fault.code, fault.found, fault.expected) for chunk in found for fault in chunk.all_faults()]
    return rows, sorted(faults)


def test_encoding_apostrophe_behind_a_capital_letter_is_not_taken_for_utf8(tmp_path: Path) -> None:
    """C9 92 is a letter in UTF-8 too; but the same one on every line of a Windows-1252 file is no sign of it."""
    data = b"id,name\n" + b"1,ANDR\xc9\x92S\n" * 100
    assert codes(check(tmp_path, data, ID, NAME, dialect=Dialect(encoding="windows-1252"))) == []


def test_encoding_found_out_late_is_told_from_its_line_and_loaded_rightly(tmp_path: Path) -> None:
    path = drop(tmp_path, a=b"id,name\n" + b"1,a\n" * 600_000 + "2,é\n".encode("cp1252") * 3_000) / "a.csv"
    schema = file_schema("a.csv", ID, NAME)
    report = check(tmp_path, path.read_bytes(), ID, NAME)
    assert [(f.code, f.line, f.count) for f in report.findings] == [("wrong-encoding", 600_002, 1)]
    assert "from line 600002 on the text is not UTF-8" in only(report, "wrong-encoding").message
    names = [frame["name"].unique().sort().to_list() for frame in typed_frames(path, schema)]
    assert {name for some in names for name in some} == {"a", "é"}


def test_encoding_that_changes_and_changes_back_is_followed(tmp_path: Path) -> None:
    windows, utf8 = "1,Zoë\n".encode("cp1252") * 3_000, "1,Zoë\n1,José\n".encode() * 3_000
    report = check(tmp_path, b"id,name\n" + windows + utf8 + windows, ID, column("name", enum=["Zoë", "José"]))
    assert [(f.code, [s.line for s in f.samples]) for f in report.findings] == [("wrong-encoding", [2, 3002, 9002])]


@pytest.mark.parametrize("beginning", [b"", b"a", b"a\0", b"ab,c", b"\0\0\0\0", b"a\0\0b\0\0\0\0"])
def test_encoding_by_mark_takes_little_for_nothing(beginning: bytes) -> None:
    assert encoding_by_mark(beginning) is None


@given(st.binary(max_size=300), st.sampled_from(["utf-8", "us-ascii"]))
def test_encoding_guess_begins_a_line(data: bytes, encoding: str) -> None:
    guess = other_encoding(data * 5, encoding)
    assert guess is None or guess.offset == 0 or (data * 5)[guess.offset - 1] == 10


LINES = st.lists(
    st.sampled_from(
        [b"1,Zo\xc3\xab\n"] * 2 + [b"1,Zo\xeb\n", b"1,\x81\n", b"1,a\n", b'"1","a\nb"\n', b'1,"a"b\n', b"1\n"]
    ),
    min_size=1,
    max_size=60,
).map(b"".join)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    parts=st.lists(LINES, max_size=4).map(lambda parts: b"".join(part * 25 for part in parts)),
    encoding=st.sampled_from(["utf-8", "us-ascii", "windows-1252", "iso-8859-1", "utf-16-le"]),
    block_bytes=st.sampled_from([50, 500, 5000]),
)
def test_encoding_every_record_is_read_or_told_once(
    tmp_path: Path, parts: bytes, encoding: str, block_bytes: int
) -> None:
    """Whatever is guessed: lines are counted right, no record comes twice or is lost, and reading comes to an end."""
    path = tmp_path / "x.csv"
    path.write_bytes(parts)
    numbers: list[int] = []
    lines: list[tuple[int, int]] = []
    with open_source(path) as source:
        for chunk in chunks(source, Grammar(encoding=encoding), 2, Position(), block_bytes=block_bytes):
            numbers += {*chunk.numbers.tolist(), *(fault.record for fault in chunk.unread() if fault.record)}
            lines += zip(chunk.numbers.tolist(), chunk.lines.tolist(), strict=True)
    assert numbers == sorted(set(numbers)) or sorted(numbers) == list(range(1, len(numbers) + 1))
    assert sorted(numbers) == list(range(1, len(numbers) + 1))
    assert all(line >= number for number, line in lines)
