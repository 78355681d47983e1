"""OneRoster 1.1: the tables of its columns, written down once more, and its zips, from the file to the verdict."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tests.corpora.corpus import CORPORA, build, read_case
from watcher.intake.envelope import FILES
from watcher.intake.unzip import unpack_drop
from watcher.model.deliveries import Delivery, recognise
from watcher.model.findings import Finding
from watcher.schema.find import find_dataset
from watcher.service.datasets import intake_of
from watcher.validation import validate

#: Each header line; a column that must be filled has a star, one that a delta alone fills a circumflex.
HEADERS = {
    "academicSessions": "sourcedId* status^ dateLastModified^ title* type* startDate* endDate* parentSourcedId schoolYear*",
    "categories": "sourcedId* status^ dateLastModified^ title*",
    "classes": "sourcedId* status^ dateLastModified^ title* grades courseSourcedId* classCode classType* location "
    "schoolSourcedId* termSourcedIds* subjects subjectCodes periods",
    "classResources": "sourcedId* status^ dateLastModified^ title classSourcedId* resourceSourcedId*",
    "courses": "sourcedId* status^ dateLastModified^ schoolYearSourcedId title* courseCode grades orgSourcedId* subjects "
    "subjectCodes",
    "courseResources": "sourcedId* status^ dateLastModified^ title courseSourcedId* resourceSourcedId*",
    "demographics": "sourcedId* status^ dateLastModified^ birthDate sex americanIndianOrAlaskaNative asian "
    "blackOrAfricanAmerican nativeHawaiianOrOtherPacificIslander white demographicRaceTwoOrMoreRaces "
    "hispanicOrLatinoEthnicity countryOfBirthCode stateOfBirthAbbreviation cityOfBirth publicSchoolResidenceStatus",
    "enrollments": "sourcedId* status^ dateLastModified^ classSourcedId* schoolSourcedId* userSourcedId* role* primary "
    "beginDate endDate",
    "lineItems": "sourcedId* status^ dateLastModified^ title* description assignDate* dueDate* classSourcedId* "
    "categorySourcedId* gradingPeriodSourcedId* resultValueMin* resultValueMax*",
    "orgs": "sourcedId* status^ dateLastModified^ name* type* identifier parentSourcedId",
    "resources": "sourcedId* status^ dateLastModified^ vendorResourceId* title roles importance vendorId applicationId",
    "results": "sourcedId* status^ dateLastModified^ lineItemSourcedId* studentSourcedId* scoreStatus* score* scoreDate* "
    "comment",
    "users": "sourcedId* status^ dateLastModified^ enabledUser* orgSourcedIds* role* username* userIds givenName* "
    "familyName* middleName identifier email sms phone agentSourcedIds grades password",
}
BULK, DELTA = find_dataset("oneroster-1.1").modes


@pytest.mark.parametrize("stem", HEADERS)
def test_columns_are_those_of_the_standard(stem: str) -> None:
    schema = find_dataset("oneroster-1.1").schema_for(f"{stem}.csv")
    assert schema is not None
    marked = [
        column.name + ("*" if column.required else "^" if column.name in DELTA.required else "")
        for column in schema.columns
        if column.match is None
    ]
    assert " ".join(marked) == HEADERS[stem]
    assert BULK.blank == DELTA.required == ("status", "dateLastModified")


def test_dataset_has_the_files_of_the_standard() -> None:
    assert {file.schema.stem for file in find_dataset("oneroster-1.1").files} == {*HEADERS, "manifest"}


@pytest.mark.parametrize("name", ["oneroster-1.1", "oneroster-1.1-tolerant"])
def test_every_column_says_what_it_is(name: str) -> None:
    """A person looks a column up by its name: what it holds, what a value looks like, who says so."""
    columns = [column for file in find_dataset(name).files for column in file.schema.columns]
    assert [column.name for column in columns if not (column.description and column.source)] == []
    assert [column.name for column in columns if column.match is None and not column.example] == []


@pytest.mark.parametrize("name", ["OR_bulk20260901.zip", "oneroster_auto.zip", "oneroster.zip", "users_20260901.csv"])
def test_loose_file_is_a_delivery(name: str) -> None:
    assert isinstance(recognise(name, intake_of(find_dataset("oneroster-1.1")).rules), Delivery)


@pytest.mark.parametrize(
    "dataset", ["oneroster-1.1", "oneroster-1.2-tolerant", "infinite-campus-oneroster", "appazur-classes"]
)
def test_zip_may_have_any_name_and_each_of_them_counts(dataset: str) -> None:
    """The standard: any name that ends in .zip. Whether it holds a list or changes nobody knows yet."""
    rules = intake_of(find_dataset(dataset)).rules
    for name, stamp in (("Lakeview export 7.zip", ""), ("20260901.zip", "20260901"), ("x.zip.20260901", "20260901")):
        assert recognise(name, rules) == Delivery("oneroster.zip", stamp, each=True)
    assert recognise("OR_bulk20260901.zip", rules) == Delivery("oneroster.zip", "20260901")
    assert recognise("OR_delta20260901.zip", rules) == Delivery("oneroster.zip", "20260901", each=True)
    assert recognise("Lakeview.csv", rules) is None


@pytest.mark.parametrize(
    "dataset",
    ["oneroster-1.1", "oneroster-1.2", "oneroster-1.1-tolerant", "infinite-campus-oneroster", "appazur-classes"],
)
@pytest.mark.parametrize("stem", ["oneroster20260901", "oneroster_20260901", "oneroster20260901_auto"])
def test_zip_by_our_own_name_counts_each_time(dataset: str, stem: str) -> None:
    """Of two nights' changes under such names the older was set aside unread."""
    rules = intake_of(find_dataset(dataset)).rules
    assert recognise(f"{stem}.zip", rules) == Delivery("oneroster.zip", "20260901", each=True)


def test_zip_of_a_good_set_gives_no_finding(tmp_path: Path) -> None:
    assert not unzipped(tmp_path, "oneroster-1.1", "")


def test_folder_in_a_zip_is_an_error(tmp_path: Path) -> None:
    """Nothing is taken out of it then: that no data file is there is a consequence."""
    found = unzipped(tmp_path, "oneroster-1.1", "export/")
    assert (found[0].severity, found[0].code) == ("error", "zip-folder")
    assert {f.code for f in found} == {"zip-folder", "empty-epoch", "missing-file"}


def test_folder_in_a_zip_is_tolerated(tmp_path: Path) -> None:
    found = unzipped(tmp_path, "oneroster-1.1-tolerant", "export/")
    assert [(f.severity, f.code) for f in found] == [("warning", "zip-folder")]


def unzipped(folder: Path, name: str, prefix: str) -> list[Finding]:
    """What is found in a zip of the full good set, whose members lie in a folder, and in its files."""
    dataset, envelope = find_dataset(name), folder / "envelope"
    drop = build(read_case(CORPORA / "oneroster-1.1/good/full"), folder / "drop")
    (envelope / FILES).mkdir(parents=True)
    with zipfile.ZipFile(envelope / FILES / "OR_bulk.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(drop.iterdir()):
            archive.write(file, prefix + file.name)
    unpacked = unpack_drop(envelope, dataset, 10**9).findings
    return list(validate(envelope / FILES, dataset, extra=unpacked).findings)
