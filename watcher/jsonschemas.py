"""The jsonschema library, without the half second that its judgement of IRIs takes to get ready.

It imports `rfc3987_syntax` at once, and that compiles its whole grammar when it is imported; hardly a schema has the
format `iri`. Imported through this module first, jsonschema lets the grammar wait until it is asked for. Nothing stays
behind in `sys.modules`; where jsonschema was imported already, nothing is done.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from types import ModuleType

_SLOW = "rfc3987_syntax"


def _is_valid_syntax(term: str, text: str) -> bool:
    """As the function of the same name that this stands for."""
    is_valid: bool = importlib.import_module(_SLOW).is_valid_syntax(term, text)
    return is_valid


def _import_jsonschema() -> None:
    if "jsonschema" in sys.modules or _SLOW in sys.modules or importlib.util.find_spec(_SLOW) is None:
        return
    stand_in = ModuleType(_SLOW)
    vars(stand_in)["is_valid_syntax"] = _is_valid_syntax
    sys.modules[_SLOW] = stand_in
    try:
        importlib.import_module("jsonschema")
    finally:
        del sys.modules[_SLOW]


_import_jsonschema()

from jsonschema import Draft202012Validator, FormatChecker  # noqa: E402 (only now)
from jsonschema.exceptions import ValidationError  # noqa: E402

__all__ = ["Draft202012Validator", "FormatChecker", "ValidationError"]
