"""Reads config.yaml into Settings: YAML, then variables, then the schema, then what the schema can't say."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from watcher import yamlfile
from watcher.config.checks import absolute, check
from watcher.config.environment import filled
from watcher.config.judge import judge
from watcher.config.problems import Problems
from watcher.config.schema import options_of, published
from watcher.config.secrets import holds_secret
from watcher.config.settings import (
    Late,
    LoaderSettings,
    LogSettings,
    RootSettings,
    RosterSettings,
    Settings,
    Watch,
    default_journal,
)
from watcher.text import nearest
from watcher.yamlfile import Document


def load(path: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings of one file. Raises ConfigError with every problem, each `file:line: key.path: ...`."""
    return from_document(yamlfile.read(path), path, environ)


def load_schema_dirs(path: Path, environ: Mapping[str, str] = os.environ) -> tuple[Path, ...]:
    """The folders with datasets that one file names, whatever else is wrong in it. Raises ConfigError, as `load`.

    A misspelt `schema_dirs` is wrong, too: without its folders a bundled dataset would be taken for one's own.
    """
    document = yamlfile.read(path)
    problems = Problems(document)
    data = filled(document.data, environ, problems)
    judge(data, problems)
    if not isinstance(data, dict) or problems.touch(("schema_dirs",)) or _misspells(data, "schema_dirs"):
        problems.raise_any()
    return _schema_dirs(data, os.path.dirname(os.path.abspath(path)))


def _misspells(data: Mapping[str, Any], option: str) -> bool:
    """Whether a key at the top level is none, and was likely meant for this option."""
    known = options_of(published())
    return any(key not in known and nearest(str(key), known) == option for key in data)


def from_document(document: Document, source: Path, environ: Mapping[str, str]) -> Settings:
    """The settings of a document as if it stood in the file `source`. Raises ConfigError as `load` does."""
    problems = Problems(document)
    data = filled(document.data, environ, problems)
    judge(data, problems)
    folder = os.path.dirname(os.path.abspath(source))
    if isinstance(data, dict):
        check(data, folder, problems)
    problems.raise_any()
    return _settings(data, folder, Path(os.path.abspath(source)), secrets_in_file=holds_secret(document.data))


def _settings(data: dict[str, Any], folder: str, source: Path, *, secrets_in_file: bool) -> Settings:
    work_dir = Path(absolute(data["work_dir"], folder))
    own = {key: value for key, value in data.items() if key != "defaults"}
    return Settings(
        **_numbers(Settings, own)
        | {
            "work_dir": work_dir,
            "journal": _journal(data["journal"], folder) if "journal" in data else default_journal(work_dir),
            "watch": Watch(data.get("watch", Watch.EVENTS)),
            "schema_dirs": _schema_dirs(data, folder),
            "log": LogSettings(**data.get("log", {})),
            "loaders": {name: _loader(name, part) for name, part in data.get("loaders", {}).items()},
            "roots": tuple(
                root for entry in data["roots"] for root in _roots(data.get("defaults", {}) | entry, folder)
            ),
            "source": source,
            "secrets_in_file": secrets_in_file,
        }
    )


def _schema_dirs(data: dict[str, Any], folder: str) -> tuple[Path, ...]:
    return tuple(Path(absolute(each, folder)) for each in data.get("schema_dirs", ()))


def _roots(data: dict[str, Any], folder: str) -> Iterator[RootSettings]:
    """The root of one entry, or one for each of its `folders`: those have its options, and their own over them."""
    own = {key: value for key, value in data.items() if key != "folders"}
    if "folders" not in data:
        yield _root(own, folder)
    for name, options in data.get("folders", {}).items():
        yield _root(own | options | {"path": os.path.join(data["path"], name), "folder": name}, folder)


def _root(data: dict[str, Any], folder: str) -> RootSettings:
    dataset = data.get("dataset", "plain")
    return RootSettings(
        **_numbers(RootSettings, data)
        | {
            "path": absolute(data["path"], folder),
            "dataset": absolute(dataset, folder) if "/" in dataset else dataset,
            "loaders": tuple(data.get("loaders", ())),
            "expect": tuple(data["expect"]) if "expect" in data else None,
            "late": Late(data.get("late", Late.HOLD)),
            "roster": RosterSettings(**data["roster"]) if "roster" in data else None,
        }
    )


def _loader(name: str, data: dict[str, Any]) -> LoaderSettings:
    options = {key: value for key, value in data.items() if key != "type"}
    return LoaderSettings(name=name, type=data["type"], options=options)


def _numbers(kind: type, data: dict[str, Any]) -> dict[str, Any]:
    """The data with `30` where a whole number belongs and `30.0` where a float does, however the file wrote it."""
    casts = {"int": int, "float": float, "float | None": float}
    types = {each.name: each.type for each in fields(kind)}
    return {key: casts.get(str(types[key]), _same)(value) for key, value in data.items()}


def _same(value: Any) -> Any:
    return value


def _journal(url: str, folder: str) -> str:
    """The URL; an SQLite file named by a relative path starts from the folder, not from wherever the service runs."""
    scheme, separator, rest = url.partition(":///")
    if not scheme.startswith("sqlite") or not separator or rest.startswith("/"):
        return url
    file, mark, query = rest.partition("?")
    return f"{scheme}:///{absolute(file, folder)}{mark}{query}"
