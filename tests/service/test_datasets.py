"""What the planner is told of how the files of a dataset come."""

from __future__ import annotations

from watcher.model.deliveries import NameRule
from watcher.schema.model import Dataset, DatasetFile, FileSchema, Intake, Zips
from watcher.service.datasets import intake_of

USERS = DatasetFile(FileSchema("users.csv"), required=True)
PHOTOS = DatasetFile(FileSchema("photos.zip"), match="photos*.zip")


def test_intake_zips_of_the_dataset_itself_are_whole() -> None:
    found = intake_of(Dataset("d", (USERS, PHOTOS)))
    assert found.required == ("users.csv",)
    assert found.whole_zips == ("photos*.zip",)


def test_intake_without_unpacking_every_zip_is_whole() -> None:
    assert intake_of(Dataset("d", (USERS,), zips=Zips(unpack=False))).whole_zips == ("*",)


def test_intake_auto_is_known_with_the_extension_of_a_rule_whose_date_ends_its_name() -> None:
    """Once `.txt{date}` was taken for an extension."""
    rules = (NameRule("export.txt{date}", "users.csv"),)
    assert intake_of(Dataset("d", (USERS,), intake=Intake(rules))).rules.auto_extensions == ("csv", "zip", "txt")
