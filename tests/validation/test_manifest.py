"""The manifest: what is wrong with its properties, and with the set of files that it lists."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.validation.manifestworld import (
    MANIFEST,
    ORGS_BULK,
    USERS_BULK,
    first,
    lines,
    manifest_schema,
    of_set,
    sets,
    told,
)
from tests.validation.worlds import codes, drop, only
from watcher.model.findings import Severity
from watcher.model.report import Report, Verdict
from watcher.schema.model import Case, DatasetFile, Extra, Property, Tolerated
from watcher.validation import validate
from watcher.validation.reading.source import open_source
from watcher.validation.sets.manifestrows import MOST_ROWS, read_rows


def said(folder: Path, manifest: str, **header: object) -> Report:
    """The report on a sound set with another manifest."""
    dataset = sets(manifest=manifest_schema(**header))
    return of_set(folder, dataset, manifest=manifest, orgs=ORGS_BULK, users=USERS_BULK)


# ---- properties


def test_manifest_sound_one_says_nothing(tmp_path: Path) -> None:
    assert said(tmp_path, lines()).findings == ()


def test_manifest_property_missing_is_an_error(tmp_path: Path) -> None:
    report = said(tmp_path, lines(file_roles=None))
    assert told(report) == [("error", "manifest-missing-property", None)]
    assert "'file.roles'" in first(report).message


def test_manifest_several_missing_are_one_finding_that_counts_them(tmp_path: Path) -> None:
    report = said(tmp_path, "name,value\nset.version,1.1\n")
    found = only(report, "manifest-missing-property")
    assert found.count == 4
    assert found.message == (
        "the properties 'form.version', 'file.orgs', 'file.users' and 'file.roles' are missing, expected a row for each"
    )


def test_manifest_optional_property_may_be_missing_or_anything(tmp_path: Path) -> None:
    assert said(tmp_path, lines(maker="Any")).findings == ()


def test_manifest_property_of_a_file_that_is_listed_as_optional_may_be_missing(tmp_path: Path) -> None:
    manifest = replace(MANIFEST, properties=(*MANIFEST.properties, Property("file.roles")))
    dataset = replace(sets(), manifest=manifest)
    text = lines(file_roles=None)
    assert of_set(tmp_path, dataset, manifest=text, orgs=ORGS_BULK, users=USERS_BULK).findings == ()


def test_manifest_missing_is_not_said_where_a_row_could_not_be_read(tmp_path: Path) -> None:
    report = said(tmp_path, lines(file_roles=None) + "file.roles\n")
    assert codes(report) == ["ragged-row"]


@pytest.mark.parametrize(
    ("extra", "expected"), [(Extra.IGNORE, []), (Extra.WARN, ["warning"]), (Extra.ERROR, ["error"])]
)
def test_manifest_unknown_property_is_said_as_extra_columns_are(
    tmp_path: Path, extra: Extra, expected: list[str]
) -> None:
    report = said(tmp_path, lines() + "zebra,1\n", extra=extra)
    assert told(report) == [(severity, "manifest-unknown-property", 7) for severity in expected]


def test_manifest_unknown_property_gets_a_hint_and_is_shown_as_a_value(tmp_path: Path) -> None:
    found = first(said(tmp_path, lines() + "makers.name,1\n"))
    assert (found.code, found.advice) == (
        "manifest-unknown-property",
        "did you mean maker? otherwise remove the row",
    )
    assert found.samples[0].value == "makers.name"
    assert "makers.name" not in found.message


@pytest.mark.parametrize("name", ["file.rolse", "File.Roles", "file roles", "file.roles\u200b"])
def test_manifest_misspelt_property_is_one_error_and_counts(tmp_path: Path, name: str) -> None:
    text = lines(file_roles=None) + f"{name},bulk\n"
    report = said(tmp_path, text)
    assert told(report) == [
        ("error", "manifest-misnamed-property", 6),
        ("error", "manifest-file-missing", 6),
    ]
    assert only(report, "manifest-misnamed-property").rule == "file.roles"


def test_manifest_misspelt_optional_property_is_a_warning(tmp_path: Path) -> None:
    assert told(said(tmp_path, lines() + "mkaer,x\n")) == [("warning", "manifest-misnamed-property", 7)]
    assert told(said(tmp_path, lines() + "mkaer,x\n", extra=Extra.ERROR)) == [
        ("error", "manifest-misnamed-property", 7)
    ]


def test_manifest_name_that_is_nearest_counts(tmp_path: Path) -> None:
    """Not the one that stands first."""
    report = said(tmp_path, lines(file_orgs=None) + "file.orgz,absent\nFile Orgs,bulk\n")
    assert told(report) == [("error", "manifest-misnamed-property", 7), ("warning", "manifest-unknown-property", 6)]


def test_manifest_case_of_names_is_that_of_the_header(tmp_path: Path) -> None:
    text = lines(file_roles=None) + "FILE.Roles,absent\n"
    assert said(tmp_path, text, case=Case.IGNORE).findings == ()


@pytest.mark.parametrize(
    ("aliases", "expected"), [(Extra.IGNORE, []), (Extra.WARN, ["warning"]), (Extra.ERROR, ["error"])]
)
def test_manifest_alias_is_said_as_those_of_columns_are(tmp_path: Path, aliases: Extra, expected: list[str]) -> None:
    text = lines(form_version=None) + "fomr.version,1.0\n"
    report = said(tmp_path, text, aliases=aliases)
    assert told(report) == [(severity, "manifest-misnamed-property", 6) for severity in expected]


def test_manifest_value_under_an_alias_is_judged(tmp_path: Path) -> None:
    text = lines(form_version=None) + "fomr.version,2.0\n"
    assert codes(said(tmp_path, text)) == ["manifest-wrong-value"]


def test_manifest_property_that_stands_twice_is_an_error_and_the_first_counts(tmp_path: Path) -> None:
    report = said(tmp_path, lines() + "file.users,absent\nform.version,1.0\n")
    assert told(report) == [
        ("error", "manifest-duplicate-property", 7),
        ("error", "manifest-duplicate-property", 8),
    ]
    assert first(report).message == "the property 'file.users' stands twice; what counts is line 5"


def test_manifest_tolerated_codes_are_warnings_and_the_mode_counts(tmp_path: Path) -> None:
    dataset = replace(sets(), tolerate=(Tolerated("manifest-misnamed-property"),))
    text = lines(file_users=None) + "file.usres,bulk\n"
    report = of_set(tmp_path, dataset, manifest=text, orgs=ORGS_BULK, users=USERS_BULK)
    assert told(report) == [("warning", "manifest-misnamed-property", 6)]
    assert report.verdict is Verdict.ACCEPTED


# ---- values


def test_manifest_wrong_value_is_an_error_without_the_value(tmp_path: Path) -> None:
    found = first(said(tmp_path, lines(form_version="0.9 beta")))
    assert (found.code, found.line, found.column, found.rule) == ("manifest-wrong-value", 2, "value", "form.version")
    assert found.message == "the property 'form.version' has another value, expected '1.0'"
    assert found.samples[0].value == "0.9 beta"


def test_manifest_two_wrong_values_are_two_findings(tmp_path: Path) -> None:
    report = said(tmp_path, lines(form_version="x", set_version="y"))
    assert [(found.line, found.rule) for found in report.findings] == [(2, "form.version"), (3, "set.version")]


def test_manifest_of_another_kind_of_set_is_one_finding_with_the_advice_for_it(tmp_path: Path) -> None:
    """Its other properties are those of the other version; the advice says all there is to do."""
    report = said(tmp_path, lines(set_version="1.2", file_roles=None) + "file.zebras,bulk\n", extra=Extra.ERROR)
    assert told(report) == [("error", "manifest-wrong-value", 3)]
    assert first(report).advice == "for a set of 1.2 use another dataset"


def test_manifest_empty_value_is_told_once(tmp_path: Path) -> None:
    assert codes(said(tmp_path, lines(form_version=""))) == ["required"]
    assert codes(said(tmp_path, lines(file_roles=""))) == ["required"]


@pytest.mark.parametrize(("value", "mode"), [("Bulk", "bulk"), (" delta", "delta")])
def test_manifest_mode_written_otherwise_is_an_error_and_meant(tmp_path: Path, value: str, mode: str) -> None:
    text = lines(file_roles=value)
    report = of_set(tmp_path, manifest=text, orgs=ORGS_BULK, users=USERS_BULK, roles="user,status\n,\n")
    found = only(report, "manifest-unknown-mode")
    assert (found.line, found.advice) == (6, f"write {mode} exactly so")


def test_manifest_mode_that_nobody_knows_says_nothing_of_the_file(tmp_path: Path) -> None:
    report = said(tmp_path, lines(file_roles="everything"))
    assert told(report) == [("error", "manifest-unknown-mode", 6)]
    assert first(report).message.endswith("expected 'absent', 'bulk' or 'delta'")
    assert first(report).samples[0].value == "everything"


# ---- the set of files


def test_manifest_file_listed_that_did_not_come_is_an_error_at_its_line(tmp_path: Path) -> None:
    report = said(tmp_path, lines(file_roles="bulk"))
    assert told(report) == [("error", "manifest-file-missing", 6)]
    assert first(report).message == "roles.csv did not come, but the manifest lists it as bulk"
    assert (first(report).file, first(report).rule) == ("manifest.csv", "file.roles")


def test_manifest_required_file_that_did_not_come_is_told_once(tmp_path: Path) -> None:
    dataset = sets(required=True)
    text = lines(file_roles="bulk")
    report = of_set(tmp_path, dataset, manifest=text, orgs=ORGS_BULK, users=USERS_BULK)
    assert [(found.code, found.file) for found in report.findings] == [("missing-file", "roles.csv")]


def test_manifest_file_that_came_though_absent_is_an_error_and_is_judged(tmp_path: Path) -> None:
    text = lines(file_users="absent")
    report = of_set(tmp_path, manifest=text, orgs=ORGS_BULK, users="id,status,org\n,,A\n")
    assert told(report) == [("error", "manifest-file-unexpected", 5), ("error", "required", 2)]


def test_manifest_missing_is_told_in_the_dataset_s_words(tmp_path: Path) -> None:
    report = of_set(tmp_path, orgs=ORGS_BULK)
    found = only(report, "missing-file")
    assert (found.severity, found.file, found.message) == (
        Severity.ERROR,
        "manifest.csv",
        "there is no manifest.csv",
    )


def test_manifest_missing_and_not_required_is_a_warning(tmp_path: Path) -> None:
    dataset = sets()
    optional = (DatasetFile(manifest_schema()), *dataset.files[1:])
    report = of_set(tmp_path, replace(dataset, files=optional), orgs=ORGS_BULK)
    assert told(report) == [("warning", "missing-file", None)]


def test_manifest_alone_with_all_absent_is_a_drop_without_updates(tmp_path: Path) -> None:
    """Also where files are required: there is nothing that they could bring."""
    text = lines(file_orgs="absent", file_users="absent")
    report = of_set(tmp_path, sets(required=True), manifest=text)
    assert told(report) == [("warning", "no-updates", None)]
    assert report.verdict is Verdict.ACCEPTED


def test_manifest_alone_that_lists_files_is_no_drop_without_updates(tmp_path: Path) -> None:
    report = of_set(tmp_path, manifest=lines())
    assert codes(report) == ["manifest-file-missing", "manifest-file-missing"]


def test_manifest_that_tells_no_modes_says_nothing_of_the_other_files(tmp_path: Path) -> None:
    world = replace(sets(), manifest=replace(MANIFEST, mode=""))
    assert codes(of_set(tmp_path, world, manifest="name,value\nform.version,1.0\nset.version,1.1\n")) == []


def test_manifest_required_file_listed_as_absent_is_missing_from_a_full_set(tmp_path: Path) -> None:
    report = of_set(tmp_path, sets(required=True), manifest=lines(), orgs=ORGS_BULK, users=USERS_BULK)
    assert [(found.code, found.file) for found in report.findings] == [("missing-file", "roles.csv")]


def test_manifest_required_file_listed_as_absent_is_not_missing_among_changes(tmp_path: Path) -> None:
    text = lines(file_orgs="delta", file_users="absent")
    assert of_set(tmp_path, sets(required=True), manifest=text, orgs="id,status\nA,active\n").findings == ()


# ---- hostile ones


def test_manifest_under_another_name_is_read_all_the_same(tmp_path: Path) -> None:
    where = drop(tmp_path, orgs=ORGS_BULK, users=USERS_BULK)
    (where / "Manifest.CSV").write_text(lines(file_roles="bulk"))
    report = validate(where, sets())
    assert codes(report) == ["misnamed-file", "manifest-file-missing"]
    assert only(report, "manifest-file-missing").file == "Manifest.CSV"


@pytest.mark.parametrize("text", ["", "\0\0", "who,what\na,b\n", "name\nfile.orgs\n", "name,value\n"])
def test_manifest_that_says_nothing_leaves_the_files_to_their_rows(tmp_path: Path, text: str) -> None:
    report = said(tmp_path, text)
    assert report.verdict is Verdict.REJECTED
    assert [file.mode for file in report.files if file.name != "manifest.csv"] == ["bulk", "bulk"]


def test_manifest_that_is_no_file_is_told_once(tmp_path: Path) -> None:
    where = drop(tmp_path, orgs=ORGS_BULK)
    (where / "manifest.csv").symlink_to("orgs.csv")
    assert codes(validate(where, sets())) == ["not-a-regular-file"]


def test_manifest_without_end_is_read_to_a_bound(tmp_path: Path) -> None:
    report = said(tmp_path, lines() + "zebra,1\n" * 3 * MOST_ROWS, extra=Extra.IGNORE)
    assert told(report) == [("error", "manifest-too-long", None)]


def test_manifest_too_long_does_not_say_what_is_missing(tmp_path: Path) -> None:
    report = said(tmp_path, lines(file_roles=None) + "zebra,1\n" * MOST_ROWS, extra=Extra.IGNORE)
    assert codes(report) == ["manifest-too-long"]


def test_manifest_of_odd_names_is_read_in_no_time(tmp_path: Path) -> None:
    text = "name,value\n" + "".join(f"{'x' * 90}{i},1\n" for i in range(MOST_ROWS - 10))
    assert codes(said(tmp_path, text)) == ["manifest-unknown-property", "manifest-missing-property"]


def test_manifest_names_in_messages_are_the_dataset_s_own(tmp_path: Path) -> None:
    """What a stranger wrote is a value, shown where values are."""
    report = said(tmp_path, lines(form_version="Ada") + "Grace,Hopper\nmkaer,Linus\nform.version,Ken\n")
    text = " ".join(f"{found.message} {found.advice} {found.rule}" for found in report.findings)
    assert not any(name in text for name in ("Ada", "Grace", "Hopper", "mkaer", "Linus", "Ken"))


def test_read_rows_stand_in_file_order_with_their_lines(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_bytes(b'name,value\n\n"a\nb",\xe9\n,2\nc,\n')
    with open_source(tmp_path / "m.csv") as source:
        read = read_rows(source, manifest_schema(), "m.csv", MANIFEST)
    assert read is not None
    assert [(row.line, row.record, row.name, row.value) for row in read.rows] == [
        (3, 1, "a\nb", "é"),
        (6, 3, "c", None),
    ]
    assert (read.is_whole, read.is_too_long) == (False, False)  # what is no UTF-8 may be anything
