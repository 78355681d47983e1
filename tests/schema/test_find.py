"""Finding datasets by name and by folder; the bundled ones and their promises."""

from __future__ import annotations

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from watcher.errors import ConfigError
from watcher.schema import Dataset, bundled_datasets, bundled_folder, dataset_names, find_dataset
from watcher.schema.judge import META_SCHEMAS, meta_schema
from watcher.validation import validate

BUNDLED = bundled_datasets()


def mine(folder: Path, name: str) -> Path:
    (folder / name).mkdir(parents=True)
    (folder / name / "dataset.yaml").write_text("name: mine\nfiles: [{schema: a.yaml}]\n")
    (folder / name / "a.yaml").write_text("file: a.csv\n")
    return folder


def test_find_bundled_by_name_or_folder() -> None:
    assert find_dataset("students") == find_dataset(bundled_folder() / "students")


def test_find_own_folder_comes_before_the_bundled(tmp_path: Path) -> None:
    assert find_dataset("students", [mine(tmp_path, "students")]).name == "mine"
    assert find_dataset(tmp_path / "students").name == "mine"
    assert find_dataset("family/1.0", [mine(tmp_path, "family/1.0")]).name == "mine"
    assert "family/1.0" in dataset_names([tmp_path])


def test_find_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"'studnts': no such dataset.*did you mean 'students'"):
        find_dataset("studnts")


def test_find_name_does_not_leave_its_folder(tmp_path: Path) -> None:
    mine(tmp_path, "outside")
    (tmp_path / "inside").mkdir()
    with pytest.raises(ConfigError):
        find_dataset("../outside", [tmp_path / "inside"])


@pytest.mark.parametrize("dataset", BUNDLED, ids=lambda dataset: dataset.name)
def test_bundled_dataset_explains_itself(dataset: Dataset) -> None:
    assert dataset.title
    assert dataset.description
    for file in dataset.files:
        assert file.schema.description
        for column in file.schema.columns:
            assert column.description, f"{file.schema.file}: {column.name}"
            assert column.example, f"{file.schema.file}: {column.name}"
            assert column.source, f"{file.schema.file}: {column.name}"


@pytest.mark.parametrize("dataset", BUNDLED, ids=lambda dataset: dataset.name)
def test_bundled_examples_are_accepted(dataset: Dataset, tmp_path: Path) -> None:
    for file in dataset.files:
        columns = file.schema.columns
        rows = [[c.name for c in columns], [f'"{c.example}"' for c in columns]] if columns else [["a"], ["1"]]
        (tmp_path / file.schema.file).write_text("".join(",".join(row) + "\n" for row in rows))
    assert validate(tmp_path, dataset).findings == ()


@pytest.mark.parametrize("kind", META_SCHEMAS)
def test_meta_schema_is_sound_and_every_key_is_described(kind: str) -> None:
    schema = meta_schema(kind)
    Draft202012Validator.check_schema(schema)
    described(schema, kind)


def described(schema: dict[str, object], where: str) -> None:
    assert schema.get("description"), where
    properties = schema.get("properties", {})
    assert isinstance(properties, dict)
    for name, inner in properties.items():
        described(inner, f"{where}.{name}")
