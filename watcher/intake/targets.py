"""Which directories to watch for a set of roots. Pure: no disk, no watchdog.

Up to a number of roots each is watched by itself, with everything beneath it. Beyond it one watch covers many of them
from a common ancestor, because each watch costs a thread. Paths are absolute and resolved, as text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from os.path import commonpath


@dataclass(frozen=True, slots=True)
class Target:
    """A directory to be watched with everything beneath it, and the ids of the roots that it covers."""

    path: str
    roots: tuple[str, ...]
    #: it lies above the roots, or is one that others lie in: a root may come, go or be replaced beneath it
    is_shared: bool = False


def targets_for(paths: Mapping[str, str], most: int) -> tuple[Target, ...]:
    """The targets that cover all roots (id -> path): one each, or, with more than `most` paths, common ancestors.

    The ancestors are as deep as `most` allows and never `/`: `/srv/sftp` for 10,000 times `/srv/sftp/*/upload`. Only
    where more than `most` directories right beneath `/` hold roots are there more targets than that.
    """
    groups = _by_ancestor(paths, None)
    depth = max((path.count("/") for path in groups), default=0)
    while len(groups) > most and depth > 1:
        depth -= 1
        groups = _by_ancestor(paths, depth)
    covered = {commonpath([paths[root] for root in ids]): ids for ids in groups.values()}
    return tuple(
        Target(path, tuple(ids), is_shared=any(paths[root] != path for root in ids))
        for path, ids in _without_nested(covered).items()
    )


def _by_ancestor(paths: Mapping[str, str], depth: int | None) -> dict[str, list[str]]:
    """Ids by the ancestor of their path that has so many parts; by the path itself if it is no deeper."""
    groups: dict[str, list[str]] = {}
    for root, path in paths.items():
        ancestor = path if depth is None else "/".join(path.split("/")[: depth + 1])
        groups.setdefault(ancestor, []).append(root)
    return groups


def _without_nested(covered: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Ids by path, each path that lies beneath another one merged into it: that one sees everything anyway."""
    kept: dict[str, list[str]] = {}
    for path in sorted(covered, key=lambda each: each.count("/")):
        above = next((each for each in _ancestors(path) if each in kept), path)
        kept.setdefault(above, []).extend(covered[path])
    return kept


def _ancestors(path: str) -> Iterable[str]:
    while path := path.rpartition("/")[0]:
        yield path
