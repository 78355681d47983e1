"""Counting: exact numbers, the first samples of the file, one weight for findings, samples and the sink."""

from __future__ import annotations

import tracemalloc

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.validation.worlds import dataset, file_schema
from watcher.model.findings import Finding, Level, Occurrence, Sample, Severity
from watcher.schema.model import Dataset, DatasetFile, OnError, Tolerated
from watcher.validation.findings.badrecords import BadRecords
from watcher.validation.findings.collect import Breaches, Collector, occurrence
from watcher.validation.findings.policy import Policy


def add(collector: Collector, batch: Breaches) -> None:
    collector.add_chunk((), [batch])


def breaches(*lines: int, code: str = "enum", **about: object) -> Breaches:
    numbers = np.array(lines, dtype=np.int64)
    values = pl.Series([f"v{line}" for line in lines])
    settings: dict[str, object] = {"column": "role", "values": values} | about
    return Breaches(code, "the value is wrong", "a.csv", numbers, numbers - 1, **settings)  # type: ignore[arg-type]


def single(line: int, code: str = "ragged-row", record: int | None = None) -> Occurrence:
    return occurrence(code, "found 2 cells", file="a.csv", line=line, record=record, value="2 cells")


def policy(on_error: OnError, *tolerate: Tolerated, required: bool = False) -> Policy:
    schema = file_schema("a.csv", on_error=on_error)
    return Policy(Dataset("d", (DatasetFile(schema, required),), tolerate=tolerate))


def only(collector: Collector) -> Finding:
    [found] = collector.findings()
    return found


def test_add_batch_is_counted_exactly_and_shown_from_the_first_line() -> None:
    collector = Collector(samples=2)
    add(collector, breaches(9, 3, 5))
    found = only(collector)
    assert (found.count, found.line, found.level, found.severity) == (3, 3, Level.CELL, Severity.ERROR)
    assert found.samples == (Sample(3, 2, "v3"), Sample(5, 4, "v5"))


def test_add_batch_of_a_later_chunk_joins_the_finding() -> None:
    collector = Collector(samples=3)
    add(collector, breaches(9, 3))
    add(collector, breaches(12, 20))
    found = only(collector)
    assert (found.count, [sample.line for sample in found.samples]) == (4, [3, 9, 12])


def test_add_batch_without_places_is_nothing() -> None:
    collector = Collector()
    add(collector, breaches())
    assert collector.findings() == ()


def test_add_batch_value_is_bounded_and_printable() -> None:
    seen: list[Occurrence] = []
    collector = Collector(seen.append)
    add(collector, breaches(2, values=pl.Series(["\x1b[31m" + "x" * 500])))
    [sample] = only(collector).samples
    assert sample.value == seen[0].value
    assert sample.value is not None
    assert sample.value.startswith(r"\x1b[31m")
    assert len(sample.value) == 80


def test_add_batch_null_value_and_no_values_show_none() -> None:
    collector = Collector()
    add(collector, breaches(2, values=pl.Series([None], dtype=pl.String)))
    add(collector, breaches(2, column="other", values=None))
    assert [finding.samples for finding in collector.findings()] == [(Sample(2, 1, None),)] * 2


def test_sink_sees_each_place_of_a_chunk_by_line() -> None:
    seen: list[Occurrence] = []
    collector = Collector(seen.append)
    collector.add_chunk([single(7), single(4)], [breaches(9, 3, 5), breaches(5, 2, code="type")])
    assert [(one.line, one.code) for one in seen] == [
        (2, "type"), (3, "enum"), (4, "ragged-row"), (5, "enum"), (5, "type"), (7, "ragged-row"), (9, "enum"),
    ]  # fmt: skip
    assert [finding.code for finding in collector.findings()] == ["type", "enum", "ragged-row"]


