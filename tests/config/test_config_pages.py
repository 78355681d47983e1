from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import watcher
from watcher.config import LogSettings, RootSettings, Settings, example_text, load, reference_text, schema
from watcher.config.schema import options_of, root_schema

REPOSITORY = Path(watcher.__file__).parents[1]


def options() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(section, name, sub-schema) of every option but those of a loader."""
    yield from (("", name, option) for name, option in options_of(schema()).items())
    yield from (("log", name, option) for name, option in options_of(schema()["properties"]["log"]).items())
    yield from (("root", name, option) for name, option in options_of(root_schema()).items())


def test_schema_is_itself_sound() -> None:
    Draft202012Validator.check_schema(schema())


def test_schema_copy_can_be_changed() -> None:
    schema()["properties"].clear()
    assert schema()["properties"]


@pytest.mark.parametrize(("section", "name", "option"), [pytest.param(*o, id=f"{o[0]}-{o[1]}") for o in options()])
def test_schema_option_has_description_and_sound_example(section: str, name: str, option: dict[str, Any]) -> None:
    assert len(option["description"]) > 20
    if name == "log":
        return
    validator = Draft202012Validator(schema()).evolve(schema={**option, "$defs": schema()["$defs"]})
    for example in option["examples"]:
        validator.validate(example)
    if "default" in option:
        validator.validate(option["default"])


@pytest.mark.parametrize(
    ("section", "kind", "elsewhere"),
    [
        ("", Settings, {"defaults"}),
        ("log", LogSettings, set()),
        ("root", RootSettings, {"folders"}),
    ],
)
def test_schema_options_and_defaults_are_those_of_settings(section: str, kind: type, elsewhere: set[str]) -> None:
    found = {name: option for s, name, option in options() if s == section and name not in elsewhere}
    made = {"source", "secrets_in_file", "folder"}
    fields = {field.name: field for field in dataclasses.fields(kind) if field.name not in made}
    assert set(found) == set(fields)
    for name, field in fields.items():
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            assert "default" not in found[name]
        elif _default_of(field) is None:
            assert "default" not in found[name], name
        elif name != "log":
            assert _plain(_default_of(field)) == found[name]["default"], name


def _default_of(field: dataclasses.Field[Any]) -> Any:
    return field.default if field.default_factory is dataclasses.MISSING else field.default_factory()


def _plain(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    return list(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize(
    ("file", "text"),
    [("config.example.yaml", example_text()), ("docs/reference/configuration.md", reference_text())],
)
def test_page_is_up_to_date(file: str, text: str) -> None:
    assert (REPOSITORY / file).read_text(encoding="utf-8") == text


@pytest.mark.parametrize(("section", "name"), [o[:2] for o in options()])
def test_pages_have_every_option(section: str, name: str) -> None:
    heading = {"": name, "log": f"log.{name}", "root": f"roots[].{name}"}[section]
    assert f"### `{heading}`" in reference_text()
    indent = {"": "", "log": "  ", "root": "    "}[section]
    assert re.search(rf"^{indent}(#|  - )?{name}:|^  - {name}:", example_text(), re.MULTILINE)


def test_example_as_it_is_is_sound(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(example_text(), encoding="utf-8")
    settings = load(file, {})
    assert settings.roots == (RootSettings(path="/srv/sftp/*/upload"),)
    assert settings.secrets_in_file is False


def test_example_with_everything_switched_on_is_sound(tmp_path: Path) -> None:
    """Prose has a blank behind its #, a switched-off option has none. A root with a glob has no name."""
    text = re.sub(r"^( *)#(?=\S)", r"\1", example_text(), flags=re.MULTILINE).replace("    name: lakeview\n", "")
    file = tmp_path / "config.yaml"
    file.write_text(text, encoding="utf-8")
    settings = load(file, {"JOURNAL_PASSWORD": "x", "WAREHOUSE_PASSWORD": "y"})
    assert list(settings.loaders) == ["archive", "warehouse"]
    assert settings.roots[0].expect == ("students.csv", "guardians.csv")
    assert [root.folder for root in settings.roots] == ["users", "classes"]
    assert settings.secrets_in_file is False


def test_pages_lines_are_short() -> None:
    assert max(map(len, example_text().splitlines())) <= 120
