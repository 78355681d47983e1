"""The datasets that the roots name: whether they are sound, and which files a drop of theirs should hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from watcher.config import Settings
from watcher.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Awaited:
    """Required file names by dataset, as the configuration names it; and what is wrong with the other datasets."""

    files: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def awaited_files(settings: Settings) -> Awaited:
    """What every dataset in use requires; one that is not there or not sound is a problem, not an end."""
    from watcher.schema import find_dataset  # noqa: PLC0415 (a heavy import, and none of the planner's business)

    files: dict[str, tuple[str, ...]] = {}
    problems: list[str] = []
    for name in dict.fromkeys(root.dataset for root in settings.roots):
        try:
            named = find_dataset(name, settings.schema_dirs).named_files()
        except ConfigError as error:
            problems.extend(error.problems)
        else:
            files[name] = tuple(file.schema.file for file in named if file.required)
    return Awaited(files, tuple(problems))
