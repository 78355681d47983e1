"""Text in other encodings: decoded right, whatever is read of it in which order, and what can't be decoded stays a fault."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from watcher.validation.reading import transcode
from watcher.validation.reading.records import Grammar
from watcher.validation.reading.source import open_source
from watcher.validation.reading.transcode import Transcoded, text_of

ENCODINGS = {
    "windows-1252": "cp1252",
    "iso-8859-1": "latin-1",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "utf-32-le": "utf-32-le",
    "utf-32-be": "utf-32-be",
}
TEXTS = st.text(st.sampled_from('a,"\n\r€é™ÿ'), max_size=60)
WIDE_TEXTS = st.text(st.sampled_from("a,\n€é\U0001f600漢"), max_size=60)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    encoding=st.sampled_from([name for name in ENCODINGS if name.startswith("utf")]),
    text=WIDE_TEXTS,
    reads=st.lists(st.tuples(st.integers(0, 250), st.integers(1, 60)), min_size=1, max_size=8),
)
def test_transcode_any_part_of_a_wide_text_is_what_python_decodes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str, text: str, reads: list[tuple[int, int]]
) -> None:
    monkeypatch.setattr(transcode, "PIECE_BYTES", 8)
    monkeypatch.setattr(transcode, "_KEPT_PIECES", 2)
    path = tmp_path / "x"
    path.write_bytes(text.encode(ENCODINGS[encoding]))
    with open_source(path) as source:
        view = Transcoded(source, encoding)
        for offset, length in reads:
            assert view.read(offset, length) == text.encode()[offset : offset + length]


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=TEXTS, raw=st.integers(0, 20), at=st.integers(0, 60))
def test_transcode_place_in_the_file_is_that_of_the_character(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, raw: int, at: int
) -> None:
    monkeypatch.setattr(transcode, "PIECE_BYTES", 7)
    path = tmp_path / "x"
    path.write_bytes(text.encode("cp1252"))
    raw, at = min(raw, len(text)), min(at, len(text))
    with open_source(path) as source:
        view = Transcoded(source, "windows-1252", offset=1000, raw=raw)
        assert view.read(1000, 500) == text[raw:].encode()
        if at >= raw:
            assert view.raw_at(1000 + len(text[raw:at].encode())) == at


@pytest.mark.parametrize(
    ("encoding", "data", "expected"),
    [
        ("windows-1252", b"a\x81b\n", (b"a", b"b\n")),
        ("utf-16-le", b"a\0\x00\xd8b\0", (b"a", b"b")),
        ("utf-16-be", b"\0a\xdc\x00\0b", (b"a", b"b")),
        ("utf-16-le", b"a\0b", (b"a", b"")),
        ("utf-16-le", b"a\0\x00\xd8", (b"a", b"")),
        ("utf-32-le", b"a\0\0\0\xff\xff\xff\xffb\0\0\0", (b"a", b"b")),
    ],
)
def test_transcode_what_has_no_meaning_is_no_utf8_either(
    tmp_path: Path, encoding: str, data: bytes, expected: tuple[bytes, bytes]
) -> None:
    path = tmp_path / "x"
    path.write_bytes(data)
    with open_source(path) as source:
        text = Transcoded(source, encoding).read(0, 100)
    assert text.startswith(expected[0])
    assert text.endswith(expected[1])
    with pytest.raises(UnicodeDecodeError):
        text.decode()


def test_transcode_plain_file_is_read_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"a\rb\n")
    with open_source(path) as source:
        assert text_of(source, Grammar()) is source
        assert text_of(source, Grammar(old_line_ends=True)).read(0, 10) == b"a\nb\n"
