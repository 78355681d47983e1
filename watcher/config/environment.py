"""Fills `${NAME}` and `${NAME:-default}` in the text values of a configuration; `$${` stands for a literal `${`.

What is filled in stays text and is never put into a message: it may be a secret.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from watcher.config.problems import KeyPath, Problems

_VARIABLE = re.compile(r"\$\$\{|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^{}]*))?\}|\$\{[^}]*\}?")


def filled(data: Any, environ: Mapping[str, str], problems: Problems, path: KeyPath = ()) -> Any:
    """A copy of the data with every variable filled in. A missing or misspelt one is added to the problems."""
    match data:
        case dict():
            return {key: filled(value, environ, problems, (*path, key)) for key, value in data.items()}
        case list():
            return [filled(value, environ, problems, (*path, index)) for index, value in enumerate(data)]
        case str():
            return _VARIABLE.sub(lambda match: _value(match, environ, problems, path), data)
        case _:
            return data


def _value(match: re.Match[str], environ: Mapping[str, str], problems: Problems, path: KeyPath) -> str:
    if match.group() == "$${":
        return "${"
    name, default = match["name"], match["default"]
    if name is None:
        problems.add(
            path, "expected ${NAME} or ${NAME:-default}, found another text after ${; write $${ for a plain ${"
        )
        return ""
    if environ.get(name) or (name in environ and default is None):
        return environ[name]
    if default is None:
        problems.add(
            path, f"expected the variable {name} in the environment, found none; set it or write ${{{name}:-default}}"
        )
    return default or ""
