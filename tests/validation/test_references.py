"""References: to other files, to the same file, of lists, to some rows only; and what is not judged."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.validation.test_keys import PLAIN
from tests.validation.worlds import codes, column, dataset, drop, file_schema, only
from watcher.model.findings import Occurrence, Sample
from watcher.reporting import render
from watcher.schema.model import OnError, Reference
from watcher.validation import validate, validate_file
from watcher.validation.keys import second
from watcher.validation.reading import blocks as reading

STUDENTS = file_schema("students.csv", column("id", required=True), key=("id",))
GUARDIANS = file_schema("guardians.csv", column("id"), column("student", references="students.id"))
BOTH = dataset(STUDENTS, GUARDIANS)
SCHOOL = Reference("orgs", "id", (("type", ("school",)),))
ORGS = file_schema("orgs.csv", column("id"), column("type"))


def test_reference_missing_values_are_one_finding_grouped_by_value(tmp_path: Path) -> None:
    rows = "".join(f"{i},{9 if i < 30 else 8 if i < 35 else 1}\n" for i in range(50))
    where = drop(tmp_path, students="id\n1\n", guardians="id,student\n" + rows)
    found = only(validate(where, BOTH), "unknown-reference")
    assert (found.count, found.line) == (35, 2)
    assert found.samples == (Sample(2, 1, "9", 30), Sample(32, 31, "8", 5))
    assert found.message == "the value is not in students.id, expected one that is"


@pytest.mark.parametrize(
    ("there", "here", "how"),
    [
        (["00123", "000124"], ["123", "124", "124"], "with zeros at the beginning"),
        (["123", "124"], ["00123", "0124"], "without zeros at the beginning"),
        (["a", "b"], ["a ", " b"], "without spaces before or behind"),
        (["A1", "b2"], ["a1", "B2"], "in upper or lower case"),
        (["01", "02"], ['"=""01"""', '"=""02"""'], "without = and quotes around them"),
        (["1", "2"], ["1.0", "2.0"], "without .0 at the end"),
    ],
)
def test_reference_advice_tells_values_that_are_there_in_another_way(
    tmp_path: Path, there: list[str], here: list[str], how: str
) -> None:
    students = "\n".join(["id", *there, ""])
    told = validate(drop(tmp_path, students=students, guardians="\n".join(["student", *here, ""])), BOTH)
    found = only(told, "unknown-reference")
    expected = f"the values shown are in students.id, but {how}; write them in the same way in both files"
    assert (found.count, found.advice) == (len(here), expected)
    mixed = validate(drop(tmp_path, students=students, guardians="\n".join(["student", *here, "77", ""])), BOTH)
    assert only(mixed, "unknown-reference").advice == "add the missing row, or correct it"


