"""Judges the values of a configuration by the schema, and words what is wrong: expected, found, what to write."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from watcher.config.problems import KeyPath, Problems
from watcher.config.schema import options_of, published, root_schema
from watcher.config.secrets import shown
from watcher.text import nearest

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|sec|seconds?|m|min|minutes?|h|hours?|d|days?)", re.IGNORECASE)
_UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_WORDS_FOR_BOOLEANS = {"yes": "true", "on": "true", "no": "false", "off": "false", "true": "true", "false": "false"}


def judge(data: Any, problems: Problems) -> None:
    """Adds every breach of the schema. What was already found wrong at a value (a missing variable) is not doubled."""
    from watcher.jsonschemas import Draft202012Validator  # noqa: PLC0415 (costs a tenth of a second; other modules of config don't need it)

    known = {path for path in _leaf_paths(data) if problems.touch(path)}
    for error in Draft202012Validator(published()).iter_errors(data):
        path = tuple(error.absolute_path)
        if error.validator in ("additionalProperties", "unevaluatedProperties"):
            _add_unknown_keys(error, path, problems)
        elif error.validator == "required":
            _add_missing_keys(error, path, problems)
        elif "propertyNames" in error.absolute_schema_path:
            name = str(error.instance)
            problems.add((*path, name), f"expected {_expected(error)}, found {shown(path, name)}; rename it")
        elif path not in known:
            problems.add(path, _wording(error, path, problems))


def _wording(error: ValidationError, path: KeyPath, problems: Problems) -> str:
    text = f"expected {_expected(error)}, found {problems.shown(path)}"
    advice = _advice(error, problems.written(path))
    return f"{text}; write {advice}" if advice else text


def _expected(error: ValidationError) -> str:
    part: Any = error.schema
    if "x-expected" in part:
        return str(part["x-expected"])
    match error.validator:
        case "enum":
            return "one of " + ", ".join(str(value) for value in part["enum"])
        case "type" if part["type"] == "boolean":
            return "true or false"
        case "type" if part["type"] == "object":
            return "a mapping"
        case "uniqueItems":
            return "each item once"
        case _:
            return f"a {part.get('type', 'sound value')}"


def _advice(error: ValidationError, written: Any) -> str:
    """What to write instead, where what was meant can be told."""
    part: Any = error.schema
    text = str(written)
    if "enum" in part:
        return nearest(text, part["enum"]) or ""
    if part.get("type") == "boolean":
        return _WORDS_FOR_BOOLEANS.get(text.lower(), "")
    if part.get("type") == "array" and isinstance(written, str):
        return f"[{written}]" if re.fullmatch(r"[\w./-]+", written) else ""
    duration = _DURATION.fullmatch(text)
    if duration and "seconds" in part.get("x-expected", ""):
        return f"{float(duration[1]) * _UNIT_SECONDS[duration[2][0].lower()]:g}"
    return ""


def _add_unknown_keys(error: ValidationError, path: KeyPath, problems: Problems) -> None:
    known = _known_keys(path)
    found: Any = error.instance
    for key in found:
        if key not in known:
            problems.add((*path, key), f"expected an option, found {shown((), key)}{_hint(key, path, known)}")


def _hint(key: str, path: KeyPath, known: Iterable[str]) -> str:
    if not path and key in options_of(root_schema()):
        return "; it belongs under a root, or under defaults for all of them"
    if path and key in options_of(published()):
        return "; it belongs at the top level"
    if (path == ("defaults",) or _is_folder(path)) and key in options_of(root_schema()):
        return "; it belongs under each root" if path == ("defaults",) else "; it belongs under the root itself"
    near = nearest(key, known)
    return f"; write {near}" if near else f"; known are {', '.join(sorted(known))}"


def _is_folder(path: KeyPath) -> bool:
    match path:
        case ("roots", int(), "folders", str()):
            return True
        case _:
            return False


def _known_keys(path: KeyPath) -> Iterable[str]:
    match path:
        case ("roots", int()):
            return options_of(root_schema())
        case ("roots", int(), "folders", str()):
            return options_of(published()["properties"]["defaults"])
        case (_, *_, "roster"):
            return options_of(options_of(root_schema())["roster"])
        case (str() as section,):
            return options_of(published()["properties"][section])
        case _:
            return options_of(published())


def _add_missing_keys(error: ValidationError, path: KeyPath, problems: Problems) -> None:
    part: Any = error.schema
    found: Any = error.instance
    for key in part["required"]:
        if key not in found:
            problems.add(path, f"expected the key {key}, found none; write {key}: {_example(part, key)}")


def _example(part: dict[str, Any], key: str) -> str:
    value = options_of(part)[key]["examples"][0]
    return value if isinstance(value, str) else "..."


def _leaf_paths(data: Any, path: KeyPath = ()) -> Iterable[KeyPath]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _leaf_paths(value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _leaf_paths(value, (*path, index))
    else:
        yield path
