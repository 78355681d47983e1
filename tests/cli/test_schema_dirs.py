"""Where commands look for datasets: named folders, the configuration's, the bundled ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from watcher.cli import main
from watcher.cli.schema_dirs import all_dirs
from watcher.errors import ConfigError

Capture = pytest.CaptureFixture[str]


def make_dataset(folder: Path, title: str = "Ours") -> Path:
    folder.mkdir(parents=True)
    (folder / "dataset.yaml").write_text(f"name: {folder.name}\ntitle: {title}\nfiles: [{{schema: a.yaml}}]\n")
    (folder / "a.yaml").write_text("file: a.csv\ncolumns: [{name: id, required: true}]\n")
    return folder


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration with the dataset `ours`; a variable in it is in the service's environment only."""
    make_dataset(tmp_path / "own/ours")
    file = tmp_path / "config.yaml"
    file.write_text(
        "work_dir: work\njournal: postgresql://x:${NOT_HERE}@h/j\nschema_dirs: [own]\nroots: [{path: /srv/x}]\n"
    )
    return file


def test_schema_list_has_the_datasets_of_the_configuration(config: Path, capsys: Capture) -> None:
    assert main(["schema", "list", "--json", "--config", str(config)]) == 0
    assert json.loads(capsys.readouterr().out)[0]["name"] == "ours"


def test_schema_show_and_export_find_a_dataset_of_the_configuration(config: Path, capsys: Capture) -> None:
    assert main(["schema", "show", "ours", "--config", str(config)]) == 0
    assert "ours: Ours" in capsys.readouterr().out
    assert main(["schema", "export", "--json-schema", "ours", "--config", str(config)]) == 0


def test_validate_finds_a_dataset_of_the_configuration(config: Path, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id\n1\n")
    words = ["validate", str(tmp_path / "a.csv"), "--dataset", "ours"]
    assert main(words) == 2
    assert main([*words, "--config", str(config)]) == 0


def test_configuration_is_known_by_the_environment(
    config: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EPOCH_WATCHER_CONFIG", str(config))
    assert main(["schema", "show", "ours"]) == 0
    assert "ours: Ours" in capsys.readouterr().out


def test_named_folder_comes_before_the_configuration(config: Path, tmp_path: Path, capsys: Capture) -> None:
    make_dataset(tmp_path / "other/ours", "Another")
    assert main(["schema", "show", "ours", "--config", str(config), "--schema-dir", str(tmp_path / "other")]) == 0
    assert "ours: Another" in capsys.readouterr().out


def test_configuration_that_is_named_must_be_there(tmp_path: Path, capsys: Capture) -> None:
    assert main(["schema", "list", "--config", str(tmp_path / "none.yaml")]) == 2
    assert "none.yaml: No such file or directory" in capsys.readouterr().err


def test_all_dirs_usual_configuration_is_read_where_it_is_there(config: Path, tmp_path: Path) -> None:
    assert all_dirs((tmp_path,), None, config) == (tmp_path, tmp_path / "own")
    assert all_dirs((tmp_path,), None, tmp_path / "none/config.yaml") == (tmp_path,)


def test_all_dirs_usual_configuration_that_is_unsound_is_a_warning(config: Path, capsys: Capture) -> None:
    config.write_text("schema_dirs: own\n")
    assert all_dirs((), None, config) == ()
    assert "warning: datasets of the configuration are not known" in capsys.readouterr().err
    with pytest.raises(ConfigError, match="schema_dirs: expected a list of folders"):
        all_dirs((), config)


def test_all_dirs_misspelt_option_is_said(config: Path) -> None:
    """The dataset of one's own was then unknown, or a bundled one was silently taken in its place."""
    config.write_text(config.read_text().replace("schema_dirs", "schema_dir"))
    with pytest.raises(ConfigError, match="write schema_dirs"):
        all_dirs((), config)


def test_all_dirs_configuration_without_any_value_is_unsound(tmp_path: Path) -> None:
    (tmp_path / "empty.yaml").touch()
    with pytest.raises(ConfigError, match=r"empty\.yaml"):
        all_dirs((), tmp_path / "empty.yaml")


def test_schema_list_unsound_dataset_is_said_and_the_others_are_listed(tmp_path: Path, capsys: Capture) -> None:
    make_dataset(tmp_path / "ours")
    (make_dataset(tmp_path / "half") / "a.yaml").unlink()
    assert main(["schema", "list", "--schema-dir", str(tmp_path)]) == 2
    caught = capsys.readouterr()
    assert "ours " in caught.out
    assert "students " in caught.out
    assert "half " not in caught.out
    assert "a.yaml" in caught.err
