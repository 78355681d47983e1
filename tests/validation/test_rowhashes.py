"""The hashes of a file's rows with their record numbers: what stands twice, and on which records."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.validation.keys import rowhashes
from watcher.validation.keys.rowhashes import RowHashes

#: with every pair of highest bits
HASHES = st.sampled_from([high << 62 | low for high in range(4) for low in range(3)])


@given(
    parts=st.lists(st.lists(st.tuples(HASHES, st.booleans()), max_size=20), max_size=5), many=st.sampled_from([0, 99])
)
def test_repeated_hashes_and_their_records_are_those_of_a_dictionary(
    parts: list[list[tuple[int, bool]]], many: int
) -> None:
    rows, number = RowHashes(), 0
    records: dict[int, list[int]] = {}
    for part in parts:
        numbers = []
        for hashed, has_gap in part:
            number += 2 if has_gap else 1
            numbers.append(number)
            records.setdefault(hashed, []).append(number)
        hashes = np.array([hashed for hashed, _ in part], dtype=np.uint64)
        rows.add(hashes, np.array(numbers, dtype=np.int64))
    twice = sorted(hashed for hashed, found in records.items() if len(found) > 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rowhashes, "_MANY", many)
        assert rows.repeated().tolist() == twice
    expected = sorted(number for hashed in twice for number in records[hashed])
    assert rows.records_of(np.array(twice, dtype=np.uint64)).tolist() == expected
    assert rows.records_of(np.array(twice, dtype=np.uint64)).tolist() == []


def test_rows_without_gaps_take_eight_bytes_each() -> None:
    rows = RowHashes()
    for start in range(0, 100_000, 1000):
        rows.add(np.arange(1000, dtype=np.uint64), np.arange(start, start + 1000, dtype=np.int64))
    assert all(further is None for _, (_, further) in rows._parts)
    assert sum(hashes.nbytes for hashes, _ in rows._parts) == 8 * 100_000
