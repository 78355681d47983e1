"""The validator of `jsonschema` for cells and rows: its verdicts, but a pattern can't hold it up for ever."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend

from watcher.validation.cells.formats import CHECKER
from watcher.validation.cells.matching import Matcher, NotMatchedInTimeError

_LIBRARY_ENUM = Draft202012Validator.VALIDATORS["enum"]


def validator_for(schema: Mapping[str, Any]) -> Validator:
    """A validator for values that strangers wrote, Draft 2020-12 with format checking on.

    Its `is_valid` and `iter_errors` raise NotMatchedInTimeError where a text could not be judged by a pattern in time:
    report it as a breach of `pattern`. The validator remembers the time lost so, so make one for each file.
    """
    extended: type[Validator] = extend(  # type: ignore[no-untyped-call]
        Draft202012Validator, {"pattern": _bounded_pattern(), "enum": _enum}
    )
    return extended(dict(schema), format_checker=CHECKER)


def _bounded_pattern() -> Any:
    """The keyword `pattern`, with the matchers of one validator."""
    matchers: dict[str, Matcher] = {}

    def pattern(_: Validator, expected: str, instance: Any, __: object) -> Iterator[ValidationError]:
        if not isinstance(instance, str):
            return
        matcher = matchers.get(expected)
        if matcher is None:
            matcher = matchers[expected] = Matcher(expected)
        found = matcher.found(instance)
        if found is None:
            raise NotMatchedInTimeError(expected)
        if not found:
            yield ValidationError("the value does not match the pattern")

    return pattern


def _enum(validator: Validator, allowed: list[Any], instance: Any, schema: Any) -> Iterator[ValidationError]:
    """The library compares one by one, in Python; a text equals nothing but the same text."""
    if not isinstance(instance, str):
        yield from _LIBRARY_ENUM(validator, allowed, instance, schema) or ()
    elif instance not in allowed:
        yield ValidationError("the value is not one of the allowed ones")
