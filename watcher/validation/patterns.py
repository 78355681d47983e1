r"""Translates a regular expression of a schema for the engine of polars, if it surely means no more there.

`jsonschema` judges patterns with Python's `re.search`; polars has Rust's engine. The two differ in classes (`\d` is
all of Unicode), in `$`, in what they know. A translation may accept less, since what it does not accept is judged by
`jsonschema` anyway; it must never accept more. So only a small language is translated, token by token, classes cut
down to ASCII: anything else gives None.
"""

from __future__ import annotations

import re

#: All ASCII characters of each class, as Python has them.
_CLASSES = {"d": "0-9", "w": "0-9A-Za-z_", "s": r" \t-\r\x1c-\x1f"}
_BEYOND_ASCII = r"\x80-\x{10FFFF}"
_TOKEN = re.compile(
    r"""
      (?P<anchor>[\^$])
    | (?P<any>\.)
    | (?P<open>\((?:\?:)?(?!\?))
    | (?P<close>\))
    | (?P<bar>\|)
    | (?P<repeat>(?:[*+?]|\{[0-9]{1,3}(?:,[0-9]{0,3})?\})\??(?![*+?{]))
    | \\(?P<class>[dws])
    | \\(?P<escaped>[^0-9A-Za-z\n])
    | \[(?P<negated>\^?)(?P<set>(?:[^\]\[\\&~|^-]|-|\\[dws]|\\[^0-9A-Za-z\n])+)\]
    | (?P<plain>[^\\\[\](){}*+?|^$.])
    """,
    re.VERBOSE,
)
_SET_PART = re.compile(r"\\(?P<class>[dws])|\\?(?P<low>[^\\])(?:-(?:\\(?![dws]))?(?P<high>[^\\]))?|\\(?P<slash>\\)")


def translate(pattern: str) -> str | None:
    """A pattern that accepts, in Rust's engine, only what this one finds in Python's; None if that is not sure."""
    if not pattern.isascii():
        return None
    parts: list[str] = []
    at = 0
    while at < len(pattern):
        token = _TOKEN.match(pattern, at)
        part = None if token is None else _translated(token)
        if token is None or part is None:
            return None
        parts.append(part)
        at = token.end()
    return "".join(parts)


def _translated(token: re.Match[str]) -> str | None:
    kind = token.lastgroup
    if token["class"]:
        return f"[{_CLASSES[token['class']]}]"
    if token["escaped"]:
        return _literal(token["escaped"])
    if token["set"] is not None:
        return _set(token["set"], negated=bool(token["negated"]))
    if kind == "plain":
        return _literal(token["plain"])
    return token.group()


def _set(inside: str, *, negated: bool) -> str | None:
    """A set of characters. A negated one with a class in it is cut down to ASCII too."""
    parts = [_BEYOND_ASCII] if negated and re.search(r"\\[dws]", inside) else []
    at = 0
    while at < len(inside):
        part = _SET_PART.match(inside, at)
        if part is None:
            return None
        if part["class"]:
            parts.append(_CLASSES[part["class"]])
        elif part["high"]:
            if part["low"] > part["high"]:
                return None
            parts.append(f"{_literal(part['low'])}-{_literal(part['high'])}")
        else:
            parts.append(_literal(part["low"] or part["slash"]))
        at = part.end()
    return f"[{'^' if negated else ''}{''.join(parts)}]"


def _literal(character: str) -> str:
    """One ASCII character that stands for itself, in a set or outside."""
    return character if character.isalnum() else f"\\x{ord(character):02x}"
