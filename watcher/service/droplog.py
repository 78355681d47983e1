"""The log of one drop: what is said of it names its root and its epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loguru import logger

from watcher.model.records import Record

if TYPE_CHECKING:
    from loguru import Logger


def log_of(record: Record) -> Logger:
    """The logger that is bound to the record's drop."""
    return logger.bind(root=record.root, epoch=record.epoch)
