"""Whether one file schema has the shape that it must have, by itself, before what it extends is looked at."""

from __future__ import annotations

from dataclasses import replace

from watcher.schema import judge
from watcher.schema.problem import depth_problems, raise_any, worded
from watcher.schema.sound import rule_shape_problems
from watcher.yamlfile import Document


def raise_shape(document: Document) -> None:
    """Raises ConfigError with what is wrong with one file's shape: nothing can be made of it then."""
    raise_any(depth_problems(document))
    raise_any(judge.problems(_without_nulls(document), "file"))
    if "without" in document.data and "extends" not in document.data:
        raise_any([document.problem(("without",), "says nothing without extends; remove it")])
    raise_any(worded(document, rule_shape_problems(document.data.get("rules") or ())))


def _without_nulls(document: Document) -> Document:
    """The document as its meta-schema is to see it: a key written null is a patch, and none of its business."""
    data = document.data
    if not isinstance(data, dict) or "extends" not in data:
        return document
    data = {key: value for key, value in data.items() if value is not None or key in judge.NEVER_NULL}
    if isinstance(data.get("columns"), list):
        data["columns"] = [
            {k: v for k, v in each.items() if v is not None or k in ("name", "match")}
            if isinstance(each, dict)
            else each
            for each in data["columns"]
        ]
    return replace(document, data=data)
