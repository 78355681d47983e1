"""The roots that there are now: each configured path, and each match of a configured glob."""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from watcher.config import RootSettings, Settings
from watcher.service.datasets import Awaited
from watcher.service.policy import Policy
from watcher.text import printable

_WILD = re.compile(r"[*?\[]")
_PLAIN = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class Root:
    """One upload root. `id` is ASCII, fit for a folder's name and unique among all roots."""

    id: str
    path: Path
    settings: RootSettings = field(repr=False)
    policy: Policy = field(repr=False)
    is_match: bool = False


@dataclass(frozen=True, slots=True)
class Discovery:
    """The roots by id, and what is wrong with how they are named and with their datasets."""

    roots: Mapping[str, Root]
    problems: tuple[str, ...]


def discover(settings: Settings, awaited: Awaited = Awaited()) -> Discovery:  # noqa: B008 (a frozen value)
    """All roots of a configuration, as the disk is now. `awaited` is what their datasets require.

    A literal path is a root whether it is there or not; a glob's matches come and go, and a match that is also
    configured by itself is that root alone. Where two paths would get the same id, the first one keeps it and the other
    is named as a problem.
    """
    roots: dict[str, Root] = {}
    problems = list(awaited.problems)
    literal = {Path(entry.path) for entry in settings.roots if not is_glob(entry.path)}
    for entry in settings.roots:
        policy = policy_of(settings, entry, awaited.files.get(entry.dataset, ()))
        for name, path in _named_paths(entry):
            if is_glob(entry.path) and path in literal:
                continue
            other = roots.get(name)
            if other is None:
                roots[name] = Root(name, path, entry, policy, is_match=is_glob(entry.path))
            elif other.path != path:
                shown = printable(str(path))
                problems.append(f"{shown}: gets the id {name}, which {other.path} has; give one of them a name")
    return Discovery(roots, tuple(problems))


def policy_of(settings: Settings, entry: RootSettings, awaited: tuple[str, ...] = ()) -> Policy:
    """What the planner needs of the configuration."""
    return Policy(
        settle_seconds=entry.settle_seconds,
        gather_settle_seconds=entry.gather_settle_seconds,
        gather_timeout_seconds=entry.gather_timeout_seconds,
        stale_seconds=entry.stale_seconds,
        connection_test_seconds=entry.connection_test_seconds,
        rescan_seconds=settings.rescan_seconds,
        expect=entry.expect,
        awaited=tuple(dict.fromkeys((*entry.expect, *awaited))),
        loaders=entry.loaders,
        late=entry.late,
        attempts=settings.attempts,
        load_give_up_seconds=settings.load_give_up_hours * 3600,
    )


def is_glob(path: str) -> bool:
    """Whether a configured path is a pattern."""
    return _WILD.search(path) is not None


def _named_paths(entry: RootSettings) -> Iterator[tuple[str, Path]]:
    if not is_glob(entry.path):
        yield entry.name or _id_of(entry.path.strip("/").split("/")), Path(entry.path)
        return
    for varying, path in _matches("/", entry.path.strip("/").split("/"), ()):
        yield _id_of(varying), Path(path)


def _matches(base: str, parts: list[str], varying: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """The directories that a pattern matches, by name, each with the components that stand for its wildcards.

    Not the glob module: this also says which part varied, and costs a tenth at ten thousand matches.
    """
    first_wild = next((i for i, part in enumerate(parts) if is_glob(part)), None)
    if first_wild is None:
        path = os.path.join(base, *parts)
        if os.path.isdir(path):
            yield varying, path
        return
    folder = os.path.join(base, *parts[:first_wild])
    fits = re.compile(fnmatch.translate(parts[first_wild])).match
    hidden = parts[first_wild].startswith(".")
    try:
        names = sorted(name for name in os.listdir(folder) if fits(name) and (hidden or not name.startswith(".")))
    except OSError:
        return
    for name in names:
        yield from _matches(os.path.join(folder, name), parts[first_wild + 1 :], (*varying, name))


def _id_of(parts: Sequence[str]) -> str:
    """Path components joined by `-`, whatever is not a plain letter, digit, dot, hyphen or underscore as %xx."""
    text = "-".join(part for part in parts if part)
    if _PLAIN.fullmatch(text):
        return text
    escaped = re.sub(rb"[^A-Za-z0-9._-]", lambda m: b"%%%02x" % m[0][0], os.fsencode(text)).decode("ascii")
    return "%2e" + escaped[1:] if escaped.startswith(".") else escaped or "root"
