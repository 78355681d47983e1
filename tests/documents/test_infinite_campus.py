"""Infinite Campus, "Data Extract Utilities": the tables of the extract tool and of the zip tool, as files that come."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.documents.district import District, good, zipped
from watcher.model.deliveries import Delivery, NameRule, NameRules, recognise

FILES = good("infinite-campus-oneroster", "seven-files")
CHANGES = good("infinite-campus-oneroster", "delta")
ROOTS = "roots: [{path: upload, name: lakeview, dataset: infinite-campus-oneroster}]"


@pytest.fixture
def district(tmp_path: Path) -> District:
    (tmp_path / "upload").mkdir()
    return District(tmp_path, ROOTS)


@pytest.mark.parametrize("extension", ["csv", "html", "tab", "txt", "own"])
@pytest.mark.parametrize("digits", ["20260901", "20260901020000", "2026090102000007", "20260901020000123"])
def test_infinite_campus_append_date_to_filename_with_every_extension(extension: str, digits: str) -> None:
    """CSV, HTML, TAB, TXT and custom ones; yyyymmdd or yyyymmddhhmmssSS, whose SS may take three digits."""
    rules = NameRules((NameRule(f"extract{{date}}.{extension}", f"extract.{extension}"),))
    for name in (f"extract{digits}.{extension}", f"extract_{digits}.{extension}", f"extract.{extension}{digits}"):
        assert recognise(name, rules) == Delivery(f"extract.{extension}", digits)
    assert recognise(f"extract.{extension}", rules) == Delivery(f"extract.{extension}")


@pytest.mark.parametrize("content", [b"", b"x"])
def test_infinite_campus_test_connection_is_no_drop(district: District, content: bytes) -> None:
    """It writes a file of one byte; under which name is not said."""
    district.put("upload/ConnectionTest", content)
    district.go_on()
    assert district.records() == []
    kind, text = district.notices()["ConnectionTest"]
    assert kind == "connection-test"
    assert "it is removed after a while" in text


@pytest.mark.parametrize("name", ["users.csv", "users20260901.csv", "OR_bulk20260901.zip", "users_auto.csv", "any.zip"])
def test_infinite_campus_test_connection_under_the_name_of_a_file_is_no_drop(district: District, name: str) -> None:
    """Nor does it say that it is not the name of the extract."""
    district.put(f"upload/{name}", b"1")
    district.go_on()
    assert district.records() == []
    assert district.notices()[name][0] == "connection-test"
    assert not (district.folder / "upload" / "results").exists()


def test_infinite_campus_test_connection_under_the_name_of_a_file_spares_the_file(district: District) -> None:
    for name, content in FILES.items():
        district.put(f"upload/{name.replace('.csv', '20260901.csv')}", content)
    district.put("upload/users20260902.csv", b"x")
    district.go_on()
    assert district.states() == [("lakeview", "superseded"), ("lakeview", "loaded")]


def test_infinite_campus_file_extension_in_capitals_is_known(district: District) -> None:
    """The extension may be a custom one, and people write CSV."""
    for name, content in FILES.items():
        district.put(f"upload/{name.replace('.csv', '20260901.CSV')}", content)
    district.go_on()
    (record,) = district.records()
    assert (record.state.value, district.laid(record)) == ("loaded", set(FILES))


def test_infinite_campus_extract_of_the_day_before_is_not_mixed_in_unsaid(district: District) -> None:
    """One of the seven failed tonight, and yesterday's still lay there."""
    *others, last = FILES
    for name, content in FILES.items():
        district.put(f"upload/{name.replace('.csv', '20260901.csv')}", content)
    for name in others:
        district.put(f"upload/{name.replace('.csv', '20260902.csv')}", FILES[name])
    (wait,) = district.after(600)["lakeview"]
    assert wait.reason.startswith(f"waits for {last} of 20260902, which belongs with it")
    district.go_on()
    *_, drop = district.records()
    assert drop.state.value == "loaded"
    assert ("warning", "files-of-different-days") in {finding[:2] for finding in district.findings(drop)}


