"""The names under which a dataset's files and zips come, with the date of the export in them and without."""

from __future__ import annotations

import re

import pytest

from watcher.model.deliveries import Delivery, NameRules, recognise
from watcher.schema.find import find_dataset
from watcher.service.datasets import intake_of

#: Datasets of whole lists, and what a zip of one is called in the drop.
WHOLE = {"clever": "clever.zip", "sds-1": "sds.zip", "sds-2.1": "sds.zip"}


def rules_of(name: str) -> NameRules:
    return intake_of(find_dataset(name)).rules


@pytest.mark.parametrize("name", WHOLE)
def test_every_file_of_the_dataset_is_known_with_a_date_and_without(name: str) -> None:
    for file in find_dataset(name).named_files():
        stem = file.schema.stem
        assert recognise(f"{stem}.csv", rules_of(name)) == Delivery(f"{stem}.csv")
        assert recognise(f"{stem}_20260901.csv", rules_of(name)) == Delivery(f"{stem}.csv", "20260901")
        assert recognise(f"{stem}2026090102000007.csv", rules_of(name)) == Delivery(f"{stem}.csv", "2026090102000007")


@pytest.mark.parametrize(("name", "target"), WHOLE.items())
def test_zip_of_any_name_is_known_and_the_datasets_own_is_a_whole_list(name: str, target: str) -> None:
    stem = target.removesuffix(".zip")
    assert recognise(target, rules_of(name)) == Delivery(target)
    assert recognise(f"{stem}20260901.zip", rules_of(name)) == Delivery(target, "20260901")
    assert recognise("Lakeview export.zip", rules_of(name)) == Delivery(target, each=True)
    assert recognise("lakeview-20260901.zip", rules_of(name)) == Delivery(target, "20260901", each=True)


@pytest.mark.parametrize("name", ["school.csv", "Schools.csv", "Student.txt"])
def test_name_of_no_file_is_not_known(name: str) -> None:
    assert recognise(name, rules_of("sds-1")) is None


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("canvas20260901.zip", Delivery("canvas.zip", "20260901", each=True)),
        ("Lakeview.zip", Delivery("canvas.zip", each=True)),
        ("users.csv", Delivery("users.csv", each=True)),
        ("enrollments_20260901.csv", Delivery("enrollments.csv", "20260901", each=True)),
        ("group_membership.csv", Delivery("group_membership.csv", each=True)),
        ("fall people.csv", Delivery("any.csv", each=True)),
        ("fall-20260901.csv", Delivery("any.csv", "20260901", each=True)),
        ("notes.txt", None),
        (".users.csv", None),
    ],
)
def test_canvas_takes_any_name_and_drops_no_change_for_a_newer_one(name: str, found: Delivery | None) -> None:
    assert recognise(name, rules_of("canvas-sis")) == found


def test_canvas_says_of_each_name_whether_it_was_read_where_an_integrator_reads_it() -> None:
    dataset = find_dataset("canvas-sis")
    names = [rule.undated.removesuffix(".csv") for rule in dataset.intake.names if not rule.is_free]
    read, remembered = re.findall(r"(?:were read|not confirmed): ([^.]+)\.", dataset.description)
    assert re.split(", | and ", read) == names[:5]
    assert re.split(", | and ", remembered) == names[5:]
    assert "nine file names from memory" in dataset.title
    assert len(names[5:]) == 9
