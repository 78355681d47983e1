"""The roots of a configuration as the disk is now: ids, globs, collisions, hostile names."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.config import Late, RootSettings, Settings
from watcher.service.datasets import DatasetIntake
from watcher.service.roots import Discovery, discover, id_of, is_glob, policy_of


def settings(folder: Path, *roots: RootSettings) -> Settings:
    return Settings(work_dir=folder / "work", journal="", roots=roots, source=folder / "config.yaml")


def discovered(folder: Path, *paths: str, names: tuple[str | None, ...] = ()) -> Discovery:
    given_names = names or (None,) * len(paths)
    roots = (RootSettings(path=path, name=name) for path, name in zip(paths, given_names, strict=True))
    return discover(settings(folder, *roots))


def paths(found: Discovery) -> dict[str, str]:
    return {name: str(root.path) for name, root in found.roots.items()}


@pytest.fixture
def sftp(tmp_path: Path) -> Path:
    """`sftp/<district>/upload` for three districts, and what lies about besides."""
    folder = tmp_path / "sftp"
    for district in ("lakeview", "hillside", "North High"):
        (folder / district / "upload").mkdir(parents=True)
    (folder / "no-upload").mkdir()
    (folder / "file").touch()
    (folder / ".hidden" / "upload").mkdir(parents=True)
    return folder


# ids


def test_discover_glob_names_each_match_by_what_varied(sftp: Path) -> None:
    found = discovered(sftp.parent, f"{sftp}/*/upload")
    assert paths(found) == {
        name.replace(" ", "%20"): f"{sftp}/{name}/upload" for name in ("lakeview", "hillside", "North High")
    }
    assert found.problems == ()


def test_discover_glob_with_two_wildcards_joins_both(sftp: Path) -> None:
    assert "sftp-lakeview" in discovered(sftp.parent, f"{sftp.parent}/s*/*/upload").roots


def test_discover_glob_in_the_last_part_and_in_the_middle_of_a_name(sftp: Path) -> None:
    assert set(discovered(sftp.parent, f"{sftp}/lake*").roots) == {"lakeview"}
    assert set(discovered(sftp.parent, f"{sftp}/[hl]*e*/upload").roots) == {"lakeview", "hillside"}
    assert set(discovered(sftp.parent, f"{sftp}/?akeview/upload").roots) == {"lakeview"}


def test_discover_glob_finds_hidden_folders_only_where_asked(sftp: Path) -> None:
    assert paths(discovered(sftp.parent, f"{sftp}/.h*/upload")) == {"%2ehidden": f"{sftp}/.hidden/upload"}


def test_discover_literal_path_is_a_root_whether_it_is_there_or_not(tmp_path: Path) -> None:
    found = discovered(tmp_path, "/srv/not/there", names=("north",))
    assert paths(found) == {"north": "/srv/not/there"}


def test_discover_literal_path_without_a_name_is_named_by_its_path(tmp_path: Path) -> None:
    assert set(discovered(tmp_path, "/srv/sftp/north/upload").roots) == {"srv-sftp-north-upload"}


def test_discover_glob_without_a_match_or_a_folder_finds_nothing(tmp_path: Path) -> None:
    assert discovered(tmp_path, f"{tmp_path}/*/upload", f"{tmp_path}/gone/*/upload") == Discovery({}, ())


def test_discover_districts_come_and_go(sftp: Path) -> None:
    (sftp / "lakeview" / "upload").rmdir()
    (sftp / "new" / "upload").mkdir(parents=True)
    assert set(discovered(sftp.parent, f"{sftp}/*/upload").roots) == {"hillside", "North%20High", "new"}


# folders of an entry


def in_folders(folder: Path, path: str, *folders: str, name: str | None = None) -> Discovery:
    roots = (RootSettings(path=f"{path}/{each}", folder=each, name=name, dataset=each) for each in folders)
    return discover(settings(folder, *roots))


def test_discover_folders_of_each_match_are_roots_of_their_own(tmp_path: Path) -> None:
    for folder in ("sunnycrest/users", "sunnycrest/classes", "lakeview/users", "empty"):
        (tmp_path / "sftp" / folder).mkdir(parents=True)
    found = in_folders(tmp_path, f"{tmp_path}/sftp/*", "users", "classes")
    assert {name: root.settings.dataset for name, root in found.roots.items()} == {
        "sunnycrest-users": "users",
        "lakeview-users": "users",
        "sunnycrest-classes": "classes",
    }
    assert found.problems == ()


def test_discover_folder_of_a_literal_path_is_a_root_when_it_is_made(tmp_path: Path) -> None:
    (tmp_path / "up" / "users").mkdir(parents=True)
    found = in_folders(tmp_path, f"{tmp_path}/up", "users", "classes", name="north")
    assert paths(found) == {"north-users": f"{tmp_path}/up/users"}
    assert found.absent == (
        f"{tmp_path}/up/classes: there is no folder 'classes' yet; it becomes a root when it is made",
    )
    (tmp_path / "up" / "classes").mkdir()
    found = in_folders(tmp_path, f"{tmp_path}/up", "users", "classes", name="north")
    assert (set(found.roots), found.absent) == ({"north-users", "north-classes"}, ())


def test_discover_folder_without_a_name_is_named_by_the_whole_path(tmp_path: Path) -> None:
    (tmp_path / "users").mkdir()
    (root_id,) = in_folders(tmp_path, str(tmp_path), "users").roots
    assert root_id.endswith(f"{tmp_path.name}-users")


@pytest.mark.parametrize("above", ["sunnycrest", "*"])
def test_discover_folder_that_is_a_link_is_no_root(tmp_path: Path, above: str) -> None:
    """What holds the folders may be the sender's: a link of his would give him another district's files."""
    (tmp_path / "sftp" / "sunnycrest").mkdir(parents=True)
    (tmp_path / "others").mkdir()
    (tmp_path / "sftp" / "sunnycrest" / "users").symlink_to(tmp_path / "others")
    assert in_folders(tmp_path, f"{tmp_path}/sftp/{above}", "users").roots == {}


def test_discover_glob_spares_what_holds_folders_that_are_roots(tmp_path: Path) -> None:
    (tmp_path / "a" / "users").mkdir(parents=True)
    (tmp_path / "b").mkdir()
    entries = (RootSettings(path=f"{tmp_path}/*"), RootSettings(path=f"{tmp_path}/a/users", folder="users", name="a"))
    assert set(discover(settings(tmp_path / "x", *entries)).roots) == {"a-users", "b"}


# collisions


def test_discover_two_matches_of_one_glob_with_one_id_are_no_roots(tmp_path: Path) -> None:
    """The district `a` made `b-c`, which sorts first: it took the place of `a-b`, and got its reports."""
    for folder in ("a-b/c", "a/b-c", "a/d"):
        (tmp_path / folder).mkdir(parents=True)
    found = discovered(tmp_path, f"{tmp_path}/*/*")
    assert paths(found) == {"a-d": f"{tmp_path}/a/d"}
    (problem,) = found.problems
    assert problem.startswith(f"{tmp_path}/a-b/c: gets the id a-b-c, as {tmp_path}/a/b-c does; neither is a root until")


def test_discover_two_paths_with_one_id_keep_the_first_and_say_so(tmp_path: Path) -> None:
    for folder in ("a/x/upload", "b/x/upload"):
        (tmp_path / folder).mkdir(parents=True)
    found = discovered(tmp_path, f"{tmp_path}/a/*/upload", f"{tmp_path}/b/*/upload")
    assert paths(found) == {"x": f"{tmp_path}/a/x/upload"}
    assert found.problems == (
        f"{tmp_path}/b/x/upload: gets the id x, which {tmp_path}/a/x/upload has; give one of them a name",
    )


def test_discover_one_path_by_two_entries_is_one_root(sftp: Path) -> None:
    found = discovered(sftp.parent, f"{sftp}/*/upload", f"{sftp}/lake*/upload")
    assert len(found.roots) == 3
    assert found.problems == ()


# hostile names: a district's folder is named by an operator, but an id becomes a folder and a log line of ours


@pytest.mark.parametrize(
    ("name", "root_id"),
    [
        (b"caf\xc3\xa9", "caf%c3%a9"),
        (b"caf\xe9", "caf%e9"),
        (b"new\nline", "new%0aline"),
        (b"{x}", "%7bx%7d"),
        (b"a%20b", "a%2520b"),
        (b"..", None),
        (b"..x", "%2e.x"),
        (b"-rf", "-rf"),
        (b"[bold]", "%5bbold%5d"),
    ],
)
def test_discover_hostile_name_gets_a_plain_id(tmp_path: Path, name: bytes, root_id: str | None) -> None:
    if root_id is not None:
        os.makedirs(os.path.join(os.fsencode(tmp_path), b"sftp", name, b"upload"))
    pattern = f"{tmp_path}/sftp/{'.' if name.startswith(b'.') else ''}*/upload"
    found = discovered(tmp_path, pattern)
    assert list(found.roots) == ([] if root_id is None else [root_id])
    assert all(os.path.isdir(root.path) for root in found.roots.values())


@given(st.lists(st.binary(min_size=1, max_size=20), min_size=1, max_size=3))
def test_id_is_one_plain_folder_name_and_no_other_has_it(raw: list[bytes]) -> None:
    parts = [os.fsdecode(part.replace(b"/", b"").replace(b"\0", b"") or b"x") for part in raw]
    root_id = id_of(parts)
    assert re.fullmatch(r"[A-Za-z0-9%_-][A-Za-z0-9%._-]*", root_id)
    joined = os.fsencode("-".join(parts))
    assert re.sub(rb"%([0-9a-f]{2})", lambda m: bytes.fromhex(m[1].decode()), root_id.encode()) == joined


def test_is_glob_is_any_wildcard() -> None:
    assert [is_glob(path) for path in ("/a/*", "/a/?", "/a/[b]", "/a/b", "/a/{b}")] == [True, True, True, False, False]


# policy


def test_policy_root_wins_over_its_dataset_and_that_over_the_usual(tmp_path: Path) -> None:
    intake = DatasetIntake(expect=("b.csv",), quiet_seconds=60, latest_seconds=7200)
    silent, said = RootSettings(path="/r"), RootSettings(path="/r", expect=(), gather_settle_seconds=0)
    made = [policy_of(settings(tmp_path), root, intake) for root in (silent, said)]
    assert [(p.expect, p.gather_settle_seconds, p.gather_timeout_seconds) for p in made] == [
        (("b.csv",), 60, 7200),
        ((), 0, 7200),
    ]
    usual = policy_of(settings(tmp_path), silent)
    assert (usual.expect, usual.gather_settle_seconds, usual.gather_timeout_seconds) == ((), 120, 3600)


def test_policy_takes_the_roots_and_the_services_settings(tmp_path: Path) -> None:
    root = RootSettings(path="/r", settle_seconds=3, late=Late.LOAD, expect=("b.csv", "a.csv"), loaders=("w",))
    policy = policy_of(settings(tmp_path, root), root, DatasetIntake(required=("a.csv", "c.csv")))
    assert (policy.settle_seconds, policy.late, policy.loaders) == (3, Late.LOAD, ("w",))
    assert policy.awaited == ("b.csv", "a.csv", "c.csv")
    assert policy.load_give_up_seconds == 72 * 3600
