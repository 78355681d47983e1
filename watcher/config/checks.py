"""What the schema can't say of a configuration: names that refer to each other, and paths that must keep apart.

Runs on data that may still be wrong elsewhere, so that all problems are told at once: it looks only at values of
the right type.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import PurePath
from typing import Any

from watcher.config.problems import KeyPath, Problems
from watcher.text import nearest

_GLOB = frozenset("*?[")


def check(data: dict[str, Any], folder: str, problems: Problems) -> None:
    """Adds what is wrong; `folder` is the one that relative paths start from."""
    _check_loaders(data, problems)
    roots = _mappings(data.get("roots"))
    _check_unique([((*path, "name"), root.get("name")) for path, root in roots], "name", problems)
    for path, root in roots:
        if isinstance(root.get("path"), str) and not problems.touch((*path, "path")):
            _check_glob((*path, "path"), root["path"], root, problems)
    places = list(_places(roots, problems))
    _check_unique(places, "path", problems)
    work_dir = data.get("work_dir")
    if isinstance(work_dir, str) and not problems.touch(("work_dir",)):
        for at, where in places:
            _check_apart(at, absolute(where, folder), absolute(work_dir, folder), problems)
    _check_journal(data.get("journal"), problems)
    _check_default_journal(data, folder, problems)


def absolute(path: str, folder: str) -> str:
    """The path, absolute and without `..`, `//` or a slash at its end; a relative one starts from the folder."""
    return os.path.normpath(os.path.join(folder, path))


def is_glob(path: str) -> bool:
    """Whether a root's path stands for all its matches."""
    return not _GLOB.isdisjoint(path)


def _check_loaders(data: dict[str, Any], problems: Problems) -> None:
    known = data.get("loaders", {})
    if not isinstance(known, dict):
        return
    owners: list[tuple[KeyPath, dict[str, Any]]] = _mappings(data.get("roots"))
    owners += [folder for path, root in owners for folder in _folders(path, root)]
    if isinstance(data.get("defaults"), dict):
        owners.append((("defaults",), data["defaults"]))
    for path, owner in owners:
        names = owner.get("loaders")
        for index, name in enumerate(names if isinstance(names, list) else []):
            at = (*path, "loaders", index)
            if isinstance(name, str) and name not in known and not problems.touch(at):
                near = nearest(name, known)
                advice = f"write {near}" if near else "add it under loaders"
                problems.add(at, f"expected the name of a loader, found {problems.shown(at)}; {advice}")


def _check_unique(values: list[tuple[KeyPath, Any]], key: str, problems: Problems) -> None:
    first: dict[str, KeyPath] = {}
    for at, value in values:
        if not isinstance(value, str) or problems.touch(at):
            continue
        place = value.rstrip("/")
        if place in first:
            line = problems.document.line(first[place])
            problems.add(at, f"expected a {key} of its own, found that of line {line}; change or remove one of the two")
        first.setdefault(place, at)


def _places(roots: list[tuple[KeyPath, dict[str, Any]]], problems: Problems) -> Iterator[tuple[KeyPath, str]]:
    """Where each root is, by the key path that says so: that of the entry, or of each of its folders instead."""
    for path, root in roots:
        where = root.get("path")
        if not isinstance(where, str) or problems.touch((*path, "path")):
            continue
        if "folders" not in root:
            yield (*path, "path"), where
        for at, _ in _folders(path, root):
            if not problems.touch(at):
                yield at, os.path.join(where, str(at[-1]))


def _folders(path: KeyPath, root: dict[str, Any]) -> list[tuple[KeyPath, dict[str, Any]]]:
    """(key path, options) of each item of an entry's `folders` that is a mapping."""
    folders = root.get("folders")
    items = folders.items() if isinstance(folders, dict) else ()
    return [((*path, "folders", name), item) for name, item in items if isinstance(item, dict)]


def _check_glob(at: KeyPath, path: str, root: dict[str, Any], problems: Problems) -> None:
    if "**" in path:
        problems.add(at, f"expected * for one folder level, found {problems.shown(at)}; write one * for each level")
    if is_glob(path) and isinstance(root.get("name"), str):
        problems.add(
            (*at[:-1], "name"),
            "expected none beside a path with * ? or [: each match is named by its own path; remove the name",
        )


def _check_default_journal(data: dict[str, Any], folder: str, problems: Problems) -> None:
    """A URL is made of the work directory's path, in which these two characters mean something else."""
    work_dir = data.get("work_dir")
    if "journal" in data or not isinstance(work_dir, str) or problems.touch(("work_dir",)):
        return
    if not {"%", "?"}.isdisjoint(absolute(work_dir, folder)):
        problems.add(("work_dir",), "expected a path without % and ?; write another one, or a journal of its own")


def _check_apart(at: KeyPath, root: str, work_dir: str, problems: Problems) -> None:
    """The service must not watch its own folder, nor work where a sender can write."""
    root_parts, work_parts = PurePath(root).parts, PurePath(work_dir).parts
    shared = min(len(root_parts), len(work_parts))
    if not all(_may_match(w, r) for w, r in zip(work_parts[:shared], root_parts[:shared], strict=True)):
        return
    if len(root_parts) <= len(work_parts):
        problems.add(
            ("work_dir",), "expected a folder outside every root, found one inside a root; move it beside them"
        )
    elif not is_glob(os.path.join(*root_parts[:shared])) or is_glob(root_parts[shared]):
        # /srv/*/upload beside the work directory /srv/work is fine: the service makes no folder `upload` there.
        problems.add(
            at, "expected a folder outside work_dir, found one that is or may be inside; write a narrower path"
        )


def _may_match(name: str, pattern: str) -> bool:
    """As a glob would: a leading dot is matched by a dot alone."""
    return fnmatchcase(name, pattern) and (not name.startswith(".") or pattern.startswith("."))


def _check_journal(url: Any, problems: Problems) -> None:
    if isinstance(url, str) and url.startswith("sqlite") and ":memory:" in url:
        problems.add(
            ("journal",), "expected a file, found a database in memory, which forgets; write sqlite:////path/journal.db"
        )


def _mappings(items: Any) -> list[tuple[KeyPath, dict[str, Any]]]:
    """(key path, root) of each item of `roots` that is a mapping."""
    return [
        (("roots", i), item)
        for i, item in enumerate(items if isinstance(items, list) else [])
        if isinstance(item, dict)
    ]