def test_sink_sees_the_advice_and_message_of_each_place() -> None:
    seen: list[Occurrence] = []
    collector = Collector(seen.append)
    add(
        collector,
        breaches(
            2,
            3,
            advice="use one of them",
            advice_for=lambda values: "did you mean v4?" if list(values) == ["v3"] else None,
            message_of=lambda i: f"no. {i}",
        ),
    )
    assert [(one.advice, one.message) for one in seen] == [("use one of them", "no. 0"), ("did you mean v4?", "no. 1")]
    assert (only(collector).advice, only(collector).message) == ("use one of them", "the value is wrong")


@pytest.mark.parametrize("size", [1, 7, 19, 50])
def test_advice_is_for_the_first_values_of_all_batches(size: int) -> None:
    """It was for those of the first batch, so that it depended on how the file was cut."""
    collector = Collector()
    for first in range(2, 52, size):
        lines = range(first, min(first + size, 52))
        add(collector, breaches(*lines, advice_for=lambda values: "meant " + " ".join(values)))
    assert only(collector).advice == "meant " + " ".join(f"v{line}" for line in range(2, 22))


def test_advice_is_not_for_values_that_are_too_long_to_be_kept() -> None:
    collector = Collector()
    values = pl.Series(["x" * 20_000, "v3"])
    batch = breaches(2, 3, values=values, advice_for=lambda values: "meant " + " ".join(values))
    add(collector, batch)
    assert only(collector).advice == "meant v3"


@given(st.lists(st.lists(st.integers(2, 60), max_size=8), max_size=6), st.integers(1, 5))
def test_batches_and_single_ones_make_the_same_findings(chunks: list[list[int]], most: int) -> None:
    many, singles = Collector(samples=most), Collector(samples=most)
    for lines in chunks:
        batch = breaches(*lines)
        add(many, batch)
        singles.add_all(one for _, one in batch.occurrences())
    assert many.findings() == singles.findings()
    assert many.count("a.csv", Severity.ERROR) == sum(map(len, chunks))


def test_a_million_places_without_a_sink_cost_no_object_each() -> None:
    lines = np.arange(2, 1_000_002)
    values = pl.Series(["x"]).new_from_index(0, len(lines))
    collector = Collector()
    tracemalloc.start()
    try:
        add(collector, Breaches("enum", "wrong", "a.csv", lines, lines - 1, "role", values))
        _, most_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most_bytes < 40_000_000  # two arrays of a million numbers; the smallest object has 50 bytes
    assert only(collector).count == 1_000_000


def test_severities_of_one_code_are_two_findings() -> None:
    collector = Collector()
    add(collector, breaches(2, 3))
    add(collector, breaches(4, severity=Severity.WARNING))
    assert [(f.severity, f.count) for f in collector.findings()] == [(Severity.ERROR, 2), (Severity.WARNING, 1)]


# --- policy -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tolerated", "severity"),
    [
        (Tolerated("enum"), Severity.WARNING),
        (Tolerated("enum", file="a.csv", column="role"), Severity.WARNING),
        (Tolerated("enum", file="b.csv"), Severity.ERROR),
        (Tolerated("enum", column="id"), Severity.ERROR),
        (Tolerated("type"), Severity.ERROR),
    ],
)
def test_tolerated_code_is_a_warning_in_finding_and_sink(tolerated: Tolerated, severity: Severity) -> None:
    seen: list[Occurrence] = []
    collector = Collector(seen.append, policy=policy(OnError.REJECT_EPOCH, tolerated))
    add(collector, breaches(2, 3))
    assert (only(collector).severity, [one.severity for one in seen]) == (severity, [severity] * 2)
    assert collector.count("a.csv", severity) == 2


def test_tolerated_code_skips_no_row() -> None:
    collector = Collector(policy=policy(OnError.SKIP_ROWS, Tolerated("enum")))
    add(collector, breaches(2, 3))
    assert collector.bad_records("a.csv").tolist() == []


