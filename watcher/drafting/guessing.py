"""From a column's profile to the keys of its schema, each with the reason for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from watcher.drafting import names
from watcher.drafting.datetimes import ISO
from watcher.drafting.profile import Profile
from watcher.schema.columns import FALSE_VALUES, TRUE_VALUES
from watcher.text import counted

#: A value of an enumeration is met at least so often, and each so often on average.
_LEAST_EACH, _LEAST_AVERAGE = 3, 10
_LENGTHS = (5, 10, 20, 32, 50, 64, 100, 128, 200, 255, 500, 1000, 2000, 4000, 8000, 16000, 32000, 64000)
_BOOLEANS = (("Y", "N"), ("y", "n"), ("Yes", "No"), ("YES", "NO"), ("yes", "no"), ("T", "F"), ("t", "f"))
_PATTERN_OF = {"9": "[0-9]", "A": "[A-Z]", "a": "[a-z]", ".": r"\."}


@dataclass(frozen=True, slots=True)
class Guess:
    """One key of a column, its value, and on what it rests."""

    key: str
    value: Any
    reason: str = ""


def guesses(profile: Profile) -> tuple[Guess, ...]:
    """The keys of a column beside its name."""
    if not profile.filled:
        return (Guess("type", "string", f"no value in {counted(profile.rows, 'row')}"),)
    found = [*_required(profile), *_values(profile)]
    return tuple(found)


def _required(profile: Profile) -> Iterator[Guess]:
    if profile.empty == 0:
        yield Guess("required", True, f"no empty cell in {counted(profile.rows, 'row')}")


def _values(profile: Profile) -> Iterator[Guess]:
    for guess in (_booleans, _formats, _numbers, _dates, _members, _shape):
        if found := tuple(guess(profile)):
            yield from found
            return
    yield from _length(profile)


def _booleans(profile: Profile) -> Iterator[Guess]:
    values = set(profile.values or ())
    if not values:
        return
    reason = f"{counted(profile.filled, 'cell')}, {len(values)} distinct"
    if values <= {*TRUE_VALUES, *FALSE_VALUES}:
        yield Guess("type", "boolean", reason)
    pairs = (*_BOOLEANS, ("1", "0")) if names.is_flag(profile.name) else _BOOLEANS
    for true, false in pairs:
        if values == {true, false}:
            yield Guess("type", "boolean", reason)
            yield Guess("trueValues", [true])
            yield Guess("falseValues", [false])


def _formats(profile: Profile) -> Iterator[Guess]:
    for form in ("date-time", "uuid"):
        if form in profile.forms:
            yield Guess("format", form, f"all {counted(profile.filled, 'value')}")
            return
    if "email" in profile.forms and profile.longest <= 254:  # noqa: PLR2004 (as the definition has it)
        yield Guess("$ref", "common/types.yaml#/email", f"all {counted(profile.filled, 'value')}")


def _numbers(profile: Profile) -> Iterator[Guess]:
    if names.is_text(profile.name) or "plain" not in profile.forms or _is_compact_date(profile):
        return
    for form in ("integer", "number"):
        if form in profile.forms:
            yield Guess("type", form, f"all {counted(profile.filled, 'value')}, none with a leading zero")
            return


def _dates(profile: Profile) -> Iterator[Guess]:
    formats = profile.dates.formats() if profile.dates is not None else ()
    if not formats or ("digits" in profile.forms and not _is_compact_date(profile)):
        return
    reason = f"all {counted(profile.filled, 'value')}"
    yield Guess("format", "date", reason)
    if formats != ISO:
        unsure = profile.dates is not None and profile.dates.may_be_other_way_round(formats)
        doubt = "all would be dates with day and month exchanged, too" if unsure else ""
        yield Guess("formats", list(formats), doubt)


def _is_compact_date(profile: Profile) -> bool:
    return names.is_date(profile.name) and profile.dates is not None and bool(profile.dates.formats())


def _members(profile: Profile) -> Iterator[Guess]:
    """An enumeration, where few values are repeated often and none can tell of a person."""
    values = profile.values
    if not values or len(values) == 1 or names.may_be_personal(profile.name) or names.is_identifier(profile.name):
        return
    if min(values.values()) < _LEAST_EACH or profile.filled < _LEAST_AVERAGE * len(values):
        return
    least = counted(min(values.values()), "time")
    reason = f"{counted(profile.filled, 'cell')}, {len(values)} distinct, each at least {least}"
    yield Guess("enum", sorted(values), reason)


def _shape(profile: Profile) -> Iterator[Guess]:
    """A pattern for identifiers of one shape; any digits otherwise."""
    if not names.is_text(profile.name):
        return
    reason = f"all {counted(profile.filled, 'value')}"
    if profile.shapes:
        yield Guess("pattern", f"^{_pattern(next(iter(profile.shapes)))}$", f"{reason} have this shape")
    elif "digits" in profile.forms:
        yield Guess("pattern", "^[0-9]+$", f"{reason} are digits, at most {profile.longest}")
        yield from _length(profile)


def _pattern(shape: str) -> str:
    """`[A-Z][0-9]{6}` for A999999."""
    parts = ((character, len(list(run))) for character, run in groupby(shape))
    return "".join(
        _PATTERN_OF.get(character, character) + (f"{{{length}}}" if length > 1 else "") for character, length in parts
    )


def _length(profile: Profile) -> Iterator[Guess]:
    """The longest value, rounded up; nothing where that is beyond measure."""
    for length in _LENGTHS:
        if profile.longest <= length:
            yield Guess("maxLength", length, f"the longest has {counted(profile.longest, 'character')}")
            return