def test_reference_most_frequent_missing_value_is_found_among_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes late, after more other ones than are shown, and in several chunks."""
    monkeypatch.setattr(reading, "BLOCK_BYTES", 64)
    rows = [f"x{i}" for i in range(200)] + ["late", "y", "late"] * 3
    where = drop(tmp_path, students="id\n1\n", guardians="id,student\n" + "".join(f"1,{v}\n" for v in rows))
    found = only(validate(where, BOTH), "unknown-reference")
    assert found.samples[:2] == (Sample(202, 201, "late", 6), Sample(203, 202, "y", 3))
    assert (found.count, len(found.samples), found.samples[2].value) == (209, 20, "x0")


def test_reference_of_an_array_is_judged_item_by_item(tmp_path: Path) -> None:
    many = file_schema("a.csv", column("of", type="array", references="students.id"))
    where = drop(tmp_path, students="id\n1\n2\n", a='of\n"1,2"\n"2,7,7"\n\n"1, 2"\n')
    found = only(validate(where, dataset(STUDENTS, many)), "unknown-reference")
    assert [(s.line, s.value, s.count) for s in found.samples] == [(3, "7", 1), (5, " 2", 1)]


def test_reference_of_a_list_of_lists_is_judged_value_by_value(tmp_path: Path) -> None:
    """Buildings by role: an empty list refers to nothing, an empty value among others to nobody that is there."""
    lists = {"type": "array", "separator": ";", "items": {"type": "array"}}
    many = file_schema("a.csv", column("of", references="students.id", **lists))
    where = drop(tmp_path, students="id\n1\n2\n", a='of\n"1,2;;1"\n"2;7,1;7"\n\n"1,;2"\n')
    found = only(validate(where, dataset(STUDENTS, many)), "unknown-reference")
    assert [(s.line, s.value, s.count) for s in found.samples] == [(3, "7", 1), (5, "", 1)]


def test_reference_to_the_values_of_lists_of_lists_finds_each(tmp_path: Path) -> None:
    lists = {"type": "array", "separator": ";", "items": {"type": "array"}}
    target = file_schema("students.csv", column("id", **lists))
    where = drop(tmp_path, students='id\n"1,2;;3"\n', guardians="id,student\n1,2\n1,3\n1,4\n")
    found = only(validate(where, dataset(target, GUARDIANS)), "unknown-reference")
    assert [(s.line, s.value) for s in found.samples] == [(4, "4")]


def test_reference_values_of_one_list_are_shown_in_its_order(tmp_path: Path) -> None:
    """Their hashes differ in each run, and must not put them in another order, or choose others to show."""
    many = file_schema("a.csv", column("of", type="array", references="students.id"))
    values = [f"v{i * 7 % 50}" for i in range(50)]
    where = drop(tmp_path, students="id\n1\n", a=f'of\n"{",".join(values)}"\n')
    found = only(validate(where, dataset(STUDENTS, many)), "unknown-reference")
    assert [sample.value for sample in found.samples] == values[:20]


def test_reference_within_one_file_looks_at_all_its_rows(tmp_path: Path) -> None:
    orgs = file_schema("orgs.csv", column("id"), column("parent", references="orgs.id"))
    where = drop(tmp_path, orgs="id,parent\n1,2\n2,\n3,9\n4,4\n")
    assert only(validate(where, dataset(orgs)), "unknown-reference").line == 4
    assert only(validate_file(where / "orgs.csv", orgs), "unknown-reference").line == 4


def test_reference_to_a_file_that_did_not_come_is_not_judged(tmp_path: Path) -> None:
    assert codes(validate(drop(tmp_path, guardians="id,student\nA,9\n"), BOTH)) == []


@pytest.mark.parametrize("header", ["nr", "ID", ""])
def test_reference_to_a_broken_header_is_not_judged(tmp_path: Path, header: str) -> None:
    report = validate(drop(tmp_path, students=f"{header}\n1\n", guardians="id,student\nA,9\n"), BOTH)
    assert ("unknown-reference" in codes(report)) is (header == "ID")  # a name nearly right is the column


def test_reference_text_that_counts_as_empty_is_not_judged(tmp_path: Path) -> None:
    child = file_schema("a.csv", column("of", references="students.id", nulls=("NULL",)))
    where = drop(tmp_path, students="id\n1\n", a="of\nNULL\n1\n")
    assert codes(validate(where, dataset(STUDENTS, child))) == []


def test_reference_into_a_file_with_unread_rows_says_so(tmp_path: Path) -> None:
    where = drop(tmp_path, students="id\n1\n2,2\n", guardians="id,student\nA,2\n")
    assert only(validate(where, BOTH), "unknown-reference").advice.startswith("correct the rows of students.csv")


def test_reference_that_is_not_utf8_is_told_as_that_alone(tmp_path: Path) -> None:
    where = drop(tmp_path, students="id\n1\n", guardians=b"id,student\nA,1\nB,\xe9\n")
    assert codes(validate(where, BOTH)) == ["encoding"]


# To some rows only


def test_reference_where_counts_only_rows_that_meet_it(tmp_path: Path) -> None:
    users = file_schema("users.csv", column("org", references=SCHOOL))
    seen: list[Occurrence] = []
    where = drop(tmp_path, orgs="id,type\n1,school\n2,district\n3,\n", users="org\n1\n2\n3\n4\n2\n")
    found = only(validate(where, dataset(ORGS, users), sink=seen.append), "unknown-reference")
    missing = "the value is not in orgs.id where type is school, expected one that is"
    there = "the value is in orgs.id, but its type is not school, expected one of orgs.id where type is school"
    assert [o.message for o in seen] == [there, there, missing, there]
    assert found.message == f"{missing}; 2 of 3 values, found 3 times, are in orgs.id, but their type is not school"
    assert [(s.value, s.count) for s in found.samples] == [("2", 2), ("3", 1), ("4", 1)]


def test_reference_where_reason_that_all_share_is_the_message(tmp_path: Path) -> None:
    either = Reference("orgs", "id", (("type", ("school", "district")), ("open", ("yes",))))
    orgs = file_schema("orgs.csv", column("id"), column("type"), column("open"))
    users = file_schema("users.csv", column("org", references=either))
    where = drop(tmp_path, orgs="id,type,open\n1,school,no\n2,district,yes\n", users="org\n1\n2\n")
    found = only(validate(where, dataset(orgs, users)), "unknown-reference")
    assert found.message.startswith(
        "the value is in orgs.id, but its row is not one of orgs.id where type is school or district and open is yes"
    )


@pytest.mark.parametrize("texts", [("",), ("NULL",), ("x", "")])
def test_reference_where_a_cell_is_empty_counts_the_rows_without_text(tmp_path: Path, texts: tuple[str, ...]) -> None:
    orgs = file_schema("orgs.csv", column("id"), column("parent", nulls=("NULL",)))
    schools = file_schema("a.csv", column("root", references=Reference("orgs", "id", (("parent", texts),))))
    where = drop(tmp_path, orgs="id,parent\n1,\n2,1\n3,NULL\n", a="root\n1\n2\n3\n")
    assert [s.value for s in only(validate(where, dataset(orgs, schools)), "unknown-reference").samples] == ["2"]


def test_reference_where_on_a_column_that_is_not_there_is_not_judged(tmp_path: Path) -> None:
    users = file_schema("users.csv", column("org", references=SCHOOL))
    assert codes(validate(drop(tmp_path, orgs="id\n1\n", users="org\n7\n"), dataset(ORGS, users))) == []


# Rows that are left out


SKIPPING = OnError.SKIP_ROWS
NUMBERED = file_schema("students.csv", column("id"), column("n", type="integer"), key=("id",), on_error=SKIPPING)


def test_reference_to_a_row_that_is_left_out_is_unknown(tmp_path: Path) -> None:
    """Left out by its cells, or by a key that stands twice, though children come first by name."""
    where = drop(tmp_path, students="id,n\n1,1\n2,x\n3,3\n3,3\n", guardians="id,student\nA,1\nB,2\nC,3\n")
    found = only(validate(where, dataset(GUARDIANS, NUMBERED)), "unknown-reference")
    assert [(s.line, s.value) for s in found.samples] == [(3, "2"), (4, "3")]
    assert found.message.startswith("the value is in students.id, but its row is left out")
    assert found.advice == "correct the rows of students.csv that are left out first"


def test_reference_advice_names_rows_left_out_only_where_they_are_why(tmp_path: Path) -> None:
    """A row that can't be read hides its key; one that was read and left out does not."""
    children = "id,student\nA,7\n"
    readable = validate(drop(tmp_path, students="id,n\n1,1\n2,x\n", guardians=children), dataset(GUARDIANS, NUMBERED))
    assert only(readable, "unknown-reference").advice == "add the missing row, or correct it"
    torn = validate(drop(tmp_path, students="id,n\n1,1\n2\n", guardians=children), dataset(GUARDIANS, NUMBERED))
    told = "correct the rows of students.csv that could not be read first"
    assert only(torn, "unknown-reference").advice == told
    both = drop(tmp_path, students="id,n\n1,x\n2\n", guardians="id,student\nA,1\n")
    told = "correct the rows of students.csv that are left out first"
    assert only(validate(both, dataset(GUARDIANS, NUMBERED)), "unknown-reference").advice == told


