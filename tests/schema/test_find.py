"""Finding datasets by name and by folder; the bundled ones and their promises."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from watcher.errors import ConfigError
from watcher.schema import Dataset, bundled_datasets, bundled_folder, dataset_names, find_dataset, read_dataset
from watcher.schema.judge import META_SCHEMAS, meta_schema
from watcher.text import printable
from watcher.validation.cells.oracle import Oracle

BUNDLED = dataset_names()


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


@pytest.mark.parametrize("path", ["./students", "students/"])
def test_find_path_of_here_comes_before_a_name_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """The service's own configuration has the dataset, and its author tries the copy that lies before him."""
    service, here = mine(tmp_path / "service", "students"), mine(tmp_path / "here", "students") / "students"
    monkeypatch.chdir(tmp_path / "here")
    (here / "dataset.yaml").write_text((here / "dataset.yaml").read_text().replace("mine", "tried"))
    assert find_dataset(path, [service]).name == "tried"
    assert find_dataset("students", [service]).name == "mine"
    monkeypatch.chdir(service / "students")
    assert find_dataset(path, [service]).name == "mine"


def test_find_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"'studnts': no such dataset.*did you mean 'students'"):
        find_dataset("studnts")


# what is remembered


def aged(folder: Path, seconds: int = 10) -> Path:
    """The files of a dataset, as if written a while ago: a younger one is never trusted to be the same."""
    for file in folder.iterdir():
        then = file.stat().st_mtime - seconds
        os.utime(file, (then, then))
    return folder


def test_find_same_folder_again_is_not_read_again(tmp_path: Path) -> None:
    folder = aged(mine(tmp_path, "mine") / "mine")
    assert find_dataset(folder) is find_dataset(folder)


@pytest.mark.parametrize("name", ["dataset.yaml", "a.yaml", "types.yaml"])
def test_find_any_file_of_it_changed_is_seen(tmp_path: Path, name: str) -> None:
    folder = mine(tmp_path, "mine") / "mine"
    (folder / "a.yaml").write_text("file: a.csv\ncolumns: [{name: x, $ref: types.yaml#/x}]\n")
    (folder / "types.yaml").write_text("x: {pattern: a}\n")
    before = find_dataset(aged(folder))
    assert find_dataset(folder) is before
    aged(folder, seconds=1)
    assert find_dataset(folder) is not before
    before = find_dataset(folder)
    (folder / name).write_text((folder / name).read_text() + " # more\n")
    assert find_dataset(folder) is not before


def test_find_definitions_that_appear_beside_the_schema_are_seen(tmp_path: Path) -> None:
    folder = mine(tmp_path, "mine") / "mine"
    (folder / "a.yaml").write_text("file: a.csv\ncolumns: [{name: x, $ref: common/types.yaml#/email}]\n")
    assert find_dataset(aged(folder)).files[0].schema.columns[0].format == "email"
    (folder / "common").mkdir()
    (folder / "common/types.yaml").write_text("email: {const: x}\n")
    assert find_dataset(folder).files[0].schema.columns[0].format is None


def test_find_file_that_is_too_young_is_read_again(tmp_path: Path) -> None:
    folder = aged(mine(tmp_path, "mine") / "mine", seconds=-60)  # it stays young however long the test is held up
    assert find_dataset(folder) is not find_dataset(folder)


def test_find_mistake_is_not_remembered(tmp_path: Path) -> None:
    folder = mine(tmp_path, "mine") / "mine"
    sound = (folder / "a.yaml").read_text()
    (folder / "a.yaml").write_text("fil: a.csv\n")
    for _ in range(2):
        with pytest.raises(ConfigError):
            find_dataset(aged(folder))
    (folder / "a.yaml").write_text(sound)
    assert find_dataset(folder).name == "mine"


def test_find_name_does_not_leave_its_folder(tmp_path: Path) -> None:
    mine(tmp_path, "outside")
    (tmp_path / "inside").mkdir()
    with pytest.raises(ConfigError):
        find_dataset("../outside", [tmp_path / "inside"])


