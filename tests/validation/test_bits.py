"""Bitmaps against the obvious loops."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.validation.reading import bits

BLOCKS = st.one_of(
    st.lists(st.sampled_from(b'ab,"\n\xe9'), max_size=300).map(bytes),
    st.builds(lambda parts: b"".join(b"x" * n + b'"' for n in parts), st.lists(st.integers(0, 200), max_size=8)),
)


def array(block: bytes) -> bits.Bytes:
    return np.frombuffer(block, dtype=np.uint8)


def places(block: bytes, byte: int = ord('"')) -> list[int]:
    return [i for i, found in enumerate(block) if found == byte]


@given(BLOCKS)
def test_offsets_are_those_of_the_byte(block: bytes) -> None:
    found = bits.bitmap(array(block), ord('"'))
    assert bits.offsets(found).tolist() == places(block)
    assert bits.count(found) == len(places(block))


@given(BLOCKS)
def test_high_bits_are_bytes_beyond_ascii(block: bytes) -> None:
    assert bits.offsets(bits.high_bits(array(block))).tolist() == places(block, 0xE9)


@given(BLOCKS)
def test_after_and_before_move_by_one_byte(block: bytes) -> None:
    found = bits.bitmap(array(block), ord('"'))
    room = 64 * len(found)
    assert bits.offsets(bits.after(found)).tolist() == [i + 1 for i in places(block) if i + 1 < room]
    assert bits.offsets(bits.before(found)).tolist() == [i - 1 for i in places(block) if i]


@given(BLOCKS)
def test_odd_is_the_parity_of_the_bits_so_far(block: bytes) -> None:
    found = bits.odd(bits.bitmap(array(block), ord('"')))
    assert [bits.is_set(found, i) for i in range(len(block))] == [
        block[: i + 1].count(b'"') % 2 == 1 for i in range(len(block))
    ]


@given(BLOCKS)
def test_ranks_count_the_bits_before(block: bytes) -> None:
    ranks = bits.Ranks.of(bits.bitmap(array(block), ord('"')))
    everywhere = np.arange(len(block) + 1)
    assert ranks.before(everywhere).tolist() == [block[:i].count(b'"') for i in range(len(block) + 1)]


@pytest.mark.parametrize("size", [256 * 1024 - 1, 256 * 1024, 256 * 1024 + 65])
def test_bitmap_of_several_steps_is_seamless(size: int) -> None:
    block = (b"a" * 99 + b'"') * (size // 100) + b'"' * (size % 100)
    assert bits.offsets(bits.bitmap(array(block), ord('"'))).tolist() == places(block)


def test_offsets_of_a_dense_bitmap() -> None:
    assert bits.offsets(bits.bitmap(array(b'"' * 1000), ord('"'))).tolist() == list(range(1000))


def test_none_of_an_empty_block() -> None:
    assert bits.count(bits.none(array(b""))) == 0
    assert bits.offsets(bits.none(array(b""))).tolist() == []
