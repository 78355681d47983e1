"""Entries whose folders are roots of their own: what each becomes, and what is wrong with them, with its line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from watcher.config import Late, RootSettings, load
from watcher.errors import ConfigError

HEAD = "work_dir: /srv/ew\nloaders: {a: {type: sql, url: x}, b: {type: sql, url: x}}\n"
Read = Callable[[str], tuple[RootSettings, ...]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read_text(text: str) -> tuple[RootSettings, ...]:
        file = tmp_path / "config.yaml"
        file.write_text(HEAD + text, encoding="utf-8")
        return load(file, {}).roots

    return read_text


def problems(read: Read, text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(text)
    return [problem.partition("config.yaml:")[2] for problem in caught.value.problems]


def test_folders_are_roots_with_the_options_of_the_entry_and_their_own_over_them(read: Read) -> None:
    roots = read("""defaults: {late: load, settle_seconds: 3}
roots:
  - path: /srv/sftp/*
    settle_seconds: 4
    loaders: [a]
    folders:
      users: {dataset: appazur-contacts, loaders: [b]}
      classes: {settle_seconds: 5}
""")
    assert roots == (
        RootSettings(
            path="/srv/sftp/*/users",
            folder="users",
            dataset="appazur-contacts",
            loaders=("b",),
            settle_seconds=4,
            late=Late.LOAD,
        ),
        RootSettings(path="/srv/sftp/*/classes", folder="classes", loaders=("a",), settle_seconds=5, late=Late.LOAD),
    )


def test_folders_without_options_of_their_own_are_an_empty_mapping(read: Read) -> None:
    (root,) = read("roots: [{path: up, name: north, folders: {users: {}}}]")
    assert (root.name, root.folder, Path(root.path).parts[-2:]) == ("north", "users", ("up", "users"))


def test_options_that_a_dataset_may_say_are_none_unless_said(read: Read) -> None:
    silent, said = read(
        "roots: [{path: /a}, {path: /b, expect: [], gather_settle_seconds: 0, gather_timeout_seconds: 5}]"
    )
    assert (silent.expect, silent.gather_settle_seconds, silent.gather_timeout_seconds) == (None, None, None)
    assert (said.expect, said.gather_settle_seconds, said.gather_timeout_seconds) == ((), 0.0, 5.0)
    assert type(said.gather_timeout_seconds) is float


@pytest.mark.parametrize(
    ("folders", "told"),
    [
        ("{}", "expected a mapping of folder names, each with its options, found a mapping"),
        ("users", "expected a mapping of folder names, each with its options, found 'users'"),
        ("{users: }", "folders.users: expected a mapping of root options, {} for none, found nothing"),
        ("{users: {dtaset: x}}", "folders.users.dtaset: expected an option, found 'dtaset'; write dataset"),
        (
            "{users: {path: /x}}",
            "folders.users.path: expected an option, found 'path'; it belongs under the root itself",
        ),
        (
            "{users: {name: x}}",
            "folders.users.name: expected an option, found 'name'; it belongs under the root itself",
        ),
        ("{users: {late: often}}", "folders.users.late: expected one of hold, load, reject, found 'often'"),
        ("{users: {loaders: [c]}}", "folders.users.loaders[0]: expected the name of a loader, found 'c'"),
        ("{a/b: {}}", "expected the plain name of a folder, found 'a/b'; rename it"),
        ("{'..': {}}", "expected the plain name of a folder, found '..'; rename it"),
        ("{'*': {}}", "expected the plain name of a folder, found '*'; rename it"),
    ],
)
def test_folders_that_are_wrong_are_told_with_their_line(read: Read, folders: str, told: str) -> None:
    (problem,) = problems(read, f"roots:\n- path: /srv/up\n  folders: {folders}\n")
    assert problem.startswith("5: roots[0].folders")
    assert told in problem


def test_folders_under_defaults_are_told(read: Read) -> None:
    (problem,) = problems(read, "defaults: {folders: {users: {}}}\nroots: [{path: /srv/up}]\n")
    assert "3: defaults.folders: expected an option, found 'folders'; it belongs under each root" in problem


def test_folder_that_is_another_root_too_is_told(read: Read) -> None:
    (problem,) = problems(read, "roots:\n- path: /srv/up/users\n- path: /srv/up\n  folders:\n    users: {}\n")
    assert problem.startswith("7: roots[1].folders.users: expected a path of its own, found that of line 4")


def test_work_dir_beside_the_folders_is_fine_and_in_one_is_not(read: Read, tmp_path: Path) -> None:
    assert read("roots: [{path: /srv, folders: {users: {}}}]")
    (problem,) = problems(read, "roots: [{path: /srv, folders: {ew: {}}}]")
    assert "work_dir: expected a folder outside every root" in problem
