"""config.yaml: its schema, how it is read into frozen Settings, and the pages made from it.

What the rest of the house uses is listed here. Nothing outside this package reads the configuration file or fills in
environment variables; what a loader's own options mean is judged by the loader.
"""

from __future__ import annotations

from watcher.config.loading import load, load_schema_dirs
from watcher.config.pages import example_text, reference_text
from watcher.config.schema import schema
from watcher.config.settings import Late, LoaderSettings, LogSettings, RootSettings, RosterSettings, Settings, Watch

__all__ = [
    "Late",
    "LoaderSettings",
    "LogSettings",
    "RootSettings",
    "RosterSettings",
    "Settings",
    "Watch",
    "example_text",
    "load",
    "load_schema_dirs",
    "reference_text",
    "schema",
]
