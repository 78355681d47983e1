"""What every part of the service needs to act: opened once, handed down."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field

from watcher.clock import Clock
from watcher.config import Settings
from watcher.journal import Journal
from watcher.service.folders import WorkFolders
from watcher.service.turns import Turns
from watcher.service.workers import Workers


@dataclass(slots=True)
class Context:
    """The service's means. Of these only the settings are ever exchanged, by a reload."""

    settings: Settings
    journal: Journal
    folders: WorkFolders
    workers: Workers
    clock: Clock
    #: without a loop everybody has a turn at once
    turns: Turns = field(default_factory=lambda: Turns(sys.maxsize, lambda _: None))
