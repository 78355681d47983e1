"""Every key of dataset.yaml and of a file schema, from the meta-schemas that judge them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from docs.generate.markdown import NOTE, code, table
from watcher.schema.judge import meta_schema

_KINDS = {"dataset": "dataset.yaml", "file": "A file schema"}
_WORDS = {
    "object": "mapping", "array": "list", "string": "text", "integer": "whole number", "number": "number",
    "boolean": "true or false", "null": "null",
}  # fmt: skip


def page() -> str:
    parts = "".join(f"## {title}\n\n{_sections(kind)}" for kind, title in _KINDS.items())
    return f"""{NOTE}
# Schema format

A *dataset* is a folder with a `dataset.yaml` and the file schemas that it names. These are all the keys that they may
have; any other is a mistake. How to write one: [Write a dataset of your own](../how-to/write-a-schema.md).
What the bundled ones say: [Datasets](datasets/README.md).

{parts.rstrip()}
"""


def described_keys(kind: str) -> set[str]:
    """Every key that has a line on the page, dotted: `columns.name`."""
    return {f"{path}.{name}".lstrip(".") for path, part in _parts(meta_schema(kind), kind) for name in _keys(part)}


def undescribed_keys(kind: str) -> set[str]:
    """Those of them that the meta-schema says nothing about."""
    return {
        f"{path}.{name}".lstrip(".")
        for path, part in _parts(meta_schema(kind), kind)
        for name, about in _keys(part).items()
        if not _resolved(about, kind).get("description")
    }


def _sections(kind: str) -> str:
    sections = []
    for path, part in _parts(meta_schema(kind), kind):
        head = f"### `{path}`\n\n{part.get('description', '')}\n\n" if path else f"{part.get('description', '')}\n\n"
        required = set(part.get("required", ()))
        rows = [
            (code(name), _form(about, kind), _need(name, required) + about.get("description", ""))
            for name, about in ((name, _resolved(about, kind)) for name, about in _keys(part).items())
        ]
        sections.append(head + table(("Key", "Value", "Meaning"), rows) + "\n")
    return "".join(sections)


def _need(name: str, required: set[str]) -> str:
    return "Must be there. " if name in required else ""


def _parts(whole: Mapping[str, Any], kind: str, path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each mapping with keys of its own, outermost first; one that is used again is shown where it stands first."""
    waiting = [(path, whole)]
    seen: list[Mapping[str, Any]] = []
    while waiting:
        path, part = waiting.pop(0)
        if part in seen:
            continue
        seen.append(part)
        yield path, part
        for name, about in _keys(part).items():
            inner = _inner(about, kind)
            if inner is not None:
                waiting.append((f"{path}.{name}".lstrip("."), inner))


def _inner(about: Mapping[str, Any], kind: str) -> Mapping[str, Any] | None:
    """The mapping that a key holds, itself or as members of its list."""
    found = _resolved(about, kind)
    named = found.get("additionalProperties")  # a mapping whose keys the author chooses
    candidates = [found, found.get("items", {}), named, *found.get("oneOf", ()), *found.get("anyOf", ())]
    resolved = [_resolved(candidate, kind) for candidate in candidates if isinstance(candidate, Mapping)]
    resolved += [_resolved(c, kind) for r in resolved for c in (*r.get("oneOf", ()), *r.get("anyOf", ()))]
    return next((each for each in resolved if "properties" in each), None)


def _keys(part: Mapping[str, Any]) -> Mapping[str, Any]:
    keys: Mapping[str, Any] = part.get("properties", {})
    return keys


def _resolved(about: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    """What a reference inside the meta-schema stands for; what stands beside the reference wins."""
    reference = str(about.get("$ref", ""))
    if not reference.startswith("#"):
        return about
    found: Any = meta_schema(kind)
    for step in reference.removeprefix("#").strip("/").split("/"):
        found = found[step] if step else found
    return {**found, **{key: value for key, value in about.items() if key != "$ref"}}


def _form(about: Mapping[str, Any], kind: str) -> str:
    """`text`, `list of text`, `any` or `strict`."""
    about = _resolved(about, kind)
    for choice in ("oneOf", "anyOf"):
        if choice in about and "type" not in about:
            return " or ".join(dict.fromkeys(_form(each, kind) for each in about[choice]))
    if "enum" in about:
        return " or ".join(code("null" if word is None else str(word)) for word in about["enum"])
    if "const" in about:
        return code(str(about["const"]))
    kinds = about.get("type", "any value")
    words = [_WORDS.get(word, word) for word in ([kinds] if isinstance(kinds, str) else kinds)]
    if words == ["list"] and isinstance(about.get("items"), Mapping):
        return f"list of {_form(about['items'], kind)}"
    return " or ".join(words)
