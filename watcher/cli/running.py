"""Whether a service runs on the configured work directory, for commands that say so beside what they do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from watcher.cli.listing import line
from watcher.service.lock import holder

if TYPE_CHECKING:
    from watcher.config import Settings


@dataclass(frozen=True, slots=True)
class Running:
    """`runs` is None where this user may not see it; `who` is the process, its machine and since when."""

    runs: bool | None
    who: str = ""


def running_service(settings: Settings) -> Running:
    """Who holds the work directory, if anybody."""
    from watcher.service.folders import WorkFolders

    try:
        who = holder(WorkFolders(settings.work_dir).lock_file)
    except PermissionError:
        return Running(None)
    return Running(who is not None, line(who or ""))
