"""Modes: which one a file is in, and what that makes of its columns, its references and what must come with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.validation.manifestworld import (
    BULK,
    DELTA,
    ORGS,
    ORGS_BULK,
    ORGS_DELTA,
    ROLES,
    STATUS,
    USERS,
    USERS_BULK,
    USERS_DELTA,
    first,
    lines,
    of_set,
    sets,
    told,
)
from tests.validation.worlds import check, codes, column, dataset, drop, file_schema, only
from watcher.model.report import Report, Verdict
from watcher.schema.model import Dataset, DatasetFile, Extra, Mode, OnError, Picture, References, Tolerated
from watcher.validation import validate
from watcher.validation.reading.source import Source, open_source
from watcher.validation.sets.modes import Shown, in_mode
from watcher.validation.sets.peek import PEEK_BYTES, shown_by_rows

ROLES_BULK = "user,status\n1,\n"
ROLES_DELTA = "user,status\n9,active\n"


def plain(**about: object) -> Dataset:
    """The dataset without a manifest."""
    whole = sets()
    return replace(whole, files=whole.files[1:], manifest=None, **about)  # type: ignore[arg-type]


def tolerant(tolerate: tuple[str, ...] = ("mode-conflict",), **about: object) -> Dataset:
    """The dataset with its manifest, and with some errors made warnings."""
    return replace(sets(), tolerate=tuple(Tolerated(code) for code in tolerate), **about)  # type: ignore[arg-type]


def modes(report: Report) -> dict[str, str | None]:
    return {file.name: file.mode for file in report.files}


# ---- which mode


def test_mode_is_that_of_the_manifest_where_rows_do_not_tell(tmp_path: Path) -> None:
    text = lines(file_orgs="delta", file_users="delta")
    report = of_set(tmp_path, manifest=text, orgs="id,status\n", users="id,status,org\n1,,A\n2,active,A\n")
    assert modes(report) == {"manifest.csv": None, "orgs.csv": "delta", "users.csv": "delta"}
    assert told(report) == [("error", "required", 2)]


def test_mode_of_changes_wins_over_the_manifest_and_the_conflict_is_an_error(tmp_path: Path) -> None:
    report = of_set(tmp_path, manifest=lines(), orgs=ORGS_BULK, users="id,status,org\n1,active,A\n")
    assert modes(report)["users.csv"] == "delta"
    assert [(*each, found.file) for each, found in zip(told(report), report.findings, strict=True)] == [
        ("error", "mode-conflict", None, "users.csv")
    ]
    assert (first(report).message, first(report).advice) == (
        (
            "the manifest says bulk, but the rows are filled as in delta: "
            "the file is taken as delta, and what it refers to is judged as in bulk"
        ),
        "write delta for file.users in the manifest, or fill the file as bulk wants it",
    )


def test_mode_conflict_leaves_what_a_bulk_file_refers_to_judged(tmp_path: Path) -> None:
    """Rows of a class, a school and a user that are nowhere came through: who broke one rule more was let off."""
    report = of_set(tmp_path, tolerant(), manifest=lines(), orgs=ORGS_DELTA, users=USERS_DELTA)
    assert modes(report) == {"manifest.csv": None, "orgs.csv": "delta", "users.csv": "delta"}
    assert told(report) == [
        ("warning", "mode-conflict", None),
        ("warning", "mode-conflict", None),
        ("error", "unknown-reference", 3),
    ]


def test_mode_conflict_leaves_files_needed_that_did_not_come(tmp_path: Path) -> None:
    world = tolerant(files=(sets().files[0], *needy().files), tolerate=("mode-conflict", "manifest-file-missing"))
    report = of_set(tmp_path, world, manifest=lines(file_orgs="absent"), users=USERS_DELTA)
    assert [(found.code, found.file, found.column) for found in report.findings] == [
        ("mode-conflict", "users.csv", None),
        ("missing-file", "roles.csv", None),
        ("missing-target", "users.csv", "org"),
    ]


def test_mode_conflict_judges_a_later_row_as_the_mode_that_loaders_get(tmp_path: Path) -> None:
    rows = "".join(f"{i:06},active\n" for i in range(4 * PEEK_BYTES // 14))
    orgs = replace(ORGS, limits=replace(ORGS.limits, record_bytes=1024))
    world = tolerant(files=(sets().files[0], DatasetFile(orgs)))
    text = lines(file_users=None, file_roles=None)
    report = of_set(tmp_path, world, manifest=text, orgs=f"id,status\n{rows}x,\n")
    assert told(report)[1:] == [("error", "required", rows.count("\n") + 2)]


def test_mode_of_the_manifest_stays_delta_though_no_row_is_filled(tmp_path: Path) -> None:
    """It was taken for the whole list: of a drop of one row a loader would have removed all others."""
    text = lines(file_orgs="delta", file_users="delta")
    report = of_set(tmp_path, manifest=text, orgs=ORGS_BULK, users="id,status,org\n1,,Z\n2,,Z\n")
    assert modes(report) == {"manifest.csv": None, "orgs.csv": "delta", "users.csv": "delta"}
    assert [(found.severity, found.code, found.file, found.count) for found in report.findings] == [
        ("error", "mode-conflict", "orgs.csv", 1),
        ("error", "mode-conflict", "users.csv", 1),
    ]
    assert first(report).message == (
        "the manifest says delta, but the rows are filled as in bulk: the file is taken as delta"
    )
    assert report.verdict is Verdict.REJECTED


def test_mode_of_the_manifest_stays_delta_where_the_conflict_is_tolerated(tmp_path: Path) -> None:
    text = lines(file_orgs="delta", file_users="absent")
    report = of_set(tmp_path, tolerant(), manifest=text, orgs=ORGS_BULK)
    assert (modes(report)["orgs.csv"], told(report)) == ("delta", [("warning", "mode-conflict", None)])


def test_mode_of_a_file_listed_as_absent_removes_nothing_and_is_judged_by_its_rows(tmp_path: Path) -> None:
    world = tolerant(tolerate=("manifest-file-unexpected",))
    text = lines(file_users="absent")
    report = of_set(tmp_path, world, manifest=text, orgs=ORGS_BULK, users="id,status,org\n1,,Z\n")
    assert modes(report)["users.csv"] == "delta"
    assert told(report) == [("warning", "manifest-file-unexpected", 5), ("error", "unknown-reference", 2)]


def test_mode_that_nothing_says_is_that_of_changes_where_the_manifest_knows_no_other(tmp_path: Path) -> None:
    world = tolerant(tolerate=("manifest-missing-property",))
    text = lines(file_orgs="delta", file_users=None)
    report = of_set(tmp_path, world, manifest=text, orgs=ORGS_DELTA, users=USERS_BULK)
    assert modes(report)["users.csv"] == "delta"
    (tmp_path / "other").mkdir()
    other = of_set(tmp_path / "other", world, manifest=lines(file_users=None), orgs=ORGS_BULK, users=USERS_BULK)
    assert modes(other)["users.csv"] == "bulk"


def test_mode_without_manifest_is_that_of_the_rows_else_the_first(tmp_path: Path) -> None:
    dated = plain(modes=(BULK, replace(DELTA, required=("status", "org"))))
    report = of_set(tmp_path, dated, orgs=ORGS_DELTA, users="id,status,org\n1,,A\n2,active,\n")
    assert modes(report) == {"orgs.csv": "delta", "users.csv": "bulk"}


def test_mode_without_manifest_is_that_of_changes_where_some_rows_are_filled_so(tmp_path: Path) -> None:
    """And the references are judged as those of the whole list, which is what an unsaid file is."""
    report = of_set(tmp_path, plain(), orgs=ORGS_BULK, users="id,status,org\n1,,A\n2,active,Z\n")
    assert modes(report) == {"orgs.csv": "bulk", "users.csv": "delta"}
    assert told(report) == [("error", "required", 2), ("error", "unknown-reference", 3)]


def test_mode_of_a_file_that_shows_none_is_the_first(tmp_path: Path) -> None:
    report = of_set(tmp_path, plain(), orgs="id\nA\n")
    assert (modes(report), codes(report)) == ({"orgs.csv": "bulk"}, [])


def test_mode_of_a_file_without_the_column_that_it_requires_is_told_once(tmp_path: Path) -> None:
    text = lines(file_orgs="delta", file_users="absent")
    report = of_set(tmp_path, manifest=text, orgs="id\nA\n")
    assert (modes(report)["orgs.csv"], codes(report)) == ("delta", ["mode-conflict"])


def test_mode_of_one_file_alone_is_that_of_its_rows(tmp_path: Path) -> None:
    (tmp_path / "users.csv").write_text(USERS_DELTA)
    report = validate(tmp_path / "users.csv", sets())
    assert (modes(report), codes(report)) == ({"users.csv": "delta"}, [])


def test_mode_of_unknown_files_and_of_datasets_without_modes_is_none(tmp_path: Path) -> None:
    report = of_set(tmp_path, plain(extra_files=Extra.IGNORE), orgs=ORGS_BULK, zebra="x\n1\n")
    assert modes(report) == {"orgs.csv": "bulk", "zebra.csv": None}
    assert modes(of_set(tmp_path, dataset(ORGS), orgs=ORGS_BULK))["orgs.csv"] is None


def test_mode_of_a_picture_is_none(tmp_path: Path) -> None:
    picture = replace(file_schema("p.csv"), picture=Picture(formats=("jpeg",)))
    report = of_set(tmp_path, replace(plain(), files=(DatasetFile(picture),)), p="no picture")
    assert modes(report) == {"p.csv": None}


def test_mode_is_seen_in_the_first_rows_only(tmp_path: Path) -> None:
    """The first rows fit bulk; what comes behind is judged so, and the file is not read twice for it."""
    rows = 4 * PEEK_BYTES // 8
    (tmp_path / "orgs.csv").write_text("id,status\n" + "".join(f"{i:06},\n" for i in range(rows)) + "x,active\n")
    reads: list[int] = []

    class Counting(Source):
        def read(self, offset: int, length: int) -> bytes:
            data = super().read(offset, length)
            reads.append(len(data))
            return data

    @contextmanager
    def opened(name: str) -> Iterator[Source]:
        with open_source(tmp_path / name) as source:
            yield Counting(source.fd, source.size_bytes, source.identity)

    found = shown_by_rows(opened, "orgs.csv", replace(ORGS, limits=replace(ORGS.limits, record_bytes=1024)), plain())
    assert found == Shown(BULK)
    assert sum(reads) < 3 * PEEK_BYTES
    report = of_set(tmp_path, plain(), orgs=(tmp_path / "orgs.csv").read_bytes())
    assert told(report) == [("error", "must-be-blank", rows + 2)]


def test_mode_of_rows_that_fit_several_is_that_of_the_manifest(tmp_path: Path) -> None:
    world = replace(sets(), modes=(BULK, Mode("any")))
    report = of_set(tmp_path, world, manifest=lines(file_orgs="any"), orgs=ORGS_BULK, users=USERS_BULK)
    assert (modes(report)["orgs.csv"], codes(report)) == ("any", [])


def test_mode_is_told_by_those_columns_that_the_file_may_have(tmp_path: Path) -> None:
    dated = replace(DELTA, required=("status", "changed"))
    report = of_set(tmp_path, plain(modes=(BULK, dated)), orgs=ORGS_DELTA)
    assert (modes(report), codes(report)) == ({"orgs.csv": "delta"}, [])


def test_mode_is_that_of_the_first_rows_however_late_they_come(tmp_path: Path) -> None:
    blank = "\n" * (PEEK_BYTES + 10)
    report = of_set(tmp_path, plain(), orgs=f"id,status\n{blank}A,active\n")
    assert (modes(report), codes(report)) == ({"orgs.csv": "delta"}, ["blank-line"])


def test_mode_of_rows_that_cannot_be_read_is_left_open(tmp_path: Path) -> None:
    where = drop(tmp_path, users="who,what\n1,2\n")
    (where / "orgs.csv").mkdir()
    report = validate(where, plain())
    assert (modes(report), codes(report)) == ({"users.csv": "bulk"}, ["directory-in-epoch", "missing-header"])


# ---- what a mode makes of a file


def test_in_mode_bulk_makes_columns_blank_and_delta_required() -> None:
    bulk, delta = (in_mode(USERS, mode).column("status") for mode in (BULK, DELTA))
    assert bulk is not None
    assert delta is not None
    assert ((bulk.blank, bulk.required), (delta.blank, delta.required)) == ((True, False), (False, True))


def test_in_mode_blank_column_is_not_required() -> None:
    required = file_schema("a.csv", column("status", required=True))
    [status] = in_mode(required, BULK).columns
    assert (status.blank, status.required) == (True, False)


def test_in_mode_leaves_columns_that_it_does_not_name_as_they_are() -> None:
    """What was prepared for a column is kept with it."""
    assert in_mode(USERS, BULK).columns[0] is USERS.columns[0]
    assert in_mode(USERS, BULK) is in_mode(USERS, BULK)
    assert in_mode(USERS, None) is USERS


def test_in_mode_references_are_dropped_where_they_are_ignored() -> None:
    def references(mode: Mode | None, *changing: str) -> list[str]:
        columns = in_mode(USERS, mode, frozenset(changing)).columns
        return [str(each.references) for each in columns if each.references is not None]

    assert (references(BULK), references(DELTA), references(BULK, "orgs")) == (["orgs.id"], [], [])


@pytest.mark.parametrize(("mode", "severity"), [("bulk", ["error"]), ("delta", [])])
def test_mode_says_how_a_header_line_without_rows_weighs(tmp_path: Path, mode: str, severity: list[str]) -> None:
    text = lines(file_orgs=mode, file_users="absent")
    report = of_set(tmp_path, manifest=text, orgs="id,status\n")
    assert told(report) == [(each, "header-only", None) for each in severity]


def test_mode_that_says_nothing_of_it_leaves_header_only_to_the_file(tmp_path: Path) -> None:
    silent = replace(BULK, header_only=None)
    report = of_set(tmp_path, plain(modes=(silent,)), orgs="id,status\n")
    assert told(report) == [("warning", "header-only", None)]


def test_mode_blank_column_is_an_error_for_each_filled_cell_and_no_other(tmp_path: Path) -> None:
    text = lines(file_users="absent")
    report = of_set(tmp_path, manifest=text, orgs="id,status\nA,active\nB,zebra\nC,\n")
    found = only(report, "must-be-blank")
    assert (codes(report), found.count, found.line, found.column) == (["must-be-blank"], 2, 2, "status")
    assert [sample.value for sample in found.samples] == ["active", "zebra"]
    assert found.message == "the cell has a value, expected it to be empty, as in every file that is bulk"


def test_mode_required_column_says_which_mode_asks_for_it(tmp_path: Path) -> None:
    text = lines(file_orgs="delta", file_users="delta")
    report = of_set(tmp_path, manifest=text, orgs="id,status\n", users="id,status,org\n1,,A\n2,active,A\n")
    assert only(report, "required").message == "the cell is empty, expected a value, as in every file that is delta"


def test_mode_blank_column_whose_texts_count_as_empty_is_empty(tmp_path: Path) -> None:
    schema = replace(ORGS, columns=(ORGS.columns[0], column("status", nulls=("NULL",))))
    report = of_set(tmp_path, replace(plain(), files=(DatasetFile(schema),)), orgs="id,status\nA,NULL\n")
    assert codes(report) == []


def test_blank_column_that_is_damaged_is_told_once(tmp_path: Path) -> None:
    assert codes(check(tmp_path, b"id,n\n1,\xe9\n", column("id"), column("n", blank=True))) == ["encoding"]


def test_mode_required_column_must_be_filled_and_be_there(tmp_path: Path) -> None:
    only_delta = plain(modes=(DELTA,))
    assert told(of_set(tmp_path, only_delta, orgs="id,status\nA,\nB,active\n")) == [("error", "required", 2)]
    assert told(of_set(tmp_path, only_delta, orgs="id\nA\n")) == [("error", "missing-column", 1)]


# ---- references


def test_complete_file_without_the_file_it_refers_to_is_one_error_a_column(tmp_path: Path) -> None:
    report = of_set(tmp_path, plain(), users="id,status,org\n1,,\n2,,A\n3,,B\n")
    found = only(report, "missing-target")
    assert (codes(report), found.count, found.line, found.column) == (["missing-target"], 1, 3, "org")
    assert found.message == "2 rows refer to orgs.csv, which did not come"


def test_complete_file_that_refers_to_nothing_needs_nothing(tmp_path: Path) -> None:
    assert codes(of_set(tmp_path, plain(), users="id,status,org\n1,,\n")) == []


def test_complete_file_is_counted_over_all_its_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watcher.validation.reading.blocks.BLOCK_BYTES", 200)
    rows = "".join(f"{i},,{'A' if i % 2 else ''}\n" for i in range(500))
    found = only(of_set(tmp_path, plain(), users="id,status,org\n" + rows), "missing-target")
    assert (found.message, found.line) == ("250 rows refer to orgs.csv, which did not come", 3)


def test_complete_file_whose_target_rejects_the_drop_says_no_more(tmp_path: Path) -> None:
    """The file that is missing is the one thing to do something about."""
    report = of_set(tmp_path, sets(required=True), manifest=lines(), users=USERS_BULK, roles=ROLES_BULK)
    assert "missing-target" not in codes(report)
    tolerant = sets(required=True, tolerate=(Tolerated("missing-file"),))
    assert "missing-target" in codes(of_set(tmp_path, tolerant, manifest=lines(), users=USERS_BULK))


def test_complete_file_has_its_references_judged_where_the_target_came(tmp_path: Path) -> None:
    assert codes(of_set(tmp_path, plain(), orgs="id,status\nB,\n", users=USERS_BULK)) == ["unknown-reference"]


def test_missing_target_rejects_a_drop_whose_rows_may_be_skipped(tmp_path: Path) -> None:
    users = replace(USERS, on_error=OnError.SKIP_ROWS)
    files = (DatasetFile(ORGS), DatasetFile(users))
    report = of_set(tmp_path, replace(plain(), files=files), users=USERS_BULK)
    assert report.verdict is Verdict.REJECTED


def test_checked_file_says_nothing_of_a_target_that_did_not_come(tmp_path: Path) -> None:
    checked = replace(BULK, references=References.CHECK)
    assert codes(of_set(tmp_path, plain(modes=(checked,)), users=USERS_BULK)) == []


def test_changes_may_refer_to_anything(tmp_path: Path) -> None:
    assert codes(of_set(tmp_path, plain(), orgs=ORGS_DELTA, users=USERS_DELTA)) == []


def test_complete_file_may_refer_to_what_is_not_among_the_changes_of_another(tmp_path: Path) -> None:
    users = "id,status,org\n1,,Z\n"
    assert codes(of_set(tmp_path, plain(), orgs=ORGS_DELTA, users=users)) == []


# ---- what must come with it


def needy(**about: object) -> Dataset:
    files = (
        DatasetFile(ORGS),
        DatasetFile(USERS, needs=("roles.csv",)),
        DatasetFile(ROLES, advice="export the roles, too"),
    )
    return replace(plain(**about), files=files)


def test_needs_file_that_did_not_come_is_missing(tmp_path: Path) -> None:
    found = first(of_set(tmp_path, needy(), orgs=ORGS_BULK, users=USERS_BULK))
    assert (found.code, found.file, found.message, found.advice) == (
        "missing-file",
        "roles.csv",
        "roles.csv did not come, users.csv needs it",
        "export the roles, too",
    )


def test_needs_of_a_required_file_add_nothing(tmp_path: Path) -> None:
    files = tuple(replace(file, required=True) for file in needy().files)
    found = first(of_set(tmp_path, replace(needy(), files=files), orgs=ORGS_BULK, users=USERS_BULK))
    assert found.message == "roles.csv did not come, expected it"


def test_needs_is_met_or_not_asked_for(tmp_path: Path) -> None:
    assert codes(of_set(tmp_path, needy(), orgs=ORGS_BULK, users=USERS_BULK, roles=ROLES_BULK)) == []
    (tmp_path / "other").mkdir()
    assert codes(of_set(tmp_path / "other", needy(), orgs=ORGS_BULK)) == []


def test_needs_of_changes_are_none(tmp_path: Path) -> None:
    assert codes(of_set(tmp_path, needy(), users=USERS_DELTA)) == []


def test_needs_hold_in_a_dataset_without_modes(tmp_path: Path) -> None:
    assert codes(of_set(tmp_path, needy(modes=()), orgs=ORGS_BULK, users=USERS_BULK)) == ["missing-file"]


def test_needs_of_several_files_are_one_finding(tmp_path: Path) -> None:
    files = tuple(replace(file, needs=("x.csv",)) for file in needy().files)
    world = replace(plain(), files=(*files, DatasetFile(file_schema("x.csv", STATUS))))
    report = of_set(tmp_path, world, orgs=ORGS_BULK, users=USERS_BULK)
    assert first(report).message == "x.csv did not come, orgs.csv and users.csv need it"
    report = of_set(tmp_path, world, orgs=ORGS_BULK, users=USERS_BULK, roles=ROLES_BULK)
    assert first(report).message == "x.csv did not come, orgs.csv and 2 others need it"


def test_missing_file_has_the_advice_of_the_dataset_unless_a_name_is_near(tmp_path: Path) -> None:
    world = replace(plain(extra_files=Extra.IGNORE), files=(DatasetFile(ORGS, required=True, advice="ask for it"),))
    assert first(of_set(tmp_path, world, zebra="x\n")).advice == "ask for it"
    assert "orgs_list.csv" in first(of_set(tmp_path, world, orgs_list="x\n")).advice
