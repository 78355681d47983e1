"""Clever, Microsoft School Data Sync and Canvas: files as their documents have them come, loose or in a zip."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.documents.district import District, good, zipped


def district_of(folder: Path, dataset: str) -> District:
    (folder / "upload").mkdir()
    return District(folder, f"roots: [{{path: upload, name: lakeview, dataset: {dataset}}}]")


def put(district: District, files: dict[str, bytes], form: str = "{}.csv") -> None:
    for name, content in files.items():
        district.put(f"upload/{form.format(name.removesuffix('.csv'))}", content)


@pytest.mark.parametrize("form", ["{}.csv", "{}_20260901.csv"])
@pytest.mark.parametrize("dataset", ["clever", "sds-1", "sds-2.1"])
def test_peers_loose_files_become_one_drop_with_a_date_in_their_names_or_not(
    tmp_path: Path, dataset: str, form: str
) -> None:
    district, files = district_of(tmp_path, dataset), good(dataset, "full")
    put(district, files, form)
    district.go_on()
    (record,) = district.records()
    assert (record.state.value, district.laid(record)) == ("loaded", set(files))
    assert district.left("upload") == set()


@pytest.mark.parametrize("name", ["{}.zip", "{}20260901.zip", "Lakeview export.zip"])
@pytest.mark.parametrize(("dataset", "own"), [("clever", "clever"), ("sds-1", "sds"), ("sds-2.1", "sds")])
def test_peers_zip_of_any_name_becomes_a_drop_of_its_files(tmp_path: Path, dataset: str, own: str, name: str) -> None:
    district, files = district_of(tmp_path, dataset), good(dataset, "full")
    district.put(f"upload/{name.format(own)}", zipped(files))
    district.go_on()
    (record,) = district.records()
    assert (record.state.value, district.laid(record)) == ("loaded", set(files))
    assert district.left("upload") == set()


def test_peers_newest_of_several_whole_lists_counts(tmp_path: Path) -> None:
    district, files = district_of(tmp_path, "sds-2.1"), good("sds-2.1", "people-only")
    for day in ("20260831", "20260901"):
        district.put(f"upload/sds{day}.zip", zipped(files))
    district.go_on()
    assert [(record.state.value, record.source.entries[0].name) for record in district.records()] == [
        ("superseded", "sds20260831.zip"),
        ("loaded", "sds20260901.zip"),
    ]


@pytest.mark.parametrize("name", ["canvas20260901.zip", "Lakeview.zip"])
def test_canvas_zip_of_any_name_becomes_a_drop_of_its_files(tmp_path: Path, name: str) -> None:
    """Canvas SIS import: a zip, or single CSV files."""
    district, files = district_of(tmp_path, "canvas-sis"), good("canvas-sis", "full")
    district.put(f"upload/{name}", zipped(files))
    district.go_on()
    (record,) = district.records()
    assert (record.state.value, district.laid(record)) == ("loaded", set(files))


def test_canvas_loose_files_of_known_kinds_go_together(tmp_path: Path) -> None:
    district, files = district_of(tmp_path, "canvas-sis"), good("canvas-sis", "full")
    put(district, files)
    district.go_on()
    (record,) = district.records()
    assert (record.state.value, district.laid(record)) == ("loaded", set(files))


def test_canvas_changes_of_several_days_are_all_loaded_the_oldest_first(tmp_path: Path) -> None:
    """A row that is gone from a later file stays as it was: no file makes an earlier one needless."""
    district, users = district_of(tmp_path, "canvas-sis"), good("canvas-sis", "full")["users.csv"]
    for name in ("users20260901.csv", "users20260831.csv", "fall 20260831.csv", "spring 20260901.csv"):
        district.put(f"upload/{name}", users)
    district.go_on()
    assert [(record.state.value, district.laid(record)) for record in district.records()] == [
        ("loaded", {"users.csv", "any.csv"})
    ] * 2
    older, newer = (sorted(entry.name for entry in record.source.entries) for record in district.records())
    assert older == ["fall 20260831.csv", "users20260831.csv"]
    assert newer == ["spring 20260901.csv", "users20260901.csv"]
    assert district.left("upload") == set()
