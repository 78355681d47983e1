"""Reads one YAML file into plain values, and remembers on which line each of them stands.

YAML 1.1's traps are closed: a key that stands twice is an error; only `true` and `false` are booleans (`no` and `NO`,
Norway or not, stay text); numbers are decimal (`0123`, `12:30:00` and dates stay text). Tags that build objects are
errors, so are aliases that blow up.
"""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from watcher.errors import ConfigError
from watcher.text import printable

#: A file with more nodes than this (aliases counted each time) is refused: nobody writes such a thing by hand.
MAX_NODES = 200_000
_NAME_CHARACTERS = 500
#: libyaml composes by recursion, without looking where the stack ends.
_QUICK_DEPTH = 200


@dataclass(frozen=True, slots=True)
class Document:
    """The values of one file. `name` is how messages call it; lines are 1-based."""

    name: str
    data: Any
    lines: dict[tuple[str | int, ...], int] = field(repr=False)

    def line(self, path: Sequence[str | int]) -> int:
        """The line of the value at this key path, or of its nearest parent that has one."""
        at = tuple(path)
        while at and at not in self.lines:
            at = at[:-1]
        return self.lines.get(at, 1)

    def problem(self, path: Sequence[str | int], text: str) -> str:
        """One line for a person: `file:line: key.path: text`."""
        where = f"{self.name}:{self.line(path)}: "
        return where + (f"{key_path(path)}: " if path else "") + text


def key_path(path: Sequence[str | int]) -> str:
    """`roots[0].settle_seconds` for `("roots", 0, "settle_seconds")`, made printable."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return printable(text)


def read(path: Path) -> Document:
    """The document of a file. Raises ConfigError if it can't be read or is not sound YAML."""
    name = printable(str(path), _NAME_CHARACTERS)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError((f"{name}: {error.strerror}",)) from error
    except UnicodeDecodeError as error:
        raise ConfigError((f"{name}: not UTF-8 at byte {error.start}; save the file as UTF-8",)) from error
    except ValueError as error:  # a NUL, or a lone surrogate
        raise ConfigError((f"{name}: no file can have this name",)) from error
    return parse(text, name)


def parse(text: str, name: str) -> Document:
    """The document of a text; `name` is what messages call it. Raises ConfigError as `read` does."""
    builder = _Builder(name)
    try:
        node = _composed(text)
        data = builder.build(node, ()) if node is not None else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise ConfigError((f"{name}:{line}: not sound YAML: {error.problem or error.context}",)) from error
    except yaml.YAMLError as error:
        raise ConfigError((f"{name}:1: not sound YAML: {str(error).splitlines()[0]}",)) from error
    except RecursionError as error:
        raise ConfigError((f"{name}:1: nested too deeply",)) from error
    if builder.problems:
        raise ConfigError(tuple(builder.problems))
    return Document(name, data, builder.lines)


def _composed(text: str) -> yaml.Node | None:
    """The nodes of a text, by libyaml where it is there, in a tenth of the time; what it refuses is PyYAML's to say."""
    if _LibyamlLoader is not None:
        with contextlib.suppress(yaml.YAMLError):
            if _depth(text, _LibyamlLoader) <= _QUICK_DEPTH:
                return yaml.compose(text, Loader=_LibyamlLoader)
    return yaml.compose(text, Loader=_Loader)


def _depth(text: str, loader: Any) -> int:
    """How deep a text is nested."""
    depth = deepest = 0
    for event in yaml.parse(text, Loader=loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            deepest = max(deepest, depth)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return deepest


class _Loader(yaml.SafeLoader):
    """SafeLoader with the resolvers of YAML 1.2's core schema, less octal and hexadecimal numbers."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 (PyYAML's own shape)


_RESOLVERS = (
    ("tag:yaml.org,2002:bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("tag:yaml.org,2002:int", r"^[-+]?(?:0|[1-9][0-9]*)$", "-+0123456789"),
    ("tag:yaml.org,2002:float", r"^[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$", "-+0123456789"),
    ("tag:yaml.org,2002:null", r"^(?:~|null|Null|NULL|)$", ("~", "n", "N", "")),
)
for _tag, _pattern, _first in _RESOLVERS:
    _Loader.add_implicit_resolver(_tag, re.compile(_pattern), list(_first))


_LibyamlLoader: Any = None
if hasattr(yaml, "CSafeLoader"):
    _LibyamlLoader = type(
        "_LibyamlLoader", (yaml.CSafeLoader,), {"yaml_implicit_resolvers": _Loader.yaml_implicit_resolvers}
    )

_PLAIN_COLLECTIONS = ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")


class _Builder:
    """Turns composed nodes into values, noting lines and problems on the way."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: dict[tuple[str | int, ...], int] = {}
        self.problems: list[str] = []
        self._nodes = 0
        self._open: set[int] = set()

    def build(self, node: yaml.Node, path: tuple[str | int, ...]) -> Any:
        self.lines.setdefault(path, node.start_mark.line + 1)
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise ConfigError((f"{self.name}: more than {MAX_NODES} values, aliases counted; write it out shorter",))
        if id(node) in self._open:
            raise ConfigError((f"{self.name}:{node.start_mark.line + 1}: an alias that contains itself",))
        self._open.add(id(node))
        try:
            if isinstance(node, yaml.CollectionNode) and node.tag not in _PLAIN_COLLECTIONS:
                self._note(node.start_mark.line + 1, path, f"the tag {node.tag!r} is not allowed here")
            match node:
                case yaml.MappingNode():
                    return self._mapping(node, path)
                case yaml.SequenceNode():
                    return [self.build(child, (*path, i)) for i, child in enumerate(node.value)]
                case _:
                    return self._scalar(node, path)
        finally:
            self._open.discard(id(node))

    def _mapping(self, node: yaml.MappingNode, path: tuple[str | int, ...]) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self._note(line, path, "a key must be a word")
                continue
            key = str(key_node.value)
            if key in result:
                first = self.lines[(*path, key)]
                self._note(line, (*path, key), f"stands twice, first on line {first}; keep one")
                continue
            self.lines[(*path, key)] = line
            result[key] = self.build(value_node, (*path, key))
        return result

    def _scalar(self, node: yaml.Node, path: tuple[str | int, ...]) -> Any:
        text = node.value
        match node.tag.removeprefix("tag:yaml.org,2002:"):
            case "null":
                return None
            case "bool" if text.lower() in ("true", "false"):
                return text.lower() == "true"
            case "int" | "float" as kind:
                return self._number(node, path, kind)
            case "str":
                return text
            case _:
                self._note(node.start_mark.line + 1, path, f"the tag {node.tag!r} is not allowed here")
                return None

    def _number(self, node: yaml.Node, path: tuple[str | int, ...], kind: str) -> int | float | None:
        """The number; a problem where a tag forced another text to be one, or it is beyond all measure."""
        with contextlib.suppress(ValueError, OverflowError):
            number = int(node.value) if kind == "int" else float(node.value)
            if math.isfinite(number):
                return number
        self._note(node.start_mark.line + 1, path, "not a number that can be used here")
        return None

    def _note(self, line: int, path: Sequence[str | int], text: str) -> None:
        self.problems.append(f"{self.name}:{line}: " + (f"{key_path(path)}: " if path else "") + text)
