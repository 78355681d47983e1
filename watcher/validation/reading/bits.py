"""Bitmaps of a block: one bit for each byte, set where one certain byte stands.

Offsets of all delimiters of a block would take eight bytes each, more than the block itself; a bitmap takes an eighth
of it, and counting, shifting and the parity of quotes are a few operations on 64 bytes at once.

A bitmap is an array of 64-bit words, lowest bit first; bits behind the end of the block are 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Bitmap = npt.NDArray[np.uint64]
Offsets = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

#: Temporaries of a whole block cost more in page faults than the comparison itself.
_STEP_BYTES = 256 * 1024
#: Up to so many, on average, taking the lowest bit of each word in turn is the quickest way.
_MANY_IN_A_WORD = 8
ONE = np.uint64(1)
_TOP, _WORD_BITS = np.uint64(63), 64
_ALL = np.uint64(0xFFFF_FFFF_FFFF_FFFF)
_SHIFTS = tuple(np.uint64(1 << i) for i in range(6))


def bitmap(array: Bytes, byte: int) -> Bitmap:
    """Where a byte stands."""
    return _packed(array, lambda part: part == byte)


def high_bits(array: Bytes) -> Bitmap:
    """Where bytes beyond ASCII stand."""
    return _packed(array, lambda part: part > 127)  # noqa: PLR2004 (the last of ASCII)


def words(size_bytes: int) -> int:
    """How many words a bitmap of so many bytes has."""
    return (size_bytes + _WORD_BITS - 1) // _WORD_BITS


def none(array: Bytes) -> Bitmap:
    """No byte at all."""
    return np.zeros(words(len(array)), dtype=np.uint64)


def count(bits: Bitmap) -> int:
    """How many bits are set."""
    return int(np.bitwise_count(bits).sum(dtype=np.int64))


def offsets(bits: Bitmap) -> Offsets:
    """Where the bits are set, in order."""
    if count(bits) > _MANY_IN_A_WORD * len(bits):
        return np.flatnonzero(np.unpackbits(bits.view(np.uint8), bitorder="little"))
    at = np.flatnonzero(bits)
    left = bits[at]
    found: list[Offsets] = []
    while len(at):
        lowest = left & (~left + ONE)
        found.append((at << 6) + np.bitwise_count(lowest - ONE))
        left ^= lowest
        has_more = left != 0
        at, left = at[has_more], left[has_more]
    return found[0] if len(found) == 1 else np.sort(np.concatenate([at, *found]))


def after(bits: Bitmap) -> Bitmap:
    """Each bit one byte further on."""
    moved = bits << ONE
    moved[1:] |= bits[:-1] >> _TOP
    return moved


def before(bits: Bitmap) -> Bitmap:
    """Each bit one byte back."""
    moved = bits >> ONE
    moved[:-1] |= bits[1:] << _TOP
    return moved


def odd(bits: Bitmap) -> Bitmap:
    """Set where an odd number of bits are set up to that byte, its own included."""
    parity = bits.copy()
    for shift in _SHIFTS:
        parity ^= parity << shift
    is_odd = (np.bitwise_count(bits) & 1).astype(np.uint8)
    carried = np.bitwise_xor.accumulate(is_odd)[:-1].astype(bool)
    parity[1:][carried] ^= _ALL
    return parity


@dataclass(frozen=True, slots=True)
class Ranks:
    """How many bits are set before an offset."""

    bits: Bitmap
    before_word: Offsets

    @classmethod
    def of(cls, bits: Bitmap) -> Ranks:
        """The counts of a bitmap."""
        before_word = np.zeros(len(bits) + 1, dtype=np.int64)
        np.cumsum(np.bitwise_count(bits), out=before_word[1:])
        return cls(np.append(bits, np.uint64(0)), before_word)

    def before(self, at: Offsets) -> Offsets:
        """How many bits are set before each of the offsets, of which the last may be the end of the block."""
        word = at >> 6
        below = (ONE << (at & (_WORD_BITS - 1)).astype(np.uint64)) - ONE
        found: Offsets = self.before_word[word] + np.bitwise_count(self.bits[word] & below)
        return found


def set_at(bits: Bitmap, at: int) -> None:
    """Set the bit of an offset, if the bitmap has one for it."""
    if at >> 6 < len(bits):
        bits[at >> 6] |= ONE << np.uint64(at & (_WORD_BITS - 1))


def cut(bits: Bitmap, size_bytes: int) -> Bitmap:
    """The bits of the first so many bytes."""
    kept = bits[: words(size_bytes)].copy()
    if used := size_bytes & (_WORD_BITS - 1):
        kept[-1] &= (ONE << np.uint64(used)) - ONE
    return kept


def part(bits: Bitmap, start: int, end: int) -> Bitmap:
    """The bits of the bytes from one offset to another, as a bitmap of its own."""
    shift = np.uint64(start & (_WORD_BITS - 1))
    found = bits[start >> 6 : words(end)].copy()
    if shift:
        higher = found[1:] << (np.uint64(_WORD_BITS) - shift)
        found >>= shift
        found[:-1] |= higher
    return cut(found, end - start)


def is_set(bits: Bitmap, at: int) -> bool:
    """Whether the bit of an offset is set."""
    return bool(int(bits[at >> 6]) >> (at & (_WORD_BITS - 1)) & 1)


def _packed(array: Bytes, test: Callable[[Bytes], Flags]) -> Bitmap:
    packed = np.zeros(words(len(array)) * 8, dtype=np.uint8)
    for start in range(0, len(array), _STEP_BYTES):
        part = np.packbits(test(array[start : start + _STEP_BYTES]), bitorder="little")
        packed[start // 8 : start // 8 + len(part)] = part
    return packed.view(np.uint64)
