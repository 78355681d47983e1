"""The page on writing a schema: its example is sound, and every key is on it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import watcher
from watcher.schema import Dataset, read_dataset
from watcher.schema.judge import META_SCHEMAS, meta_schema
from watcher.schema.model import Extra

PAGE = (Path(watcher.__file__).parents[1] / "docs/how-to/write-a-schema.md").read_text(encoding="utf-8")


def keys_of(schema: dict[str, Any]) -> set[str]:
    properties: dict[str, Any] = schema.get("properties", {})
    inner = [*properties.values(), *([schema["items"]] if "items" in schema else [])]
    return set(properties).union(*(keys_of(each) for each in [*inner, *schema.get("$defs", {}).values()]))


def test_docs_every_key_of_the_meta_schemas_is_on_the_page() -> None:
    for kind in META_SCHEMAS:
        for key in keys_of(meta_schema(kind)):
            assert re.search(rf"`(?:[^`]*\W)?{re.escape(key)}\b", PAGE), key


def test_docs_fragments_are_sound(tmp_path: Path) -> None:
    """Every other example on the page, put into a dataset that it fits."""
    blocks = [text for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL) if not text.startswith("# ")]
    modes, intake, shared, references, rules, checks, tolerate = blocks
    orgs = "file: orgs.csv\ncolumns: [{name: id}, {name: type, enum: [school, district]}]\n"
    students = "file: students.csv\ncolumns: [{name: student_id}]\n"
    classes = "file: classes.csv\ncolumns: [{name: id}, {name: begins}, {name: ends}]\n"
    users = f"file: users.csv\ncolumns:\n- {{name: role}}\n- {{name: teaches, type: array}}\n- {{name: status}}\n{shared}{references}{rules}"
    manifest = "file: manifest.csv\ncolumns: [{name: name}, {name: value}]\n"
    schemas = {"orgs": orgs, "students": students, "classes": classes, "users": users, "manifest": manifest}
    for stem, text in schemas.items():
        (tmp_path / f"{stem}.yaml").write_text(text)
    (tmp_path / "types.yaml").write_text("guid: {maxLength: 9}\n")
    listed = "".join(f"- {{schema: {stem}.yaml}}\n" for stem in schemas)
    (tmp_path / "dataset.yaml").write_text(f"name: d\nfiles:\n{listed}{modes}{intake}{checks}{tolerate}")
    dataset = read_dataset(tmp_path)
    assert [mode.name for mode in dataset.modes] == ["bulk", "delta"]
    assert [rule.target for rule in dataset.intake.names] == ["users.csv", "export.zip", "changes.zip", "any.zip"]
    assert [rule.each for rule in dataset.intake.names] == [False, False, True, True]
    assert dataset.tolerate


def example(folder: Path, name: str) -> Dataset:
    """One of the datasets that the page shows whole."""
    for file, text in re.findall(rf"```yaml\n# {name}/(\S+)\n(.*?)```", PAGE, re.DOTALL):
        (folder / file).write_text(text)
    return read_dataset(folder)


def test_docs_example_is_a_sound_dataset(tmp_path: Path) -> None:
    assert [file.name for file in example(tmp_path, "lunches").files] == ["accounts.csv"]


def test_docs_example_that_extends_differs_as_the_page_says(tmp_path: Path) -> None:
    [file] = example(tmp_path, "hillview").files
    grade, bus = file.schema.column("grade"), file.schema.columns[-1]
    assert grade is not None
    assert (grade.aliases, grade.severity.value, bus.name) == (("year_group",), "warning", "bus")
    assert grade.judged_by["enum"]
    assert file.schema.column("homeroom") is None
    assert file.schema.header.missing is Extra.WARN
