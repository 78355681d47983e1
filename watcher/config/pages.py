"""Makes config.example.yaml and the reference page from the schema, so that neither can fall behind it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

import yaml

from watcher.config.schema import options_of, published, root_schema

_EXAMPLE_HEAD = """\
# Configuration of Epoch Watcher. What is switched off shows its default, or an example where there is none.
# Text may hold ${NAME} or ${NAME:-default}, filled in from the environment; $${ is a plain ${.
# A relative path starts from the folder of this file. Check it: epoch-watcher config check FILE
"""

_REFERENCE_HEAD = """\
# Configuration

<!-- Made from watcher/config/config.schema.yaml; edit that. -->

One YAML file, `/etc/epoch-watcher/config.yaml` unless `--config` or `EPOCH_WATCHER_CONFIG` names another.

- `epoch-watcher config check FILE` says everything that is wrong with it, with line numbers; so does the service at
  start. `systemctl reload epoch-watcher` reads it anew; a wrong one changes nothing.
- A changed dataset takes effect without that: its schemas are read for each drop, how its files come within a minute.
- An unknown key is an error. A relative path starts from the folder of the file; a loader's options are its own to
  read.
- Text may hold `${NAME}` or `${NAME:-default}`, filled in from the environment; `$${` is a plain `${`. What is filled
  in is text: it cannot stand for a number. Keep passwords out of the file this way, or make it readable only by the
  service.
- Only `true` and `false` are booleans, numbers are decimal, a key may stand only once.
- `epoch-watcher config example` prints a commented file, `epoch-watcher config schema` the JSON Schema. Editors
  complete and check with the first line `# yaml-language-server: $schema=config.schema.json`.
"""


def example_text() -> str:
    """config.example.yaml: every option with its description; sound as it is, and with all but a root's name on."""
    lines = [_EXAMPLE_HEAD]
    for name, option in options_of(published()).items():
        lines += [*_comment(option["description"], ""), *_example_lines(name, option), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def reference_text() -> str:
    """docs/reference/configuration.md."""
    parts = [_REFERENCE_HEAD, "## The service\n"]
    sections = published()["properties"]
    for name, option in options_of(published()).items():
        parts.append(_entry(name, option))
    parts += ["## log\n", *(_entry(f"log.{name}", option) for name, option in options_of(sections["log"]).items())]
    loader = sections["loaders"]["additionalProperties"]
    parts += ["## A loader\n", *(_entry(f"loaders.NAME.{name}", option) for name, option in options_of(loader).items())]
    parts += [
        "## A root\n",
        "All but `path`, `name` and `folders` may also stand under `defaults`, or under a folder.\n",
    ]
    parts += [_entry(f"roots[].{name}", option) for name, option in _root_options()]
    return "\n".join(parts).rstrip("\n") + "\n"


def _root_options() -> Iterator[tuple[str, dict[str, Any]]]:
    """Those that a root alone has come first: path, name and folders."""
    options = options_of(root_schema())
    first = ("path", "name", "folders")
    yield from ((name, options[name]) for name in first)
    yield from ((name, option) for name, option in options.items() if name not in first)


def _example_lines(name: str, option: dict[str, Any]) -> list[str]:
    match name:
        case "roots":
            return ["roots:", *_root_lines()]
        case "log":
            children = [line for child, part in options_of(option).items() for line in _described(child, part, "  ")]
            return ["#log:", *children]
        case "loaders" | "defaults":
            return _switched_off({name: option["examples"][0]}, "")
        case _:
            return _value_lines(name, option, "")


def _root_lines() -> list[str]:
    lines: list[str] = []
    for name, option in _root_options():
        lines += _described(name, option, "    ")
    # The dash of the list item stands before its first key, the path.
    at = lines.index(next(line for line in lines if line.startswith("    path:")))
    return ["  " + line.strip() for line in lines[:at]] + ["  - " + lines[at].strip(), *lines[at + 1 :]]


def _described(name: str, option: dict[str, Any], indent: str) -> list[str]:
    return [*_comment(option["description"], indent), *_value_lines(name, option, indent)]


def _value_lines(name: str, option: dict[str, Any], indent: str) -> list[str]:
    value = option["default"] if "default" in option and option["default"] != [] else option["examples"][0]
    if option.get("x-live"):
        return [indent + line for line in _dumped({name: value})]
    return _switched_off({name: value}, indent)


def _switched_off(data: dict[str, Any], indent: str) -> list[str]:
    """`#key: value`; prose has a blank behind its #, so the two can be told apart."""
    lines = _dumped(data)
    return [f"{indent}{line[: len(line) - len(line.lstrip())]}#{line.lstrip()}" for line in lines]


def _dumped(data: dict[str, Any]) -> list[str]:
    """YAML lines: mappings in blocks, lists of plain words on one line."""
    lines: list[str] = []
    for key, value in data.items():
        if isinstance(value, dict):
            lines += [f"{key}:", *("  " + line for line in _dumped(value))]
        else:
            lines.append(f"{key}: {_flow(value)}")
    return lines


def _flow(value: Any) -> str:
    text: str = yaml.safe_dump(value, default_flow_style=True, width=10_000, sort_keys=False)
    return text.removesuffix("...\n").rstrip("\n")


def _comment(text: str, indent: str) -> list[str]:
    return textwrap.wrap(
        text, 118, initial_indent=f"{indent}# ", subsequent_indent=f"{indent}# ", break_on_hyphens=False
    )


def _entry(name: str, option: dict[str, Any]) -> str:
    """One option of the reference page."""
    text = "\n".join(textwrap.wrap(option["description"], 120, break_on_hyphens=False))
    facts = [
        _kind(option),
        _default(option),
        f"example `{_flow(option['examples'][0])}`" if "examples" in option else "",
    ]
    said = "; ".join(filter(None, facts))
    return f"### `{name}`\n\n{text}\n\n{said[0].upper()}{said[1:]}.\n"


def _kind(option: dict[str, Any]) -> str:
    if "enum" in option:
        return "one of " + ", ".join(f"`{value}`" for value in option["enum"])
    expected = option.get("x-expected")
    return str(expected) if expected else {"boolean": "`true` or `false`"}.get(option["type"], option["type"])


def _default(option: dict[str, Any]) -> str:
    if "x-unsaid" in option:
        return f"default {option['x-unsaid']}"
    return f"default `{_flow(option['default'])}`" if "default" in option else ""
