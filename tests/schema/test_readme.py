"""schemas/README.md: its datasets are sound, its commands print what is shown, and it lists every bundled dataset."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.console import ROOT, agrees, run
from watcher.schema import dataset_names, read_dataset
from watcher.schema.model import References

PAGE = (ROOT / "schemas/README.md").read_text(encoding="utf-8")
_FILE = re.compile(r"^```(?:yaml|csv) (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"^```sh\n(.+?)\n```\n\n```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Every file that the page shows."""
    for name, text in _FILE.findall(PAGE):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def test_readme_lists_every_bundled_dataset_once() -> None:
    listed = re.findall(r"^\| \[(.+?)\]\(../docs/reference/datasets/(.+?)\.md\)", PAGE, re.MULTILINE)
    assert listed == [(name, name) for name in sorted(dataset_names())]


def test_readme_commands_print_what_is_shown(folder: Path) -> None:
    shown = _COMMAND.findall(PAGE)
    assert len(shown) == len(re.findall(r"^```sh$", PAGE, re.MULTILINE)) == 4
    page = "".join(f"```console\n$ {command}\n```\n" for command, _ in shown)
    for (command, expected), (_, printed) in zip(shown, run(page, folder), strict=True):
        assert agrees(expected.splitlines(), printed), "\n".join([f"$ {command}", *printed])


def test_readme_datasets_say_what_the_page_explains(folder: Path) -> None:
    lunches, hillview, daily = (read_dataset(folder / name) for name in ("lunches", "hillview", "daily"))
    assert [file.name for file in lunches.files] == ["accounts.csv", "meals.csv"]
    assert [(file.name, file.required) for file in hillview.files] == [("accounts.csv", True)]
    names = [column.name for column in hillview.files[0].schema.columns]
    assert names == ["account_id", "opened_on", "meal_plan", "homeroom"]
    assert [(mode.name, mode.references) for mode in daily.modes] == [
        ("full", References.COMPLETE),
        ("changes", References.IGNORE),
    ]
    assert [rule.target for rule in daily.intake.names] == ["manifest.csv", "accounts.csv", "meals.csv", "lunches.zip"]
    assert all(column.description or column.example for file in lunches.files for column in file.schema.columns)
