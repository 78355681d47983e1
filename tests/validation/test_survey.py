"""The survey of a block against the exact reader, record by record."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from watcher.validation.reading import bits
from watcher.validation.reading.records import Grammar, Record, records
from watcher.validation.reading.survey import Survey, surveys

PIECES = st.sampled_from(
    [b"a", b"bc", b",", b"\n", b'"', b'""', b',"', b'",', b'"\n', b'\n"', b"\r\n", b"\r", b'"\r\n', b"x" * 9]
)
BLOCKS = st.lists(PIECES, max_size=60).map(b"".join)
LIMITS = st.sampled_from([6, 20, 1000])


def exactly(block: bytes, grammar: Grammar) -> list[Record]:
    return list(records(block, grammar))


def unquoted(block: bytes, grammar: Grammar, found: Survey, i: int) -> list[int]:
    """Where the survey sees delimiters in a record."""
    start, end = found.bounds[i], found.bounds[i + 1]
    delimiters = bits.offsets(found.cell_ends(grammar.delimiter[0]))
    within: list[int] = delimiters[(delimiters >= start) & (delimiters < end)].tolist()
    return within


@settings(max_examples=600)
@given(BLOCKS, LIMITS)
@example(b'a,"b\nc,d"e\nf,g\n', 1000)
@example(b'a,"b\nc,d\nf,g\n', 6)
@example(b'a"b,"c\n"d",e\n"f\n', 1000)
def test_survey_of_a_whole_file_is_that_of_the_exact_reader(block: bytes, limit: int) -> None:
    grammar = Grammar(max_record_bytes=limit)
    found = next(surveys(block, grammar, is_last=True), None)
    if not block:
        assert found is None
        return
    wanted = exactly(block, grammar)
    assert found is not None
    assert found.bounds.tolist() == [0, *(record.end for record in wanted)]
    wrong = {record.start: record for record in found.wrong}
    for i, record in enumerate(wanted):
        if record.start in wrong:
            assert wrong[record.start] == record
        else:
            assert record.fault in (None, "lone-cr")
            assert record.fault or len(unquoted(block, grammar, found, i)) + 1 == len(record.cells or (b"",))


@settings(max_examples=600)
@given(BLOCKS, BLOCKS, LIMITS)
def test_survey_of_a_part_decides_nothing_that_the_rest_could_change(block: bytes, rest: bytes, limit: int) -> None:
    grammar = Grammar(max_record_bytes=limit)
    found = next(surveys(block, grammar, is_last=False), None)
    if found is None:
        return
    assert len(found.data) == found.bounds[-1]
    wanted = exactly(block + rest, grammar)
    assert found.bounds.tolist() == [0, *(record.end for record in wanted)][: found.rows + 1]
    at_hand = {record.start: record for record in wanted}
    assert all(at_hand[record.start] == record for record in found.wrong)


@given(BLOCKS)
def test_survey_counts_lines_blanks_and_carriage_returns(block: bytes) -> None:
    grammar = Grammar()
    found = next(surveys(block, grammar, is_last=True), None)
    if found is None:
        return
    wanted = exactly(block, grammar)
    assert found.lines_ended == block.count(b"\n")
    assert found.lines(1).tolist() == [1 + block[: record.start].count(b"\n") for record in wanted]
    assert found.blank().tolist() == [record.is_blank for record in wanted]
    if not found.wrong:
        lone = bits.offsets(found.carriage_returns()[1])
        faulty = {record.start for record in wanted if record.fault == "lone-cr"}
        assert {int(found.bounds[np.searchsorted(found.bounds, at, side="right") - 1]) for at in lone} == faulty


def test_survey_reads_on_behind_a_wrong_quote_in_one_go() -> None:
    block = b'a,"b"\n"c" d,e\n' * 3 + b'f,"g\nh"\n'
    found = next(surveys(block, Grammar(), is_last=True), None)
    assert found is not None
    assert [record.fault for record in found.wrong] == ["malformed-quote"] * 3
    assert found.rows == 7


def test_survey_leaves_a_wrong_record_to_the_next_block_if_more_bytes_are_needed() -> None:
    found = next(surveys(b'a,b\nc,"d\n', Grammar(), is_last=False), None)
    assert found is not None
    assert found.data == b"a,b\n"
    assert next(surveys(b'c,"d\n', Grammar(), is_last=False), None) is None


@pytest.mark.parametrize("line", [b'"a"b,c\n', b'a"b,c\n"a"b,c\n', b"\n", b"a,b\n"])
def test_survey_of_many_short_or_wrong_records_comes_in_bounded_parts(line: bytes) -> None:
    block = line * 250_000
    parts = list(surveys(block, Grammar(), is_last=True))
    assert b"".join(part.data for part in parts) == block
    assert sum(part.rows for part in parts) == block.count(b"\n")
    assert max(part.rows for part in parts) <= 100_000
    assert max(len(part.wrong) for part in parts) <= 20_000 + 256
    assert all(part.data[: part.bounds[1]] == line[: part.bounds[1]] for part in parts)