# names and folders that can't be looked at


@pytest.mark.parametrize("name", ["x" * 300, "x/" * 3000, "/" + "x" * 300])
def test_find_name_that_is_too_long_says_so(name: str) -> None:
    with pytest.raises(ConfigError, match=r"x.*: File name too long$") as caught:
        find_dataset(name)
    assert len(str(caught.value)) < 600


def test_find_in_a_place_that_is_too_long_says_so() -> None:
    place = "/" + "x" * 300
    for find in (lambda: find_dataset("mine", [place]), lambda: dataset_names([place])):
        with pytest.raises(ConfigError, match=r"^/x+.*: File name too long$"):
            find()


@contextmanager
def closed(folder: Path) -> Iterator[None]:
    """The folder is closed to us; root, whom no door stops, becomes somebody else meanwhile."""
    is_root = os.geteuid() == 0
    folder.chmod(0o700 if is_root else 0)
    if is_root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)
        folder.chmod(0o700)


def test_find_in_a_folder_that_is_closed_to_us_says_so(tmp_path: Path) -> None:
    mine(tmp_path / "closed", "students")
    message = rf"^{tmp_path}/closed/students/dataset\.yaml: Permission denied$"
    with closed(tmp_path / "closed"):
        with pytest.raises(ConfigError, match=message):
            find_dataset(tmp_path / "closed" / "students")
        with pytest.raises(ConfigError, match=message):
            find_dataset("students", [tmp_path / "closed"])
        with pytest.raises(ConfigError, match=message):
            read_dataset(tmp_path / "closed" / "students")


@pytest.mark.parametrize("name", [r"a\0.yaml", r"\ud800.yaml", "x" * 300 + ".yaml"])
def test_find_file_schema_that_no_file_can_be_called_says_so(tmp_path: Path, name: str) -> None:
    folder = mine(tmp_path, "mine") / "mine"
    (folder / "dataset.yaml").write_text(f'name: mine\nfiles: [{{schema: "{name}"}}]\n')
    with pytest.raises(ConfigError, match=rf"^{folder}/.+: (no file can have this name|File name too long)$"):
        find_dataset(folder)


@pytest.mark.parametrize("pattern", ["a{9999999999}", "(" * 9000 + "a" + ")" * 9000])
def test_find_pattern_beyond_all_measure_says_where(tmp_path: Path, pattern: str) -> None:
    """The library raises other errors for these than for a wrong pattern."""
    folder = mine(tmp_path, "mine") / "mine"
    (folder / "a.yaml").write_text(f"file: a.csv\ncolumns:\n  - name: a\n    pattern: {pattern}\n")
    with pytest.raises(ConfigError, match=r"a\.yaml:4: columns\[0\]\.pattern: not a regular .*make it simpler$"):
        find_dataset(folder)


def test_find_key_with_controls_is_shown_escaped(tmp_path: Path) -> None:
    folder = mine(tmp_path, "mine") / "mine"
    (folder / "a.yaml").write_text(r'{"file": "a.csv", "\e[31m\n": 1}')
    with pytest.raises(ConfigError, match=r": \\x1b\[31m\\n: not a known key; remove it$"):
        find_dataset(folder)


_PARTS = st.text() | st.sampled_from(["..", "~", "", "students", "dataset.yaml", "\0", "\udce9", "{x}", "*", "x" * 256])
_NAMES = st.lists(_PARTS, max_size=4).map("/".join)


def is_sound(name: str | Path, places: Sequence[str] = ()) -> bool:
    """Whether it is a dataset, or problems that a terminal can show; any other error is raised."""
    try:
        return isinstance(find_dataset(name, places), Dataset)
    except ConfigError as error:
        return error.problems == tuple(map(printable, error.problems))


@settings(deadline=None)
@given(_NAMES, st.lists(_NAMES, max_size=2))
def test_find_any_name_in_any_place_is_a_dataset_or_a_config_error(name: str, places: list[str]) -> None:
    assert is_sound(name, places)


