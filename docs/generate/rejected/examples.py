"""The examples, read from the YAML files beside this module. A file is a part of the page; `codes` are its examples.

What stands beside `codes` holds for every example that does not say otherwise. The keys of an example:

    expected   file schemas, by the name of the file; `match` gives one a pattern, `required` names those that must come
    checks, modes, manifest, zips      the dataset's, as they are written in dataset.yaml
    sent       the files of the drop: text, or {text, encoding}, {folder}, {link}, {zip, ...}, {picture, ...}
    fixed      the same, after the sender has corrected it; `fixed_epoch` and so on stand in for `epoch` then
    epoch      its name
    missing, older, days, notes   what the intake tells of it; max_bytes: how much is read; changes: while it is read
    roster     a file of students with the column personID; {} if none was ever loaded
    shows      what was sent, in words; then the files are printed only with `prints`
    why        what is mostly behind it

`<<text*100>>` in a text stands for a hundred times that text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

_FOLDER = Path(__file__).parent
_FIXED = "fixed_"


@dataclass(frozen=True, slots=True)
class Drop:
    """A drop, what was expected of it, and what the intake saw."""

    expected: Mapping[str, Any]
    sent: Mapping[str, Any]
    match: Mapping[str, str] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    checks: tuple[Any, ...] = ()
    modes: Mapping[str, Any] = field(default_factory=dict)
    manifest: Mapping[str, Any] = field(default_factory=dict)
    zips: Mapping[str, Any] = field(default_factory=dict)
    epoch: str = "20260901-020000"
    missing: tuple[str, ...] = ()
    older: tuple[Any, ...] = ()
    days: tuple[Any, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)
    max_bytes: int = 1_000_000_000
    changes: bool = False
    #: None: the pictures are compared with no roster
    roster: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A code with a drop that has it, and the same drop put right."""

    code: str
    drop: Drop
    fixed: Drop
    shows: str = ""
    why: str = ""
    prints: bool = True


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the page."""

    title: str
    examples: tuple[Example, ...]


@lru_cache(maxsize=1)
def parts() -> tuple[Part, ...]:
    """All parts in the order of the page. Raises TypeError for a key that there is not."""
    return tuple(_part(yaml.safe_load(path.read_text(encoding="utf-8"))) for path in sorted(_FOLDER.glob("*.yaml")))


def examples() -> Iterator[Example]:
    for part in parts():
        yield from part.examples


def _part(document: dict[str, Any]) -> Part:
    codes, title = document.pop("codes"), document.pop("title")
    return Part(title, tuple(_example(code, {**document, **about}) for code, about in codes.items()))


def _example(code: str, about: dict[str, Any]) -> Example:
    words = {name: about.pop(name).strip() for name in ("shows", "why") if name in about}
    afterwards = {key.removeprefix(_FIXED): about.pop(key) for key in list(about) if key.startswith(_FIXED)}
    fixed, prints = about.pop("fixed"), about.pop("prints", "shows" not in words)
    return Example(code, _drop(about), _drop({**about, **afterwards, "sent": fixed}), prints=prints, **words)


def _drop(about: dict[str, Any]) -> Drop:
    tuples = {each.name for each in fields(Drop) if str(each.type).startswith("tuple")}
    values: dict[str, Any] = {key: tuple(value) if key in tuples else value for key, value in about.items()}
    return Drop(**values)
