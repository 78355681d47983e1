"""The roots that there are now: each configured path, and each match of a configured glob."""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from watcher.config import RootSettings, Settings
from watcher.service.datasets import USUAL_INTAKE, DatasetIntake, DatasetIntakes
from watcher.service.policy import Policy
from watcher.service.rosters import RosterSource
from watcher.text import nearest, printable, quoted

_WILD = re.compile(r"[*?\[]")
#: Where neither root nor dataset says anything.
_QUIET_SECONDS, _LATEST_SECONDS = 120.0, 3600.0
_PLAIN = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class Root:
    """One upload root. `id` is ASCII, fit for a folder's name and unique among all roots."""

    id: str
    path: Path
    settings: RootSettings = field(repr=False)
    policy: Policy = field(repr=False)
    #: the students that pictures are compared with; None for no comparison
    roster: RosterSource | None = field(default=None, repr=False)

    @property
    def may_be_link(self) -> bool:
        """Whether a link at its path is the operator's; the folders of an entry lie where a sender may make one."""
        return self.settings.folder is None


@dataclass(frozen=True, slots=True)
class Discovery:
    """The roots by id, and what is wrong with how they are named and with their datasets.

    `absent` tells of folders that are to be roots and are not there yet.
    """

    roots: Mapping[str, Root]
    problems: tuple[str, ...]
    absent: tuple[str, ...] = ()


def discover(settings: Settings, intakes: DatasetIntakes = DatasetIntakes()) -> Discovery:  # noqa: B008 (a frozen value)
    """All roots of a configuration, as the disk is now. `intakes` is how the files of their datasets come.

    A literal path is a root whether it is there or not; a glob's matches come and go, and a match that is also
    configured by itself is that root alone. A folder of an entry is a root only while it is there. Where two paths
    would get the same id, that of the first entry keeps it and the other is named as a problem. Of two matches of one
    glob neither becomes a root: a sender who may make folders could else get the place of another, and his reports.
    """
    roots: dict[str, Root] = {}
    problems = list(intakes.problems)
    literal = _literal_paths(settings)
    for entry in settings.roots:
        policy = policy_of(settings, entry, intakes.of(entry.dataset))
        ambiguous: set[str] = set()
        for name, path in _named_paths(entry):
            if is_glob(entry.path) and path in literal:
                continue
            other = roots.get(name)
            if other is None:
                roots[name] = Root(name, path, entry, policy)
            elif other.path != path:
                if other.settings is entry:
                    problems.append(_neither(name, path, other.path))
                    ambiguous.add(name)
                else:
                    problems.append(_second(name, path, other.path))
        for name in ambiguous:
            del roots[name]
    roots, unknown = _with_rosters(roots, settings)
    problems += [*unknown, *_useless_rosters(settings, intakes)]
    return Discovery(roots, tuple(problems), tuple(_absent_folders(settings)))


def _neither(name: str, path: Path, other: Path) -> str:
    """Of two matches of one entry with the same id."""
    return (
        f"{printable(str(path))}: gets the id {name}, as {printable(str(other))} does; neither is a root until one "
        "is called otherwise, or has an entry of its own with a name"
    )


def _second(name: str, path: Path, first: Path) -> str:
    """Of a match with the id that a root of an earlier entry has."""
    return f"{printable(str(path))}: gets the id {name}, which {printable(str(first))} has; give one of them a name"


def _with_rosters(roots: Mapping[str, Root], settings: Settings) -> tuple[dict[str, Root], list[str]]:
    """The roots, each with the one that it has its students from; and what is wrong with that."""
    at = {root.path: root for root in roots.values()}
    found, problems = dict(roots), []
    for root in roots.values():
        wanted = root.settings.roster
        if wanted is None:
            continue
        beside = at.get(root.path.parent / wanted.root) if root.settings.folder is not None else None
        source = beside or roots.get(wanted.root)
        if source is not None:
            roster = RosterSource(source.id, source.settings.dataset, wanted.file, wanted.column)
            found[root.id] = replace(root, roster=roster)
        elif not _is_configured_beside(root, wanted.root, settings):
            near = nearest(wanted.root, roots)
            hint = f"; did you mean {near}?" if near else ""
            problems.append(f"{root.id}: roster.root: there is no root {printable(wanted.root)}{hint}")
    return found, problems