_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
_FLAT = st.lists(_SCALARS, max_size=3) | st.dictionaries(st.text(), _SCALARS, max_size=3)
_TREES = _SCALARS | _FLAT | st.lists(_FLAT, max_size=3) | st.dictionaries(st.text(), _FLAT, max_size=3)
_TYPES = st.sampled_from(["string", "integer", "number", "boolean", "array"])
_FORMATS = st.sampled_from(["date", "date-time", "email", "dat"])
_PATTERNS = st.text(min_size=1, max_size=8) | st.sampled_from(
    ["^a+$", "[", "(?P<x>", "a{9999999999}", "(" * 9000 + "a" + ")" * 9000, "[[a]", "\\"]
)
_ENUMS = st.lists(st.text(max_size=3) | st.integers(), min_size=1, max_size=3)
_NUMBERS = st.integers(1) | st.floats(0.01)
_RULES: dict[str, st.SearchStrategy[object]] = {
    "type": _TYPES,
    "format": _FORMATS,
    "pattern": _PATTERNS,
    "enum": _ENUMS,
    "const": st.text(max_size=3),
}
_RULES |= {"minimum": _NUMBERS, "maxLength": st.integers(0), "multipleOf": _NUMBERS}
_MORE: dict[str, st.SearchStrategy[object]] = {
    "items": st.fixed_dictionaries({}, optional=_RULES),
    "formats": st.lists(
        st.text(min_size=1, max_size=4) | st.sampled_from(["%Y-%m-%d", "%Q", "%"]), min_size=1, max_size=2
    ),
    "references": st.sampled_from(["a.a", "a.x", "x.a"]),
    "aliases": st.lists(st.text(min_size=1, max_size=2), min_size=1, max_size=2),
    "$ref": st.sampled_from(
        ["common/types.yaml#/guid", "a.yaml#/file", "\0#/x", "common/types.yaml#/", "..#/a", "#/a"]
    ),
    "anyOf": st.lists(st.fixed_dictionaries({}, optional=_RULES), min_size=1, max_size=2),
    "not": st.fixed_dictionaries({}, optional=_RULES),
    "trueValues": st.lists(st.text(min_size=1, max_size=2), min_size=1, max_size=2),
    "required": st.booleans() | st.none(),
    "blank": st.booleans(),
    "missing": st.sampled_from(["warn", "no"]),
}
_NAMED = st.sampled_from(["name", "match"]).flatmap(
    lambda key: st.fixed_dictionaries({key: _PATTERNS}, optional=_RULES | _MORE)
)
_SCHEMAS = st.recursive(
    st.booleans()
    | st.fixed_dictionaries({}, optional=_RULES | {"$ref": st.sampled_from(["#", "#/not", "#/$defs/a", "x#/y"])}),
    lambda inner: (
        st.dictionaries(st.sampled_from(["not", "if", "then", "items", "contains"]), inner, max_size=2)
        | st.dictionaries(st.sampled_from(["allOf", "anyOf"]), st.lists(inner, min_size=1, max_size=2), max_size=2)
        | st.dictionaries(
            st.sampled_from(["properties", "$defs"]), st.dictionaries(st.sampled_from("ab"), inner), max_size=2
        )
    ),
    max_leaves=4,
)
#: Nearly right, so that it gets past the first check.
_FILES = st.fixed_dictionaries(
    {"file": st.just("a.csv"), "columns": st.lists(_NAMED | st.just({"name": "a"}), min_size=1, max_size=3)},
    optional={
        "key": st.lists(st.sampled_from("ab"), min_size=1, max_size=2, unique=True),
        "rules": st.lists(st.fixed_dictionaries({"title": st.just("t"), "schema": _SCHEMAS}), max_size=2),
        "extends": st.sampled_from(["a.yaml", "students/students.yaml", "b.yaml", "\0.yaml", "..yaml"]),
        "without": st.lists(st.sampled_from(["a", "email"]), max_size=2) | st.none(),
        "limits": st.none() | st.just({}),
        "absent": st.sampled_from(["mark", {"delete-within": "a"}, {}]),
        "picture": st.fixed_dictionaries({}, optional={"name": _PATTERNS, "max_bytes": st.integers(0)}),
        "dialect": st.fixed_dictionaries({}, optional={"delimiter": st.text(max_size=2), "quote": st.text(max_size=2)}),
    },
)
_ENTRIES = st.fixed_dictionaries({"schema": st.just("a.yaml")}, optional={"match": _PATTERNS})
_WORDS = st.lists(st.sampled_from(["a", "a.csv", "students.csv", "{date}", ""]), max_size=2)
_DATASETS = st.fixed_dictionaries(
    {"name": st.just("mine"), "files": st.lists(_ENTRIES, min_size=1, max_size=2)},
    optional={
        "extends": st.sampled_from(["students", "mine", ".", "..", "\0", "x" * 300]),
        "leave_out": _WORDS,
        "modes": st.dictionaries(st.sampled_from(["bulk", "absent", "B"]), st.fixed_dictionaries({"blank": _WORDS})),
        "manifest": st.fixed_dictionaries(
            {key: st.sampled_from(["a", "a.csv"]) for key in ("file", "property", "value")}
        ),
        "intake": st.fixed_dictionaries(
            {"names": st.lists(st.fixed_dictionaries({"name": st.text(min_size=1, max_size=8)}), max_size=2)},
            optional={"expect": _WORDS, "quiet_seconds": _NUMBERS},
        ),
        "header": st.fixed_dictionaries({}, optional={"case": st.sampled_from(["ignore", "x"])}),
    },
)


