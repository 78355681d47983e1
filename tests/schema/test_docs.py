"""The page on writing a schema: its example is sound, and every key is on it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import watcher
from watcher.schema import read_dataset
from watcher.schema.judge import META_SCHEMAS, meta_schema

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
    blocks = [text for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL) if not text.startswith("# lunches/")]
    shared, references, rules, checks, tolerate = blocks
    orgs = "file: orgs.csv\ncolumns: [{name: id}, {name: type, enum: [school, district]}]\n"
    students = "file: students.csv\ncolumns: [{name: student_id}]\n"
    classes = "file: classes.csv\ncolumns: [{name: id}, {name: begins}, {name: ends}]\n"
    users = f"file: users.csv\ncolumns:\n- {{name: role}}\n- {{name: teaches, type: array}}\n- {{name: status}}\n{shared}{references}{rules}"
    for stem, text in {"orgs": orgs, "students": students, "classes": classes, "users": users}.items():
        (tmp_path / f"{stem}.yaml").write_text(text)
    (tmp_path / "types.yaml").write_text("guid: {maxLength: 9}\n")
    listed = "".join(f"- {{schema: {stem}.yaml}}\n" for stem in ("orgs", "students", "classes", "users"))
    (tmp_path / "dataset.yaml").write_text(f"name: d\nfiles:\n{listed}{checks}{tolerate}")
    assert read_dataset(tmp_path).tolerate


def test_docs_example_is_a_sound_dataset(tmp_path: Path) -> None:
    blocks = re.findall(r"```yaml\n# lunches/(\S+)\n(.*?)```", PAGE, re.DOTALL)
    for name, text in blocks:
        (tmp_path / name).write_text(text)
    assert len(blocks) == 2
    assert read_dataset(tmp_path).name == "lunches"