def test_skip_rows_remembers_the_records_of_rows_and_cells() -> None:
    collector = Collector(policy=policy(OnError.SKIP_ROWS))
    collector.add_chunk([single(30, record=29)], [breaches(9, 3), breaches(9, severity=Severity.WARNING)])
    collector.add(single(3, record=2))
    assert collector.bad_records("a.csv").tolist() == [2, 8, 29]
    assert collector.count("a.csv", Severity.SKIPPED) == 4
    assert collector.count("a.csv", Severity.ERROR) == 0


def test_skip_rows_leaves_errors_of_file_header_and_unknown_record() -> None:
    collector = Collector(policy=policy(OnError.SKIP_ROWS))
    collector.add(occurrence("missing-column", "gone", file="a.csv", line=1, column="id"))
    collector.add(single(4))
    assert {finding.severity for finding in collector.findings()} == {Severity.ERROR}
    assert collector.bad_records("a.csv").tolist() == []


def test_unskip_makes_errors_again() -> None:
    collector = Collector(policy=policy(OnError.SKIP_ROWS))
    add(collector, breaches(2, 3))
    collector.unskip(("a.csv",))
    assert (only(collector).severity, collector.count("a.csv", Severity.ERROR)) == (Severity.ERROR, 2)
    assert collector.count("a.csv", Severity.SKIPPED) == 0
    assert collector.bad_records("a.csv").tolist() == []


@pytest.mark.parametrize(("required", "severity"), [(False, Severity.SKIPPED), (True, Severity.ERROR)])
def test_reject_file_skips_every_error_unless_the_file_is_required(required: bool, severity: Severity) -> None:
    collector = Collector(policy=policy(OnError.REJECT_FILE, required=required))
    collector.add(occurrence("missing-column", "gone", file="a.csv", line=1, column="id"))
    add(collector, breaches(2))
    assert [finding.severity for finding in collector.findings()] == [severity] * 2
    assert collector.bad_records("a.csv").tolist() == []


def test_policy_of_one_file_on_its_own_holds_whatever_its_name() -> None:
    alone = Policy(schema=file_schema("users.csv", on_error=OnError.SKIP_ROWS))
    assert alone.on_error("other name.csv") is OnError.SKIP_ROWS
    assert Policy(dataset(file_schema("a.csv"))).on_error("never-heard-of") is OnError.REJECT_EPOCH


def test_reasons_name_finding_and_records() -> None:
    collector = Collector(policy=policy(OnError.SKIP_ROWS))
    add(collector, breaches(9, 3))
    collector.add(single(3, record=2))
    found = {reason.code: (reason.column, list(reason.records)) for reason in collector.reasons("a.csv")}
    assert found == {"enum": ("role", [2, 8]), "ragged-row": (None, [2])}


@pytest.mark.parametrize("on_error", OnError)
def test_tolerated_damage_of_a_row_leaves_the_row_out(on_error: OnError) -> None:
    """No tolerance can make it readable, and a loader must not stumble over it."""
    collector = Collector(policy=policy(on_error, Tolerated("ragged-row")))
    collector.add(single(4, record=3))
    assert (only(collector).severity, collector.bad_records("a.csv").tolist()) == (Severity.SKIPPED, [3])


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.one_of(st.integers(1, 50), st.lists(st.integers(1, 50), max_size=5))),
        max_size=20,
    )
)
def test_bad_records_are_sorted_and_distinct(added: list[tuple[int, int | list[int]]]) -> None:
    bad, expected = BadRecords(), set[tuple[int, int]]()
    for reason, each in added:
        if isinstance(each, int):
            bad.add(each, reason)
        else:
            bad.add_many(np.array(each, dtype=np.int64), reason)
        expected.update((number, reason) for number in ([each] if isinstance(each, int) else each))
        assert bad.numbers().tolist() == sorted({number for number, _ in expected})
    for reason in range(4):
        assert bad.because_of(reason).tolist() == sorted(number for number, why in expected if why == reason)
