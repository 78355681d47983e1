from __future__ import annotations

import sys
from pathlib import Path

import pytest

from watcher.errors import ConfigError
from watcher.loading.files import FilesLoader
from watcher.loading.loader import Loader
from watcher.loading.registry import loader_type, make_loader
from watcher.loading.sql import SqlLoader


def test_loader_type_has_the_built_in_ones() -> None:
    assert (loader_type("files"), loader_type("sql")) == (FilesLoader, SqlLoader)


def test_make_loader_gives_a_loader(tmp_path: Path) -> None:
    assert isinstance(make_loader("inbox", "files", {"folder": str(tmp_path)}), Loader)


def test_make_loader_unknown_type_names_the_nearest_and_all() -> None:
    with pytest.raises(ConfigError, match=r"unknown loader type 'sqll', did you mean 'sql'\?; there are files, sql"):
        make_loader("x", "sqll", {})


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({}, "loaders.w.url: missing; expected sqlite:"),
        (
            {"url": "sqlite://", "moed": "append"},
            "loaders.w.moed: unknown option, did you mean 'mode'?; there are mode,",
        ),
        ({"url": "sqlite:///x", "mode": "upsert"}, "loaders.w.mode: expected one of replace, append"),
        ({"url": 7}, "loaders.w.url: expected string, found int"),
        ({"url": ""}, "loaders.w.url: expected sqlite:"),
        ({"url": "mysql://u:hunter2@h/d"}, "loaders.w.url: expected sqlite:"),
        ({"url": "hunter2"}, "loaders.w.url: expected sqlite:"),
        ({"url": "sqlite:///x", "schema": "s"}, "loaders.w.schema: SQLite has no schemas"),
    ],
)
def test_make_loader_bad_option_is_one_readable_problem(options: dict[str, object], problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        make_loader("w", "sql", options)
    (text,) = caught.value.problems
    assert text.startswith(problem)
    assert "hunter2" not in text


def test_make_loader_reports_all_problems_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        make_loader("w", "sql", {"mode": "x", "a": 1, "b": 2})
    assert len(caught.value.problems) == 4


def test_make_loader_relative_folder_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"loaders\.inbox\.folder: expected an absolute path"):
        make_loader("inbox", "files", {"folder": "here"})


@pytest.fixture
def third_party(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A distribution of someone else, with three loaders, as an installer lays it down."""
    metadata = tmp_path / "acme_loader-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-loader\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(
        "[epoch_watcher.loaders]\nacme = acme_loader:AcmeLoader\nbroken = acme_gone:Loader\n"
        "empty = acme_loader:Empty\nsql = acme_loader:Empty\n"
    )
    (tmp_path / "acme_loader.py").write_text(
        "class Empty: pass\n"
        "class AcmeLoader:\n"
        "    options_schema = {'type': 'object', 'properties': {'depth': {'minimum': 1}}}\n"
        "    def __init__(self, name, options): self.name = name\n"
        "    def check(self): pass\n"
        "    def load(self, batch): raise NotImplementedError\n"
        "    def close(self): pass\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "acme_loader", raising=False)
    return tmp_path


@pytest.mark.usefixtures("third_party")
def test_make_loader_finds_an_installed_loader() -> None:
    assert isinstance(make_loader("x", "acme", {}), Loader)


@pytest.mark.usefixtures("third_party")
def test_make_loader_judges_options_of_an_installed_loader() -> None:
    with pytest.raises(ConfigError, match=r"loaders\.x\.depth: expected minimum 1"):
        make_loader("x", "acme", {"depth": 0})


@pytest.mark.usefixtures("third_party")
def test_loader_type_that_cannot_be_imported_says_which() -> None:
    with pytest.raises(ConfigError, match=r"'broken' \(acme_gone:Loader\) can't be imported: No module named"):
        loader_type("broken")


@pytest.mark.usefixtures("third_party")
def test_loader_type_that_is_no_loader_says_what_it_lacks() -> None:
    with pytest.raises(ConfigError, match="it lacks options_schema, check, load, close"):
        loader_type("empty")


@pytest.mark.usefixtures("third_party")
def test_loader_type_built_in_is_not_taken_over() -> None:
    assert loader_type("sql") is SqlLoader