def _useless_rosters(settings: Settings, intakes: DatasetIntakes) -> Iterator[str]:
    for entry in settings.roots:
        intake = intakes.by_dataset.get(entry.dataset)
        if entry.roster is not None and intake is not None and not intake.has_pictures:
            name, dataset = printable(entry.name or entry.path), printable(entry.dataset)
            yield f"{name}: roster: the dataset {dataset} has no pictures to compare with students; remove it"


def _is_configured_beside(root: Root, folder: str, settings: Settings) -> bool:
    """Whether a folder beside this root becomes a root as soon as it is made."""
    above = os.path.dirname(root.settings.path)
    return root.settings.folder is not None and any(
        entry.folder == folder and os.path.dirname(entry.path) == above for entry in settings.roots
    )


def _literal_paths(settings: Settings) -> frozenset[Path]:
    """What no glob is to match: roots with a path of their own, and what holds folders that are roots."""
    literal = [entry for entry in settings.roots if not is_glob(entry.path)]
    above = (Path(entry.path).parent for entry in literal if entry.folder is not None)
    return frozenset((*(Path(entry.path) for entry in literal), *above))


def _absent_folders(settings: Settings) -> Iterator[str]:
    """Of a glob's matches many may lack a folder; of a path that was written down it is worth a word."""
    for entry in settings.roots:
        if entry.folder is not None and not is_glob(entry.path) and not _is_folder(Path(entry.path)):
            name = entry.folder
            yield f"{printable(entry.path)}: there is no folder {quoted(name)} yet; it becomes a root when it is made"


def policy_of(settings: Settings, entry: RootSettings, intake: DatasetIntake = USUAL_INTAKE) -> Policy:
    """What the planner needs of the configuration; what a root doesn't say, its dataset does."""
    expect = intake.expect if entry.expect is None else entry.expect
    return Policy(
        settle_seconds=entry.settle_seconds,
        gather_settle_seconds=_first(entry.gather_settle_seconds, intake.quiet_seconds, _QUIET_SECONDS),
        gather_timeout_seconds=_first(entry.gather_timeout_seconds, intake.latest_seconds, _LATEST_SECONDS),
        stale_seconds=entry.stale_seconds,
        connection_test_seconds=entry.connection_test_seconds,
        rescan_seconds=settings.rescan_seconds,
        rules=intake.rules,
        expect=expect,
        awaited=tuple(dict.fromkeys((*expect, *intake.required))),
        whole_zips=intake.whole_zips,
        loaders=entry.loaders,
        late=entry.late,
        attempts=settings.attempts,
        load_give_up_seconds=settings.load_give_up_hours * 3600,
    )


def _first(root: float | None, dataset: float | None, usual: float) -> float:
    said = root if root is not None else dataset
    return said if said is not None else usual


def is_glob(path: str) -> bool:
    """Whether a configured path is a pattern."""
    return _WILD.search(path) is not None


def _named_paths(entry: RootSettings) -> Iterator[tuple[str, Path]]:
    if is_glob(entry.path):
        for varying, path in _matches("/", entry.path.strip("/").split("/"), ()):
            if entry.folder is None or _is_folder(Path(path)):
                yield id_of((*varying, entry.folder or "")), Path(path)
    elif entry.folder is None:
        yield entry.name or id_of(entry.path.strip("/").split("/")), Path(entry.path)
    elif _is_folder(Path(entry.path)):
        yield id_of((entry.name, entry.folder) if entry.name else entry.path.strip("/").split("/")), Path(entry.path)


def _is_folder(path: Path) -> bool:
    """Whether it is a directory and no link: what holds it may be the sender's, who must not lead us elsewhere."""
    return path.is_dir() and not path.is_symlink()


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


def id_of(parts: Sequence[str]) -> str:
    """Path components joined by `-`, whatever is not a plain letter, digit, dot, hyphen or underscore as %xx."""
    text = "-".join(part for part in parts if part)
    if _PLAIN.fullmatch(text):
        return text
    escaped = re.sub(rb"[^A-Za-z0-9._-]", lambda m: b"%%%02x" % m[0][0], os.fsencode(text)).decode("ascii")
    return "%2e" + escaped[1:] if escaped.startswith(".") else escaped or "root"