def test_reference_in_one_file_follows_rows_that_are_left_out(tmp_path: Path) -> None:
    parent = column("parent", references="orgs.id")
    orgs = file_schema("orgs.csv", column("id"), parent, column("n", type="integer"), on_error=SKIPPING)
    child = file_schema("a.csv", column("org", references="orgs.id"))
    rows = "id,parent,n\n5,4,\n4,3,\n3,2,\n2,1,\n1,,x\n6,,\n"
    report = validate(drop(tmp_path, orgs=rows, a="org\n5\n6\n"), dataset(child, orgs))
    assert [f.skipped for f in report.files if f.name == "orgs.csv"] == [(1, 2, 3, 4, 5)]
    found = [f for f in report.findings if f.code == "unknown-reference"]
    assert [(f.file, f.count) for f in found] == [("orgs.csv", 4), ("a.csv", 1)]
    assert [s.value for s in found[0].samples] == ["4", "3", "2", "1"] or found[0].count == 4


def test_reference_between_two_files_follows_rows_that_are_left_out(tmp_path: Path) -> None:
    a = file_schema("a.csv", column("id"), column("b", references="b.id"), on_error=SKIPPING)
    b = file_schema("b.csv", column("id"), column("a", references="a.id"), on_error=SKIPPING)
    report = validate(drop(tmp_path, a="id,b\n1,1\n2,2\n3,9\n", b="id,a\n1,2\n2,3\n7,\n"), dataset(a, b))
    assert [f.skipped for f in report.files] == [(1, 2, 3), (1, 2)]


def test_reference_that_is_followed_too_far_rejects_the_drop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second, "ROUNDS", 2)
    orgs = file_schema("orgs.csv", column("id"), column("parent", references="orgs.id"), on_error=SKIPPING)
    rows = "id,parent\n" + "".join(f"{i},{i - 1}\n" for i in range(9))
    report = validate(drop(tmp_path, orgs=rows), dataset(orgs))
    assert report.errors
    assert "too-many-skipped-rows" in codes(report)
    assert report.files[0].skipped == ()
    assert (report.files[0].skipped_errors, report.skipped_errors) == (0, 0)


