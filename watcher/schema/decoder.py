"""Whether what a dataset needs besides ourselves is installed: pictures are judged with Pillow, an extra."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable

from watcher.errors import ConfigError
from watcher.schema.model import FileSchema
from watcher.text import printable


def require_decoder(schemas: Iterable[FileSchema]) -> None:
    """Raises ConfigError if there are pictures to judge and Pillow is not installed."""
    names = [schema.file for schema in schemas if schema.picture is not None]
    if names and importlib.util.find_spec("PIL") is None:
        text = "pictures are judged with Pillow, which is not installed; pip install 'epoch-watcher[photos]'"
        raise ConfigError((f"{printable(names[0])}: {text}",))
