"""The names that Appazur's page on Infinite Campus gives its OneRoster extracts, from the upload root to the verdict."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from tests.corpora.corpus import CORPORA, build, read_case
from watcher.intake.envelope import FILES
from watcher.intake.unzip import unpack_drop
from watcher.model.deliveries import Delivery, recognise
from watcher.schema.find import find_dataset
from watcher.service.datasets import intake_of
from watcher.validation import validate

DATASET = find_dataset("infinite-campus-oneroster")
RULES = intake_of(DATASET).rules
SEVEN = ("manifest", "academicSessions", "classes", "courses", "enrollments", "orgs", "users")


def test_zip_of_the_page_with_its_date_is_a_delivery() -> None:
    """Appazur's page: File Name OR_bulk, File Extension zip, Append Date to Filename yyyymmdd."""
    assert recognise("OR_bulk20260901.zip", RULES) == Delivery("oneroster.zip", "20260901")


@pytest.mark.parametrize("stem", SEVEN)
def test_single_extract_of_the_page_is_a_delivery(stem: str) -> None:
    """Appazur's page, step 2: the seven file names; the utility may append a date to each."""
    assert recognise(f"{stem}.csv", RULES) == Delivery(f"{stem}.csv")
    assert recognise(f"{stem}2026090102000007.csv", RULES) == Delivery(f"{stem}.csv", "2026090102000007")


def test_seven_files_are_the_required_ones() -> None:
    assert set(intake_of(DATASET).required) == {f"{stem}.csv" for stem in SEVEN}


def test_zip_of_the_seven_files_is_accepted_without_a_finding(tmp_path: Path) -> None:
    drop = build(read_case(CORPORA / "infinite-campus-oneroster/good/seven-files"), tmp_path / "drop")
    envelope = tmp_path / "envelope"
    (envelope / FILES).mkdir(parents=True)
    with zipfile.ZipFile(envelope / FILES / "OR_bulk.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(drop.iterdir()):
            archive.write(file, file.name)
    shutil.rmtree(drop)

    assert not unpack_drop(envelope, DATASET, 10**9).findings
    assert sorted(file.name for file in (envelope / FILES).iterdir()) == sorted(f"{stem}.csv" for stem in SEVEN)
    assert not validate(envelope / FILES, DATASET).findings