def test_infinite_campus_extracts_at_times_of_their_own_are_waited_for(district: District) -> None:
    """Each extract has its own start time, and nothing says which is the last."""
    *first, last = FILES
    for name in first:
        district.put(f"upload/{name}", FILES[name])
    (wait,) = district.after(600)["lakeview"]
    assert wait.waits_for.value == "files"
    assert wait.reason.startswith(f"waits for {last}, which belongs with it")
    district.put(f"upload/{last}", FILES[last])
    district.go_on()
    (record,) = district.records()
    assert record.state.value == "loaded"
    assert district.laid(record) == set(FILES)


def test_infinite_campus_extract_that_stopped_leaves_a_drop_that_says_so(district: District) -> None:
    """The utility stops silently when its user loses a right: the others don't wait for ever."""
    for name in FILES.keys() - {"orgs.csv"}:
        district.put(f"upload/{name}", FILES[name])
    district.go_on()
    (record,) = district.records()
    assert record.state.value == "rejected"
    assert ("error", "missing-file") in {finding[:2] for finding in district.findings(record)}


def test_infinite_campus_zip_tool_bundles_the_extracts(district: District) -> None:
    district.put("upload/OR_bulk2026090102000007.zip", zipped(FILES))
    district.go_on()
    (record,) = district.records()
    assert (record.state.value, district.laid(record)) == ("loaded", set(FILES))


def test_infinite_campus_zip_of_extracts_that_append_the_date_says_which_switch(district: District) -> None:
    """Each extract has an "Append Date to Filename" of its own, beside that of the zip."""
    dated = {name.replace(".csv", "20260901.csv"): content for name, content in FILES.items()}
    district.put("upload/OR_bulk20260902.zip", zipped(dated))
    district.go_on()
    (record,) = district.records()
    assert record.state.value == "rejected"
    assert {code for _, code, _ in district.findings(record)} == {"misnamed-file"}
    text = (district.folder / "upload" / "results" / f"{record.epoch}.txt").read_text()
    assert text.count('in an export program switch "append date" off') == 1


def test_infinite_campus_zip_that_is_cut_off_waits_and_is_then_refused(district: District) -> None:
    district.put("upload/OR_bulk20260901.zip", zipped(FILES)[:-30])
    (wait,) = district.after(600)["lakeview"]
    assert wait.reason.startswith("the zip's end is not there yet; it is taken as it is at ")
    district.go_on()
    (record,) = district.records()
    assert record.state.value == "rejected"
    assert "zip-truncated" in {code for _, code, _ in district.findings(record)}


def test_infinite_campus_zip_that_is_cut_off_is_taken_when_the_rest_comes(district: District) -> None:
    whole = zipped(FILES)
    district.put("upload/OR_bulk20260901.zip", whole[:-30])
    district.after(600)
    district.put("upload/OR_bulk20260901.zip", whole)
    district.go_on()
    assert district.states() == [("lakeview", "loaded")]


def test_infinite_campus_student_photos_are_a_zip_of_person_ids(tmp_path: Path) -> None:
    """The zip tool's Student Photo Extract: `[personID].jpg`."""
    (tmp_path / "upload").mkdir()
    district = District(tmp_path, "roots: [{path: upload, name: lakeview, dataset: infinite-campus-photos}]")
    pictures = good("infinite-campus-photos", "full")
    district.put("upload/photos20260901.zip", zipped(pictures))
    district.go_on()
    (record,) = district.records()
    assert record.state.value == "loaded", district.findings(record)


def test_infinite_campus_photos_of_schools_in_zips_of_their_own_are_all_taken(tmp_path: Path) -> None:
    """What the zip is called is the district's choice; those of schools must not take each other's place."""
    (tmp_path / "upload").mkdir()
    district = District(tmp_path, "roots: [{path: upload, name: lakeview, dataset: infinite-campus-photos}]")
    pictures = good("infinite-campus-photos", "full")
    for number, (name, content) in enumerate(pictures.items()):
        district.put(f"upload/school {number}.zip", zipped({name: content}))
    district.go_on()
    records = district.records()
    assert [record.state.value for record in records] == ["loaded"] * len(pictures)
    assert set().union(*map(district.laid, records)) == set(pictures)