def test_reference_in_one_file_tells_the_root_cause_and_what_hangs_on_it(tmp_path: Path) -> None:
    """The first reading's message stood for all three, though two of the values are there."""
    orgs = file_schema("o.csv", column("id"), column("parent", references="o.id"), on_error=SKIPPING)
    seen: list[Occurrence] = []
    report = validate(drop(tmp_path, o="id,parent\n1,9\n2,1\n5,1\n3,2\n4,\n"), dataset(orgs), sink=seen.append)
    found = only(report, "unknown-reference")
    nowhere = "the value is not in o.id, expected one that is"
    hanging = "the value is in o.id, but its row is left out, expected one of o.id"
    assert found.message == f"{nowhere}; 2 of 3 values, found 3 times, are in o.id, but their rows are left out"
    assert found.advice == "add the missing row, or correct it; where rows of o.csv are left out, correct those first"
    assert [(s.value, s.count) for s in found.samples] == [("9", 1), ("1", 2), ("2", 1)]
    assert [o.message for o in sorted(seen, key=lambda o: o.line or 0)] == [nowhere, hanging, hanging, hanging]
    assert {o.advice for o in seen if o.message == hanging} == {"correct the rows of o.csv that are left out first"}
    [file] = report.files
    assert {(r.message, tuple(r.records)) for r in file.reasons} == {(nowhere, (1,)), (hanging, (2, 3, 4))}


@pytest.mark.parametrize(("cell", "alone"), [("1;;1", True), ("1;", True), ("8;;9;;", False)])
def test_reference_of_a_list_tells_of_an_empty_value(tmp_path: Path, cell: str, alone: bool) -> None:
    """It was told as an empty cell, which nobody found."""
    of = column("of", type="array", separator=";", references="students.id")
    where = drop(tmp_path, students="id\n1\n", a=f"of\n{cell}\n")
    seen: list[Occurrence] = []
    report = validate(where, dataset(STUDENTS, file_schema("a.csv", of)), sink=seen.append)
    found = only(report, "unknown-reference")
    empty = "a value in the list is empty, expected one that is in students.id"
    advice = "add the missing row, or correct it; where a value in a list is empty, remove the surplus separator"
    if alone:
        assert (found.message, found.advice) == (empty, "remove the surplus separator")
    else:
        assert found.message == "the value is not in students.id, expected one that is; 1 of 3 values is empty"
        assert found.advice == advice
    assert [o.message for o in seen if o.value == ""] == [empty]
    for form in ("text", "html"):
        assert "an empty value in the list" in render(report, form)


# Against a dictionary


IDS = st.sampled_from(["", "1", "2", "3", "10", "é"])


@PLAIN
@given(
    orgs=st.lists(st.tuples(IDS, st.sampled_from(["", "school", "other"]), IDS), max_size=15),
    users=st.lists(st.lists(IDS, max_size=3), max_size=25),
    block=st.integers(8, 60),
    jobs=st.sampled_from([1, 3]),
)
def test_references_found_are_those_of_a_dictionary(
    tmp_path: Path, orgs: list[tuple[str, str, str]], users: list[list[str]], block: int, jobs: int
) -> None:
    parents = file_schema("orgs.csv", column("id"), column("type"), column("parent", references="orgs.id"))
    of = column("orgs", type="array", separator=";", references=SCHOOL)
    children = file_schema("users.csv", column("id"), of)
    where = drop(
        tmp_path,
        orgs="id,type,parent\n" + "".join(f"{','.join(row)}\n" for row in orgs),
        users="id,orgs\n" + "".join(f"u,{';'.join(row)}\n" for row in users),
    )
    seen: list[Occurrence] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "BLOCK_BYTES", block)
        report = validate(where, dataset(parents, children), sink=seen.append, jobs=jobs)
    found = Counter((o.file, o.record, o.value) for o in seen if o.code == "unknown-reference")
    ids = {i for i, _, _ in orgs if i}
    schools = {i for i, kind, _ in orgs if i and kind == "school"}
    lists = [[] if ";".join(row) == "" else row for row in users]
    expected = {("orgs.csv", n, p) for n, (_, _, p) in enumerate(orgs, 1) if p and p not in ids}
    expected |= {("users.csv", n, v) for n, row in enumerate(lists, 1) for v in row if v not in schools}
    assert found == Counter(expected)
    of_users = Counter(v for file, _, v in expected if file == "users.csv")
    shown = {
        s.value: s.count for f in report.findings if f.file == "users.csv" for s in f.samples if f.column == "orgs"
    }
    assert shown == of_users
