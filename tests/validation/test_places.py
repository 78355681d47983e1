"""Records that are read again from where they stand, against a whole second reading."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from watcher.validation.reading.blocks import Position, chunks
from watcher.validation.reading.places import RecordIndex
from watcher.validation.reading.records import Grammar
from watcher.validation.reading.rows import Chunk
from watcher.validation.reading.source import open_source

GRAMMAR = Grammar(max_record_bytes=60)
PIECES = st.sampled_from(
    [b"a,b\n", b"\n", b"\r\n", b'"c\nd",e\n', b"a\n", b'"a"b,c\n', b'a,"b\n', b'"",f\r\n', b"\xe9,"]
)
FILES = st.lists(PIECES, max_size=30).map(b"".join)


def rows(chunk: Chunk) -> dict[int, tuple[int, tuple[str | None, ...]]]:
    """Line and cells by record number."""
    every = zip(chunk.numbers.tolist(), chunk.lines.tolist(), chunk.frame.rows(), strict=True)
    return {number: (line, cells) for number, line, cells in every}


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(FILES, st.sampled_from([70, 130, 1000]), st.data())
def test_places_give_the_records_that_a_whole_reading_gives(
    tmp_path: Path, data: bytes, block_bytes: int, draw: st.DataObject
) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"a,b\n" * 50 + data)
    index = RecordIndex()
    known: dict[int, tuple[int, tuple[str | None, ...]]] = {}
    with open_source(path) as source:
        for chunk in chunks(source, GRAMMAR, 2, Position(), block_bytes=block_bytes):
            index.take(chunk)
            known |= rows(chunk)
        wanted = sorted(draw.draw(st.sets(st.sampled_from(sorted(known)), max_size=2)))
        places = index.places(np.array(wanted, dtype=np.int64))
        found = (
            {} if places is None else {n: row for c in places.chunks(source, GRAMMAR, 2) for n, row in rows(c).items()}
        )
    assert places is None or found == {number: known[number] for number in wanted}


def test_places_of_an_ordinary_file_are_known(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b'a,b\n\n"c\nd",e\n' * 50)
    index = RecordIndex()
    with open_source(path) as source:
        for chunk in chunks(source, GRAMMAR, 2, Position(), block_bytes=70):
            index.take(chunk)
        places = index.places(np.array([2, 100], dtype=np.int64))
        assert places is not None
        [chunk] = places.chunks(source, GRAMMAR, 2)
    assert rows(chunk) == {2: (3, ("c\nd", "e")), 100: (199, ("c\nd", "e"))}
    assert index.places(np.arange(1, 50, dtype=np.int64)) is None
