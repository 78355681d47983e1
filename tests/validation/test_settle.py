"""What becomes of a drop with errors: rejected, a file left out, rows left out, or too many of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.validation.worlds import codes, column, drop, file_schema, only
from watcher.model.findings import Occurrence, Severity
from watcher.model.report import Verdict
from watcher.schema.model import (
    Check,
    Dataset,
    DatasetFile,
    FileSchema,
    Manifest,
    OnError,
    RowLimit,
    RowRule,
    Tolerated,
)
from watcher.validation import validate, validate_file

COLUMNS = (column("id", required=True), column("role", enum=["student", "teacher"]))
SOME_WRONG = "id,role\n1,student\n2,boss\n3,teacher\n,boss\n5\n6,student\n"


def schema(on_error: OnError, name: str = "users.csv", limit: RowLimit | None = None) -> FileSchema:
    return file_schema(name, *COLUMNS, key=("id",), on_error=on_error, max_skipped_rows=limit or RowLimit())


def world(*schemas: FileSchema, required: bool = False, tolerate: tuple[Tolerated, ...] = ()) -> Dataset:
    return Dataset("d", tuple(DatasetFile(each, required) for each in schemas), tolerate=tolerate)


def test_skip_rows_leaves_bad_rows_out_and_accepts(tmp_path: Path) -> None:
    report = validate(drop(tmp_path, users=SOME_WRONG), world(schema(OnError.SKIP_ROWS)))
    [file] = report.files
    assert (report.verdict, file.skipped, file.used_rows) == (Verdict.ACCEPTED, (2, 4, 5), 3)
    assert (file.errors, file.skipped_errors, file.is_left_out) == (0, 4, False)
    assert (report.errors, report.skipped_errors, report.skipped_rows) == (0, 4, 3)
    assert {finding.severity for finding in report.findings} == {Severity.SKIPPED}


@pytest.mark.parametrize(
    ("limit", "expected"),
    [(RowLimit(rows=2), "expected at most 2"), (RowLimit(percent=49.9), "expected at most 49.9 %")],
)
def test_skip_rows_too_many_reject_with_the_numbers(tmp_path: Path, limit: RowLimit, expected: str) -> None:
    report = validate(drop(tmp_path, users=SOME_WRONG), world(schema(OnError.SKIP_ROWS, limit=limit)))
    found = only(report, "too-many-skipped-rows")
    assert (report.verdict, report.files[0].skipped, report.files[0].errors) == (Verdict.REJECTED, (), 5)
    assert found.message.startswith(f"3 of 6 rows are wrong, {expected}")
    assert {finding.severity for finding in report.findings} == {Severity.ERROR}


@pytest.mark.parametrize("limit", [RowLimit(rows=3), RowLimit(percent=50.0)])
def test_skip_rows_just_few_enough_are_skipped(tmp_path: Path, limit: RowLimit) -> None:
    report = validate(drop(tmp_path, users=SOME_WRONG), world(schema(OnError.SKIP_ROWS, limit=limit)))
    assert (report.verdict, report.skipped_rows) == (Verdict.ACCEPTED, 3)


#: Of the rows of SOME_WRONG 2 and 4 have a wrong role, 4 has no id, 5 a cell too few.
@pytest.mark.parametrize(
    ("codes", "verdict", "skipped"),
    [
        ((), Verdict.ACCEPTED, (2, 4, 5)),
        (("enum", "required", "ragged-row"), Verdict.ACCEPTED, (2, 4, 5)),
        (("enum", "required"), Verdict.REJECTED, (2, 4)),
        (("enum", "ragged-row"), Verdict.REJECTED, (2, 4, 5)),
    ],
)
def test_skip_only_leaves_rows_out_for_these_findings_alone(
    tmp_path: Path, codes: tuple[str, ...], verdict: Verdict, skipped: tuple[int, ...]
) -> None:
    only_these = replace(schema(OnError.SKIP_ROWS), skip_only=codes)
    report = validate(drop(tmp_path, users=SOME_WRONG), world(only_these))
    assert (report.verdict, report.files[0].skipped) == (verdict, skipped)
    errors = {finding.code for finding in report.findings if finding.severity is Severity.ERROR}
    assert errors == (set() if not codes else {"enum", "required", "ragged-row"} - set(codes))


def test_skip_only_of_unknown_references_rejects_a_row_that_is_damaged(tmp_path: Path) -> None:
    """Otherwise a guardian with a comma too many is deleted, who was to be kept."""
    children = file_schema(
        "guardians.csv",
        column("student", references="students.id"),
        column("name"),
        on_error=OnError.SKIP_ROWS,
        skip_only=("unknown-reference",),
    )
    parents = file_schema("students.csv", column("id"))
    for rows, verdict in (("1,A\n9,B\n", Verdict.ACCEPTED), ("1,A\n9,B\n1,C,D\n", Verdict.REJECTED)):
        folder = drop(tmp_path, students="id\n1\n", guardians=f"student,name\n{rows}")
        report = validate(folder, world(parents, children))
        assert (report.verdict, report.skipped_rows) == (verdict, 1)


def test_skip_only_says_nothing_of_what_is_tolerated(tmp_path: Path) -> None:
    only_these = replace(schema(OnError.SKIP_ROWS), skip_only=("enum", "required"))
    tolerant = world(only_these, tolerate=(Tolerated("ragged-row"),))
    report = validate(drop(tmp_path, users=SOME_WRONG), tolerant)
    assert (report.verdict, report.files[0].skipped) == (Verdict.ACCEPTED, (2, 4, 5))


def test_skip_rows_duplicate_keys_are_skipped_too(tmp_path: Path) -> None:
    report = validate(
        drop(tmp_path, users="id,role\n1,student\n2,student\n1,teacher\n"), world(schema(OnError.SKIP_ROWS))
    )
    assert report.verdict is Verdict.ACCEPTED
    assert 3 in report.files[0].skipped
    assert 2 not in report.files[0].skipped


def test_skip_rows_a_header_error_still_rejects(tmp_path: Path) -> None:
    report = validate(drop(tmp_path, users="role\nstudent\n"), world(schema(OnError.SKIP_ROWS)))
    assert (report.verdict, only(report, "missing-column").severity) == (Verdict.REJECTED, Severity.ERROR)


def test_skip_rows_in_one_file_excuses_no_other(tmp_path: Path) -> None:
    both = world(schema(OnError.SKIP_ROWS), schema(OnError.REJECT_EPOCH, "staff.csv"))
    report = validate(drop(tmp_path, users=SOME_WRONG, staff=SOME_WRONG), both)
    assert report.verdict is Verdict.REJECTED
    assert {file.name: len(file.skipped) for file in report.files} == {"users.csv": 3, "staff.csv": 0}


def test_reject_file_leaves_an_optional_file_out(tmp_path: Path) -> None:
    both = world(schema(OnError.REJECT_FILE), schema(OnError.REJECT_EPOCH, "staff.csv"))
    report = validate(drop(tmp_path, users=SOME_WRONG, staff="id,role\n1,teacher\n"), both)
    left_out = {file.name: (file.is_left_out, file.used_rows) for file in report.files}
    assert (report.verdict, left_out) == (Verdict.ACCEPTED, {"users.csv": (True, 0), "staff.csv": (False, 1)})
    assert [file.name for file in report.files_left_out] == ["users.csv"]


def test_reject_file_with_a_wrong_header_is_left_out_too(tmp_path: Path) -> None:
    both = world(schema(OnError.REJECT_FILE), schema(OnError.REJECT_EPOCH, "staff.csv"))
    report = validate(drop(tmp_path, users="role\nstudent\n", staff="id,role\n1,teacher\n"), both)
    assert (report.verdict, [file.name for file in report.files_left_out]) == (Verdict.ACCEPTED, ["users.csv"])


def test_drop_of_which_every_file_would_be_left_out_is_rejected(tmp_path: Path) -> None:
    both = world(schema(OnError.REJECT_FILE), schema(OnError.REJECT_FILE, "staff.csv"))
    where = drop(tmp_path, users="role\nstudent\n", staff="role\nteacher\n", notes="a\n")
    report = validate(where, both)
    assert report.verdict is Verdict.REJECTED
    assert only(report, "nothing-left").message == "each of the 2 files has errors, and nothing is left to be used"
    assert [f.severity for f in report.findings if f.code == "missing-column"] == [Severity.ERROR] * 2
    assert {file.name: (file.is_left_out, file.errors, file.skipped_errors) for file in report.files} == {
        "notes.csv": (False, 0, 0),
        "staff.csv": (False, 1, 0),
        "users.csv": (False, 1, 0),
    }


def test_manifest_alone_is_nothing_that_could_be_used(tmp_path: Path) -> None:
    manifest = DatasetFile(file_schema("manifest.csv", column("name"), column("value")), required=True)
    users = DatasetFile(schema(OnError.REJECT_FILE))
    dataset = Dataset("d", (manifest, users), manifest=Manifest("manifest.csv", "name", "value"))
    report = validate(drop(tmp_path, manifest="name,value\na,b\n", users="role\nstudent\n"), dataset)
    assert (report.verdict, only(report, "nothing-left").file) == (Verdict.REJECTED, None)


def test_reject_file_without_errors_is_used(tmp_path: Path) -> None:
    report = validate(drop(tmp_path, users="id,role\n1,student\n\n"), world(schema(OnError.REJECT_FILE)))
    assert (codes(report), report.files[0].is_left_out) == (["blank-line"], False)


def test_reject_file_that_is_required_rejects_the_drop(tmp_path: Path) -> None:
    report = validate(drop(tmp_path, users=SOME_WRONG), world(schema(OnError.REJECT_FILE), required=True))
    assert (report.verdict, report.files[0].is_left_out) == (Verdict.REJECTED, False)


def test_one_file_on_its_own_is_not_left_out_but_its_rows_are(tmp_path: Path) -> None:
    where = drop(tmp_path, users=SOME_WRONG) / "users.csv"
    assert validate_file(where, schema(OnError.REJECT_FILE)).verdict is Verdict.REJECTED
    assert validate_file(where, schema(OnError.SKIP_ROWS)).skipped_rows == 3


def test_tolerated_findings_leave_nothing_out(tmp_path: Path) -> None:
    tolerant = world(schema(OnError.REJECT_EPOCH), tolerate=(Tolerated("enum", "users.csv", "role"),))
    seen: list[Occurrence] = []
    report = validate(drop(tmp_path, users="id,role\n1,boss\n"), tolerant, sink=seen.append)
    assert (report.verdict, report.warnings, report.errors) == (Verdict.ACCEPTED, 1, 0)
    assert [one.severity for one in seen] == [Severity.WARNING]


def test_tolerated_damage_leaves_its_row_out_but_not_the_file(tmp_path: Path) -> None:
    tolerant = world(schema(OnError.REJECT_FILE), tolerate=(Tolerated("ragged-row"),))
    [file] = validate(drop(tmp_path, users="id,role\n1,student\n2\n"), tolerant).files
    assert (file.skipped, file.is_left_out) == ((2,), False)


def test_skipped_rows_have_their_reasons(tmp_path: Path) -> None:
    [file] = validate(drop(tmp_path, users=SOME_WRONG), world(schema(OnError.SKIP_ROWS))).files
    assert {(r.code, r.column, tuple(r.records)) for r in file.reasons} == {
        ("enum", "role", (2, 4)), ("required", "id", (4,)), ("ragged-row", None, (5,)),
    }  # fmt: skip


def test_row_that_a_check_leaves_out_is_no_target(tmp_path: Path) -> None:
    """What is loaded must hold together: who refers to it is left out as well."""
    orgs = file_schema("orgs.csv", column("id"), on_error=OnError.SKIP_ROWS)
    users = file_schema("users.csv", column("id"), column("org", references="orgs.id"), on_error=OnError.SKIP_ROWS)
    check = Check("no org is called x", "SELECT _line AS line, 'orgs.csv' AS file FROM orgs WHERE id = 'x'")
    both = Dataset("d", (DatasetFile(orgs), DatasetFile(users)), checks=(check,))
    report = validate(drop(tmp_path, orgs="id\nx\ny\n", users="id,org\n1,x\n2,y\n"), both)
    assert {file.name: file.skipped for file in report.files} == {"orgs.csv": (1,), "users.csv": (1,)}
    assert report.verdict is Verdict.ACCEPTED


def test_check_on_a_whole_file_still_rejects(tmp_path: Path) -> None:
    check = Check("there are users", "SELECT 'users.csv' AS file WHERE (SELECT count(*) FROM users) < 2")
    about = Dataset("d", (DatasetFile(schema(OnError.SKIP_ROWS)),), checks=(check,))
    report = validate(drop(tmp_path, users="id,role\n1,student\n"), about)
    assert (report.verdict, only(report, "check").severity) == (Verdict.REJECTED, Severity.ERROR)


def test_warning_rules_leave_nothing_out_and_error_rules_their_row(tmp_path: Path) -> None:
    needs_role = {"required": ["role"]}
    for severity, skipped in ((Severity.ERROR, (2,)), (Severity.WARNING, ())):
        rule = RowRule("everyone has a role", needs_role, severity)
        with_rule = file_schema("users.csv", *COLUMNS, on_error=OnError.SKIP_ROWS, rules=(rule,))
        [file] = validate(drop(tmp_path, users="id,role\n1,student\n2,\n"), world(with_rule)).files
        assert file.skipped == skipped


@pytest.mark.parametrize("jobs", [1, 3])
def test_skipped_rows_are_the_same_whatever_the_jobs(tmp_path: Path, jobs: int) -> None:
    text = "id,role\n" + "".join(f"{i},{'boss' if i % 7 == 0 else 'student'}\n" for i in range(1, 3000))
    [file] = validate(drop(tmp_path, users=text), world(schema(OnError.SKIP_ROWS)), jobs=jobs).files
    assert file.skipped == tuple(range(7, 3000, 7))


@pytest.mark.parametrize(
    ("code", "content"),
    [("empty-file", ""), ("wrong-delimiter", "id;role\n1;student\n"), ("missing-header", "1,student\n2,student\n")],
)
@pytest.mark.parametrize("on_error", list(OnError))
def test_tolerated_finding_on_a_file_that_cannot_be_read_leaves_it_out(
    tmp_path: Path, on_error: OnError, code: str, content: str
) -> None:
    """It was accepted with a warning, and no loader could take it; a required one still rejects the drop."""
    where = drop(tmp_path, users=content, staff="id,role\n1,teacher\n")
    staff = DatasetFile(schema(OnError.REJECT_EPOCH, "staff.csv"))
    for required, verdict, severity in ((False, Verdict.ACCEPTED, "skipped"), (True, Verdict.REJECTED, "error")):
        tolerant = world(schema(on_error), required=required, tolerate=(Tolerated(code),))
        report = validate(where, replace(tolerant, files=(*tolerant.files, staff)))
        assert (report.verdict, only(report, code).severity) == (verdict, severity)
        assert [file.name for file in report.files_left_out] == ([] if required else ["users.csv"])


def test_name_that_no_loader_would_find_is_never_tolerated(tmp_path: Path) -> None:
    tolerant = world(schema(OnError.REJECT_EPOCH), tolerate=(Tolerated("misnamed-file"),))
    report = validate(drop(tmp_path, Users="id,role\n1,student\n"), tolerant)
    assert report.verdict is Verdict.REJECTED
