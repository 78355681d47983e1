"""How a file is written, told from its beginning."""

from __future__ import annotations

import pytest

from watcher.drafting.sniffing import sniff
from watcher.schema.model import Dialect

TABLE = "id{d}name{d}seen\n1{d}Ann{d}x\n2{d}Bob{d}y\n"


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|", "~", "^", "\x1f"])
def test_sniff_delimiter(delimiter: str) -> None:
    assert sniff(TABLE.format(d=delimiter).encode()) == Dialect(delimiter)


@pytest.mark.parametrize(
    ("text", "quote", "escape"),
    [
        ('a,b\n"x, ""y""",1\nz,2\n', '"', None),
        ('a,b\n"x \\"y\\", z",1\nq,2\n', '"', "\\"),
        ("a,b\n'x, y','1'\n'z, w','2'\n", "'", None),
        ("a,b\n" + '1,"x, y"\n' * 30, '"', None),
        ('a,b\n6" pipe,1\n"5" pipe,2\n', None, None),
    ],
)
def test_sniff_quote_and_escape(text: str, quote: str | None, escape: str | None) -> None:
    found = sniff(text.encode())
    assert (found.delimiter, found.quote, found.escape) == (",", quote, escape)


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("a,b\nMüller,1\n".encode(), "utf-8"),
        (b"\xef\xbb\xbfa,b\n1,2\n", "utf-8"),
        ("a,b\nMüller,1\n".encode("cp1252"), "windows-1252"),
        (b"a,b\n\x81,1\n", "iso-8859-1"),
        ("a,b\nMüller,1\n".encode("utf-16"), "utf-16"),
        ("a,b\nMuller,1\n".encode("utf-16-le"), "utf-16"),
        (b"", "utf-8"),
    ],
)
def test_sniff_encoding(data: bytes, encoding: str) -> None:
    assert sniff(data).encoding == encoding


@pytest.mark.parametrize(
    ("text", "header"),
    [("id,name\n1,Ann\n", True), ("1,Ann\n2,Bob\n", False), ("Ann,2012-01-02\n", False), ("a@b.org,x\n", False), ("one\n", True), ("7\n", False)],
)  # fmt: skip
def test_sniff_header_line(text: str, header: bool) -> None:
    assert sniff(text.encode()).header is header
    assert sniff(text.encode(), header=not header).header is not header
