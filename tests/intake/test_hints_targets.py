"""Which directories are watched for which roots, and whose an event is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.intake.targets import Target, targets_for
from watcher.intake.telling import root_finder

DISTRICTS = {f"d{n}": f"/srv/sftp/d{n}/upload" for n in range(5)}


def test_targets_few_roots_are_watched_by_themselves() -> None:
    assert targets_for(DISTRICTS, 5) == tuple(Target(path, (root,)) for root, path in DISTRICTS.items())


def test_targets_many_roots_share_their_deepest_ancestor() -> None:
    assert targets_for(DISTRICTS, 4) == (Target("/srv/sftp", tuple(DISTRICTS), is_shared=True),)


def test_targets_outlier_does_not_widen_the_others() -> None:
    """One district elsewhere must not have all of /srv watched, with everything else that lies there."""
    paths = DISTRICTS | {"odd": "/srv/ftp/odd/upload", "far": "/data/in"}
    assert set(targets_for(paths, 4)) == {
        Target("/srv/sftp", tuple(DISTRICTS), is_shared=True),
        Target("/srv/ftp/odd/upload", ("odd",)),
        Target("/data/in", ("far",)),
    }


def test_targets_are_never_the_file_system_itself() -> None:
    paths = {name: f"/{name}/in" for name in "abc"}
    assert {target.path for target in targets_for(paths, 1)} == set(paths.values())


def test_targets_nested_roots_share_one_watch() -> None:
    paths = {"inner": "/a/b/c", "outer": "/a/b", "other": "/a/bc"}
    assert set(targets_for(paths, 9)) == {
        Target("/a/b", ("outer", "inner"), is_shared=True),
        Target("/a/bc", ("other",)),
    }


@given(
    st.dictionaries(
        st.integers().map(str),
        st.lists(st.sampled_from("abc"), min_size=1, max_size=5).map(lambda parts: "/" + "/".join(parts)),
    ),
    st.integers(1, 6),
)
def test_targets_cover_each_root_exactly_once(paths: dict[str, str], most: int) -> None:
    targets = targets_for(paths, most)
    assert sorted(root for target in targets for root in target.roots) == sorted(paths)
    for target in targets:
        assert target.path != "/"
        assert all(f"{paths[root]}/".startswith(f"{target.path}/") for root in target.roots)
        assert target.is_shared == any(paths[root] != target.path for root in target.roots)
    assert len(targets) <= max(most, len({path.split("/")[1] for path in paths.values()}))


@pytest.mark.parametrize(
    ("path", "roots"),
    [
        ("/srv/a", ("a",)),
        ("/srv/a/20260901-020000/COMPLETE", ("a",)),
        ("/srv/ab", ()),
        ("/srv", ()),
        ("/srv/a/in/x", ("inner",)),
        ("/twice/x", ("one", "two")),
        ("", ()),
        ("/", ()),
    ],
)
def test_root_finder_innermost_root_wins(path: str, roots: tuple[str, ...]) -> None:
    find = root_finder({"a": "/srv/a", "inner": "/srv/a/in", "one": "/twice", "two": "/twice"})
    assert find(path) == roots
