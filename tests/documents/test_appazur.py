"""Appazur help, "Infinite Campus": the two deliveries by SFTP, with the names and paths of the page."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.documents.district import District, good, zipped

DISTRICTS = Path(__file__).parents[2] / "docs" / "districts"
CONTACTS = good("appazur-contacts", "two-contacts")["students.txt"]
CLASSES = good("infinite-campus-oneroster", "seven-files")
ROOTS = """
roots:
  - path: sftp/*
    folders:
      users: {dataset: appazur-contacts}
      classes: {dataset: appazur-classes}
"""


@pytest.fixture
def district(tmp_path: Path) -> District:
    """The account `sunnycrest` with its folders `users` and `classes`."""
    for folder in ("users", "classes"):
        (tmp_path / "sftp" / "sunnycrest" / folder).mkdir(parents=True)
    return District(tmp_path, ROOTS)


def test_appazur_contacts_come_to_users_with_date_and_time_in_their_name(district: District) -> None:
    """File name students.txt, extension txt, appended yyyymmddhhmmssSS, path sunnycrest/users."""
    district.put("sftp/sunnycrest/users/students2026090102000007.txt", CONTACTS)
    district.go_on()
    (record,) = district.records()
    assert (record.root, record.state.value, record.dataset) == ("sunnycrest-users", "loaded", "appazur-contacts")
    assert district.laid(record) == {"students.txt"}
    assert district.left("sftp/sunnycrest/users") == set()


@pytest.mark.parametrize(
    "name",
    [
        "students.txt",
        "students.txt2026090102000007",
        "students_20260901020000123.txt",
        "students.txt2026090102000007.txt",
    ],
)
def test_appazur_contacts_are_known_wherever_the_date_stands(district: District, name: str) -> None:
    """The page gives the digits and not their place; its sample has the extension twice."""
    district.put(f"sftp/sunnycrest/users/{name}", CONTACTS)
    district.go_on()
    assert district.states() == [("sunnycrest-users", "loaded")]


def test_appazur_classes_come_in_a_zip_named_or_bulk_and_the_day(district: District) -> None:
    """OR_bulk with yyyymmdd, extension zip, path sunnycrest/classes/, the seven extracts in it."""
    district.put("sftp/sunnycrest/classes/OR_bulk20260901.zip", zipped(CLASSES))
    district.go_on()
    (record,) = district.records()
    assert (record.root, record.state.value, record.dataset) == ("sunnycrest-classes", "loaded", "appazur-classes")
    assert {"classes.csv", "courses.csv", "enrollments.csv", "orgs.csv"} <= district.laid(record)


def test_appazur_both_folders_go_their_own_ways(district: District) -> None:
    district.put("sftp/sunnycrest/users/students2026090102000007.txt", CONTACTS.replace(b"\t", b";"))
    district.put("sftp/sunnycrest/classes/OR_bulk20260901.zip", zipped(CLASSES))
    district.go_on()
    assert sorted(district.states()) == [("sunnycrest-classes", "loaded"), ("sunnycrest-users", "rejected")]


def test_appazur_file_in_the_wrong_folder_is_told(district: District) -> None:
    district.put("sftp/sunnycrest/users/OR_bulk20260901.zip", zipped(CLASSES))
    district.put("sftp/sunnycrest/classes/students2026090102000007.txt", CONTACTS)
    district.go_on()
    assert district.records() == []
    assert {kind for kind, _ in district.notices().values()} == {"unknown-entry"}


def test_appazur_reports_lie_in_each_folder_where_the_pages_say(district: District) -> None:
    """The pages named upload/results alone: who was told /upload/users/ looked where nothing ever lies."""
    district.put("sftp/sunnycrest/users/students20260901.txt", CONTACTS)
    district.go_on()
    assert len(list((district.folder / "sftp/sunnycrest/users/results").glob("*.txt"))) == 1
    assert not (district.folder / "sftp/sunnycrest/results").exists()
    for page in ("infinite-campus.md", "what-comes-back.md"):
        assert "`/upload/users/results`" in (DISTRICTS / page).read_text(encoding="utf-8")


def test_appazur_test_connection_leaves_a_file_of_one_byte_and_no_drop(district: District) -> None:
    for folder in ("users", "classes"):
        district.put(f"sftp/sunnycrest/{folder}/test.tmp.txt", b"x")
    district.go_on()
    assert district.records() == []
    assert [kind for kind, _ in district.notices().values()] == ["connection-test"]


def test_appazur_nights_that_piled_up_give_the_last_one_and_keep_the_others(district: District) -> None:
    """A date is appended so that files are not overwritten: after three nights there are three."""
    for day in ("20260830", "20260831", "20260901"):
        district.put(f"sftp/sunnycrest/classes/OR_bulk{day}.zip", zipped(CLASSES))
    district.go_on()
    *older, newest = district.records()
    assert [record.state.value for record in older] == ["superseded", "superseded"]
    assert [record.source.entries[0].stamp for record in older] == ["20260830", "20260831"]
    assert (newest.state.value, newest.source.entries[0].name) == ("loaded", "OR_bulk20260901.zip")
    assert ("warning", "older-files-set-aside", "oneroster.zip") in district.findings(newest)
    for record in older:
        envelope = district.folder / "work" / "archive" / record.root / record.folder_name
        assert (envelope / "files" / "oneroster.zip").read_bytes() == zipped(CLASSES)


def test_appazur_folder_of_a_new_school_is_found_when_it_is_made(district: District) -> None:
    district.put("sftp/lakeview/users/students2026090102000007.txt", CONTACTS)
    district.go_on()
    assert district.states() == [("lakeview-users", "loaded")]
