"""The JSON Schema (Draft 2020-12) of config.yaml, read from the package's own config.schema.yaml."""

from __future__ import annotations

import copy
from functools import cache
from importlib import resources
from typing import Any

from watcher import yamlfile


def schema() -> dict[str, Any]:
    """The whole schema, as `epoch-watcher config schema` prints it; the caller may change its copy."""
    return copy.deepcopy(published())


@cache
def published() -> dict[str, Any]:
    """The schema itself, read once; not to be changed."""
    text = resources.files("watcher.config").joinpath("config.schema.yaml").read_text(encoding="utf-8")
    data: dict[str, Any] = yamlfile.parse(text, "config.schema.yaml").data
    return data


def resolved(part: dict[str, Any]) -> dict[str, Any]:
    """A sub-schema with its `$ref` merged in: its own keywords win, properties of both are kept."""
    if "$ref" not in part:
        return part
    base = resolved(published()["$defs"][part["$ref"].removeprefix("#/$defs/")])
    own = {key: value for key, value in part.items() if key != "$ref"}
    both = {**base.get("properties", {}), **own.get("properties", {})}
    return {**base, **own, **({"properties": both} if both else {})}


def options_of(part: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Name -> resolved sub-schema of each option that a mapping may hold."""
    return {name: resolved(option) for name, option in resolved(part).get("properties", {}).items()}


def root_schema() -> dict[str, Any]:
    """The sub-schema of one item of `roots`."""
    return resolved(published()["properties"]["roots"]["items"])