def test_infinite_campus_changes_beside_a_whole_list_are_loaded_after_it(district: District) -> None:
    """In one drop they would be two zips with the same files, and refused."""
    district.put("upload/OR_bulk20260901.zip", zipped(FILES))
    district.put("upload/OR_delta20260902.zip", zipped(FILES))
    district.put("upload/lakeview20260903.zip", zipped(FILES))
    district.go_on()
    assert district.states() == [("lakeview", "loaded")] * 3
    taken = [record.source.entries[0].name for record in district.records()]
    assert taken == ["OR_bulk20260901.zip", "OR_delta20260902.zip", "lakeview20260903.zip"]
    for record in district.records():  # his zips have one name in the drops, and he knows each by his own
        text = (district.folder / "upload" / "results" / f"{record.epoch}.txt").read_text()
        assert f"\nSent as: {record.source.entries[0].name}\n" in text


@pytest.mark.parametrize("name", ["oneroster{}.zip", "OR_delta{}.zip", "oneroster_{}_auto.zip"])
def test_infinite_campus_changes_of_two_nights_are_loaded_both(district: District, name: str) -> None:
    """The older zip was set aside unread, and with it the changes of a night."""
    for day in ("20260901", "20260902"):
        district.put(f"upload/{name.format(day)}", zipped(CHANGES))
    district.go_on()
    assert district.states() == [("lakeview", "loaded")] * 2
    assert [record.source.entries[0].stamp for record in district.records()] == ["20260901", "20260902"]


@pytest.mark.parametrize(
    ("files", "manifest"), [(FILES, CHANGES["manifest.csv"]), (CHANGES, FILES["manifest.csv"]), (CHANGES, None)]
)
def test_infinite_campus_loader_may_not_remove_where_manifest_and_rows_differ(
    district: District, files: dict[str, bytes], manifest: bytes | None
) -> None:
    """One extract of the seven was set to another @type than the others."""
    district.put("upload/OR_bulk20260901.zip", zipped(files | ({} if manifest is None else {"manifest.csv": manifest})))
    district.go_on()
    (record,) = district.records()
    assert district.modes(record) == {name: None if name == "manifest.csv" else "delta" for name in FILES}
    assert (("warning", "mode-conflict", "users.csv") in district.findings(record)) is (manifest is not None)


def test_infinite_campus_loader_is_told_of_a_whole_list(district: District) -> None:
    district.put("upload/OR_bulk20260901.zip", zipped(FILES))
    district.go_on()
    (record,) = district.records()
    assert district.modes(record) == {name: None if name == "manifest.csv" else "bulk" for name in FILES}


def test_infinite_campus_zip_of_another_dataset_is_refused_for_what_it_is(district: District) -> None:
    district.put("upload/photos.zip", zipped(good("infinite-campus-photos", "full")))
    district.go_on()
    (record,) = district.records()
    assert record.state.value == "rejected"
    assert ("error", "empty-epoch", None) in district.findings(record)
    text = (district.folder / "upload" / "results" / f"{record.epoch}.txt").read_text()
    assert "the dataset infinite-campus-oneroster knows none of the 2 files that came" in text


def test_infinite_campus_older_extract_that_comes_after_a_newer_one_is_held(district: District) -> None:
    """An extract that was run again for an old day must not take the place of what is newer."""
    district.put("upload/OR_bulk20260901.zip", zipped(FILES))
    district.go_on()
    district.put("upload/OR_bulk20260831.zip", zipped(FILES | {"users.csv": FILES["users.csv"] + b""}))
    district.go_on()
    assert district.states() == [("lakeview", "loaded"), ("lakeview", "held")]
    reason = "it is late: OR_bulk20260831.zip is older than the one of 20260901, which was loaded before"
    assert district.records()[-1].reason == reason
