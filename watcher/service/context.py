"""What every part of the service needs to act: opened once, handed down."""

from __future__ import annotations

from dataclasses import dataclass

from watcher.clock import Clock
from watcher.config import Settings
from watcher.journal import Journal
from watcher.service.folders import WorkFolders
from watcher.service.workers import Workers


@dataclass(slots=True)
class Context:
    """The service's means. Only the settings are ever exchanged, by a reload."""

    settings: Settings
    journal: Journal
    folders: WorkFolders
    workers: Workers
    clock: Clock
