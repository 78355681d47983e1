"""Finds loader types by entry point and makes loaders of them.

A distribution offers a type in its metadata, `[options.entry_points] epoch_watcher.loaders = name = module:Class`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from watcher.errors import ConfigError
from watcher.jsonschemas import Draft202012Validator, ValidationError
from watcher.loading.loader import Loader
from watcher.text import nearest
from watcher.yamlfile import key_path

GROUP = "epoch_watcher.loaders"

#: What setup.cfg declares too; here so that a plain checkout, which has no metadata, has them.
_BUILT_IN = (
    EntryPoint("files", "watcher.loading.files:FilesLoader", GROUP),
    EntryPoint("sql", "watcher.loading.sql:SqlLoader", GROUP),
)


class NotInstalledError(ConfigError):
    """There is no such loader type here, or it can't be imported: what offers it is not installed as it ought to be."""


def loader_type(name: str) -> type[Loader]:
    """The class of a type. Raises ConfigError, NotInstalledError where there is none or it can't be imported."""
    # A built-in wins anyway, and to ask every installed distribution takes longer than many a load.
    found = _built_in() if name in _built_in() else _found()
    if name not in found:
        known = ", ".join(sorted(found))
        raise NotInstalledError((f"unknown loader type {name!r}{_meant(name, found)}; there are {known}",))
    try:
        made = found[name].load()
    except (ImportError, AttributeError) as error:
        raise NotInstalledError((f"loader type {name!r} ({found[name].value}) can't be imported: {error}",)) from error
    lacking = [part for part in ("options_schema", "check", "load", "close") if not hasattr(made, part)]
    if lacking:
        raise ConfigError((f"loader type {name!r} ({found[name].value}) is no loader: it lacks {', '.join(lacking)}",))
    checked: type[Loader] = made
    return checked


def make_loader(name: str, type_name: str, options: Mapping[str, Any]) -> Loader:
    """A loader of that type, called `name` in the configuration.

    Raises ConfigError: unknown type, or options that the type's schema refuses, all of them at once. A value is never
    in the text: it may be a password.
    """
    made = loader_type(type_name)
    problems = tuple(f"loaders.{name}{text}" for text in _problems(dict(options), made.options_schema))
    if problems:
        raise ConfigError(problems)
    return made(name, options)


def _found() -> dict[str, EntryPoint]:
    """By name. Of two that share one, the built-in wins, else the first by its address: never by chance."""
    installed = sorted(entry_points(group=GROUP), key=lambda entry: entry.value)
    return {entry.name: entry for entry in reversed(installed)} | _built_in()


def _built_in() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in _BUILT_IN}


def _problems(options: dict[str, Any], schema: Mapping[str, Any]) -> Iterator[str]:
    validator = Draft202012Validator(schema)
    for error in sorted(validator.iter_errors(options), key=lambda error: list(map(str, error.absolute_path))):
        path = key_path(tuple(error.absolute_path))
        yield from (f".{path}: {text}" if path else text for text in _texts(error))


def _texts(error: ValidationError) -> Iterator[str]:
    allowed: Any = error.validator_value
    schema: Any = error.schema
    instance: Any = error.instance
    match error.validator:
        case "required":
            yield from (f".{key}: missing; {_expected(schema, key)}" for key in allowed if key not in instance)
        case "additionalProperties":
            known = schema.get("properties", {})
            for key in sorted(map(str, instance.keys() - known.keys())):
                yield f".{key}: unknown option{_meant(key, known)}; there are {', '.join(sorted(known))}"
        case "type":
            yield f"expected {allowed}, found {type(instance).__name__}"
        case "enum":
            yield f"expected one of {', '.join(map(str, allowed))}"
        case _:
            yield schema.get("description", f"expected {error.validator} {allowed!r}")


def _expected(schema: Mapping[str, Any], key: str) -> str:
    return str(schema.get("properties", {}).get(key, {}).get("description", "it is required"))


def _meant(word: str, known: Iterable[str]) -> str:
    near = nearest(word, known)
    return f", did you mean {near!r}?" if near else ""
