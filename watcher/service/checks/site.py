"""What doctor saw and tried before it judges: the configuration, the roots, what lies in them, what they let us do."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from watcher.config import Settings
from watcher.model.facts import RootFacts
from watcher.model.names import RESULTS_FOLDER
from watcher.model.states import Folder
from watcher.service.checks.probing import Tried, try_root
from watcher.service.folders import WorkFolders
from watcher.service.roots import Root, discover
from watcher.service.seeing import scanned


@dataclass(frozen=True, slots=True)
class Site:
    """`facts` and `tried` are by the root's id; a root that can't be read was not tried."""

    settings: Settings
    folders: WorkFolders
    roots: tuple[Root, ...]
    problems: tuple[str, ...]
    facts: Mapping[str, RootFacts]
    tried: Mapping[str, Tried]


def visit(settings: Settings) -> Site:
    """Look at every root and try in it what the service will do. SIGIO must be ignored by the process."""
    found = discover(settings)
    roots = tuple(found.roots.values())
    facts = {root.id: scanned(root) for root in roots}
    target = _target(settings.work_dir)
    tried: dict[str, Tried] = {}
    for root in roots:
        if not facts[root.id].problem:
            # A root that vanishes meanwhile is told as one that is not there by the next doctor.
            with contextlib.suppress(FileNotFoundError):
                tried[root.id] = try_root(facts[root.id], root.path, target, results=RESULTS_FOLDER)
    return Site(settings, WorkFolders(settings.work_dir), roots, found.problems, facts, tried)


def _target(work_dir: Path) -> Path | None:
    """Where claims go, or will go: stage; before the first start the nearest folder above it, if we may write it."""
    there = next(path for path in (work_dir / Folder.STAGE, work_dir, *work_dir.parents) if os.path.isdir(path))
    return there if os.access(there, os.W_OK | os.X_OK, effective_ids=True) else None
