"""What a JSON Schema asks of a value, in a few words of plain language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from watcher.schema.keywords import TITLE
from watcher.validation.cells.patterns import literal_start

_LISTED = 12


@dataclass(frozen=True, slots=True)
class FormatWords:
    """`noun` completes "the value is not ..."; `advice` says how to write it."""

    noun: str
    advice: str


#: The formats that people should not have to look up.
FORMATS: Mapping[str, FormatWords] = {
    "date": FormatWords("a date", "write year-month-day, like 2012-03-30, a day that exists"),
    "date-time": FormatWords("a date with time", "write it like 2012-03-30T08:15:00Z, with seconds and time zone"),
    "time": FormatWords("a time", "write it like 08:15:00Z, with seconds and time zone"),
    "duration": FormatWords("a duration", "write it like P1Y6M for a year and six months, or PT45M for 45 minutes"),
    "email": FormatWords("an e-mail address", "write it like name@example.org"),
    "idn-email": FormatWords("an e-mail address", "write it like name@example.org"),
    "hostname": FormatWords("a host name", "write it like www.example.org: letters, digits, hyphens and points"),
    "idn-hostname": FormatWords("a host name", "write it like www.example.org"),
    "ipv4": FormatWords("an IPv4 address", "write four numbers up to 255 without leading zeros, like 192.0.2.1"),
    "ipv6": FormatWords("an IPv6 address", "write it like 2001:db8::1"),
    "uri": FormatWords("a web address", "write it with its scheme and without spaces, like https://example.org/"),
    "uri-reference": FormatWords("a web address or part of one", "write it without spaces, like /pages/1"),
    "iri": FormatWords("a web address", "write it with its scheme and without spaces, like https://example.org/"),
    "iri-reference": FormatWords("a web address or part of one", "write it without spaces, like /pages/1"),
    "uri-template": FormatWords("a web address with places to fill", "write it like https://example.org/{id}"),
    "uuid": FormatWords("a UUID", "write 32 hexadecimal digits in groups of 8, 4, 4, 4 and 12, with hyphens between"),
    "regex": FormatWords("a regular expression", "check its brackets and backslashes"),
    "json-pointer": FormatWords("a JSON pointer", "write it like /students/0/name"),
    "relative-json-pointer": FormatWords("a relative JSON pointer", "write it like 1/name"),
}
_TYPES = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "string": "text",
    "array": "a list",
}
_ASKED = {
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "multipleOf": "a multiple of {}",
    "minItems": "at least {} values",
    "maxItems": "at most {} values",
    "pattern": "the pattern '{}'",
}
#: What is said instead of a pattern that few people can read.
_PATTERNS: Mapping[str, str] = {r"[\r\n]": "text with a line break"}
_LETTERS: Mapping[str, str] = {
    "%Y": "YYYY", "%y": "YY", "%m": "MM", "%-m": "M", "%d": "DD", "%-d": "D", "%b": "Mon", "%B": "Month",
}  # fmt: skip


def described(schema: Any) -> str:
    """`a date, or one of KG, 01, 02`: what a value of this schema is, in its own words if it has any."""
    if not isinstance(schema, Mapping):
        return "any value" if schema else "no value"
    if schema.get(TITLE):
        return str(schema[TITLE])
    parts = list(_parts(schema))
    plain = [part for part in parts if part not in _TYPES.values()]
    return " and ".join(plain or parts) or "any value"


def _parts(schema: Mapping[str, Any]) -> Iterator[str]:
    for keyword, expected in schema.items():
        match keyword:
            case "type":
                yield _TYPES.get(str(expected), str(expected))
            case "enum":
                yield f"one of {listed(expected)}"
            case "const":
                yield f"'{expected}'"
            case "format":
                yield FORMATS[expected].noun if expected in FORMATS else f"format {expected}"
            case "anyOf":
                yield ", or ".join(map(described, expected))
            case "oneOf":
                yield f"exactly one of: {'; '.join(map(described, expected))}"
            case "allOf":
                yield " and ".join(map(described, expected))
            case "not":
                yield f"not {described(expected)}"
            case "pattern" if expected in _PATTERNS:
                yield _PATTERNS[expected]
            case "pattern" if len(start := literal_start(str(expected))) > 1:
                yield f"what begins with '{start}' (pattern '{expected}')"
            case "items":
                yield f"values that are {described(expected)}"
            case "uniqueItems":
                yield "no value twice"
            case _ if keyword in _ASKED:
                yield _ASKED[keyword].format(expected)
            case _:
                pass


def date_letters(pattern: str) -> str:
    """`MM/DD/YYYY` for `%m/%d/%Y`."""
    for directive, letters in _LETTERS.items():
        pattern = pattern.replace(directive, letters)
    return pattern


def listed(values: Iterable[Any]) -> str:
    """`KG, 01, 02 and 11 more`."""
    texts = [str(value).lower() if isinstance(value, bool) else str(value) for value in values]
    more = len(texts) - _LISTED
    return ", ".join(texts[:_LISTED]) + (f" and {more} more" if more > 0 else "")