def is_sound_with(dataset: str, file: str) -> bool:
    with TemporaryDirectory() as folder:
        Path(folder, "dataset.yaml").write_bytes(dataset.encode())
        Path(folder, "a.yaml").write_bytes(file.encode())
        return is_sound(folder)


@settings(deadline=None)
@given(_TREES.map(json.dumps) | st.text())
def test_find_folder_with_any_content_is_a_config_error(text: str) -> None:
    assert is_sound_with(text, text)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_DATASETS, _FILES)
def test_find_folder_with_nearly_right_content_is_a_dataset_or_a_config_error(dataset: object, file: object) -> None:
    assert is_sound_with(json.dumps(dataset), json.dumps(file))


# the bundled datasets


def test_bundled_datasets_are_those_that_can_be_named() -> None:
    assert {dataset.name for dataset in bundled_datasets()} == set(BUNDLED)


@pytest.mark.parametrize("name", BUNDLED)
def test_bundled_dataset_explains_itself(name: str) -> None:
    dataset = find_dataset(name)
    assert dataset.title
    assert dataset.description
    for file in dataset.files:
        assert file.schema.description, file.name
        for column in file.schema.columns:
            assert column.description, f"{file.name}: {column.name}"
            assert column.source, f"{file.name}: {column.name}"
            assert column.example or column.match, f"{file.name}: {column.name}"


@pytest.mark.parametrize("name", BUNDLED)
def test_bundled_examples_are_accepted(name: str) -> None:
    for file in find_dataset(name).files:
        for column in file.schema.columns:
            broken = Oracle(column).broken_rules(column.example) if column.example else ()
            assert [rule.message for rule in broken] == [], f"{file.name}: {column.name}"


@pytest.mark.parametrize("kind", [*META_SCHEMAS, "types"])
def test_meta_schema_is_sound_and_every_key_is_described(kind: str) -> None:
    schema = meta_schema(kind)
    Draft202012Validator.check_schema(schema)
    described(schema, kind)


def described(schema: dict[str, Any], where: str) -> None:
    assert schema.get("description"), where
    parts = {name: inner for group in ("properties", "$defs") for name, inner in schema.get(group, {}).items()}
    for name, inner in parts.items():
        if "$ref" not in inner:
            described(inner, f"{where}.{name}")
