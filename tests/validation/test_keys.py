"""Keys and unique columns: every row of a group, compared by text, whatever the blocks and the hashes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.validation.worlds import check, codes, column, dataset, drop, file_schema, only
from watcher.model.findings import Occurrence, Severity
from watcher.model.report import Verdict
from watcher.validation import epoch, validate
from watcher.validation.keys.hashes import Hashes
from watcher.validation.keys.keys import Suspects
from watcher.validation.reading import blocks as reading

STUDENTS = dataset(file_schema("students.csv", column("id", required=True), key=("id",)))
PLAIN = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def weak_hasher() -> object:
    """Collides all the time: there are only seven hashes."""

    def hashes(texts: pl.Series) -> Hashes:
        return (texts.hash(1) % 7).to_numpy().astype(np.uint64)

    return hashes


def test_key_each_row_is_an_occurrence_that_names_another(tmp_path: Path) -> None:
    seen: list[Occurrence] = []
    where = drop(tmp_path, students="id\n1\n2\n1\n1\n")
    found = only(validate(where, STUDENTS, sink=seen.append), "duplicate-key")
    assert (found.count, found.line, [s.line for s in found.samples]) == (3, 2, [2, 4, 5])
    assert found.message == "the key id stands on more than one row, expected it once"
    assert [(o.line, o.record, o.message) for o in seen] == [
        (2, 1, "the key id stands on line 4 again, expected it once"),
        (4, 3, "the key id stands on line 2 already, expected it once"),
        (5, 4, "the key id stands on line 2 already, expected it once"),
    ]


def test_key_of_two_columns_is_their_pair_and_a_half_empty_one_is_a_key(tmp_path: Path) -> None:
    rows = "a,b\n1,2\n2,1\n,1\n,1\n,\n,\n1,2\n"
    found = only(check(tmp_path, rows, column("a"), column("b"), key=("a", "b")), "duplicate-key")
    assert ([s.line for s in found.samples], found.column) == ([2, 4, 5, 8], "a + b")
    assert [s.value for s in found.samples] == ["1 + 2", " + 1", " + 1", "1 + 2"]


def test_key_text_that_counts_as_empty_is_none(tmp_path: Path) -> None:
    assert codes(check(tmp_path, "id\n-\n-\n", column("id", nulls=("-",)), key=("id",))) == []


def test_key_of_which_a_column_is_missing_is_not_judged(tmp_path: Path) -> None:
    report = check(tmp_path, "a\n1\n1\n", column("a"), column("b"), key=("a", "b"))
    assert codes(report) == []


def test_unique_column_has_each_value_once_and_any_number_of_empty_cells(tmp_path: Path) -> None:
    mail = column("mail", unique=True, severity=Severity.WARNING)
    report = check(tmp_path, "id,mail\n1,x\n2,\n3,\n4,x\n", column("id"), mail, key=("id",))
    found = only(report, "duplicate-value")
    assert (found.count, found.column, [s.line for s in found.samples]) == (2, "mail", [2, 5])
    assert found.message == "the value of mail stands on more than one row, expected it once"
    assert report.verdict is Verdict.ACCEPTED


def test_unique_column_that_is_the_key_is_told_once(tmp_path: Path) -> None:
    assert codes(check(tmp_path, "id\n1\n1\n", column("id", unique=True), key=("id",))) == ["duplicate-key"]


def test_key_same_hash_of_other_text_is_no_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(epoch, "seeded_hasher", weak_hasher)
    rows = "".join(f"{i}\n" for i in range(100))
    found = only(validate(drop(tmp_path, students="id\n" + rows + "42\n"), STUDENTS), "duplicate-key")
    assert (found.count, [s.line for s in found.samples]) == (2, [44, 102])


def test_key_many_suspects_are_compared_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Suspects.parts, "__defaults__", (1,))
    found = only(validate(drop(tmp_path, students="id\n1\n2\n3\n3\n2\n1\n"), STUDENTS), "duplicate-key")
    assert (found.count, [s.value for s in found.samples]) == (6, ["1", "2", "3", "3", "2", "1"])


CELLS = st.sampled_from(["", "a", "b", "ab", "é", "a+b", "NULL"])


@PLAIN
@given(
    rows=st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=40),
    weak=st.booleans(),
    block=st.integers(8, 60),
    jobs=st.sampled_from([1, 3]),
)
def test_duplicates_are_those_of_a_dictionary(
    tmp_path: Path, rows: list[tuple[str, str, str]], weak: bool, block: int, jobs: int
) -> None:
    schema = file_schema("a.csv", column("k"), column("l"), column("u", unique=True, nulls=("NULL",)), key=("k", "l"))
    where = drop(tmp_path, a="".join(f"{','.join(row)}\n" for row in [("k", "l", "u"), *rows]))
    seen: list[Occurrence] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "BLOCK_BYTES", block)
        if weak:
            patch.setattr(epoch, "seeded_hasher", weak_hasher)
        report = validate(where, dataset(schema), sink=seen.append, jobs=jobs)
    found = {(o.record, o.column, o.message) for o in seen if o.code.startswith("duplicate")}
    pairs = {i: row[:2] for i, row in enumerate(rows) if any(row[:2])}
    values = {i: u for i, (_, _, u) in enumerate(rows) if u not in ("", "NULL")}
    assert found == expected(pairs, "k + l", "the key k + l") | expected(values, "u", "the value of u")
    assert report.errors == len(found)


def expected(texts: Mapping[int, object], name: str, subject: str) -> set[tuple[int | None, str | None, str]]:
    """(record, column, message) of each row whose text stands on several; a record `i` from 1 is on line `i + 1`."""
    groups: dict[object, list[int]] = defaultdict(list)
    for i, text in texts.items():
        groups[text].append(i + 1)
    found: set[tuple[int | None, str | None, str]] = set()
    for first, *others in groups.values():
        for record in [first, *others] if others else ():
            other = others[0] + 1 if record == first else first + 1
            word = "again" if record == first else "already"
            found.add((record, name, f"{subject} stands on line {other} {word}, expected it once"))
    return found


def test_key_long_texts_are_compared_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are known by a digest, which must tell apart what is alike for long."""
    monkeypatch.setattr(epoch, "seeded_hasher", weak_hasher)
    long = "x" * 300
    rows = f"a,b\n{long}1,y\n{long}1,y\n{long},1y\n" + "".join(f"{long}{i},z\n" for i in range(20))
    found = only(check(tmp_path, rows, column("a"), column("b"), key=("a", "b")), "duplicate-key")
    assert [s.line for s in found.samples] == [2, 3]


def test_key_of_a_row_that_was_looked_at_alone_is_told_with_its_like(tmp_path: Path) -> None:
    """Such rows stand behind the others of their block; only a few of many records are read again."""
    rows = [b"%d,x" % n for n in range(500)]
    rows[0], rows[300], rows[400] = b"0,\xe9", b"0,\xe9", b"0,x"
    report = check(tmp_path, b"id,name\n" + b"\n".join(rows) + b"\n", column("id"), column("name"), key=("id",))
    found = only(report, "duplicate-key")
    assert [sample.line for sample in found.samples] == [2, 302, 402]
