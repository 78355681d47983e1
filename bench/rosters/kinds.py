"""The kinds of damage that can be planted, by table: each makes a sound row wrong and says exactly how.

A *decoy* is a row that looks wrong and is not: nothing may be found in it, and it shifts line numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple


class Mistake(NamedTuple):
    """One planted error: physical line, 1-based; the column, empty for the whole row; our code."""

    line: int
    column: str
    code: str


@dataclass(frozen=True, slots=True)
class Place:
    """A sound row that is to be damaged: its cells by column, the line it will stand on, a number of its own.

    `other` is a sound row further up that is nobody else's: its line and its key.
    """

    cells: dict[str, bytes]
    line: int
    number: int
    other: tuple[int, bytes]
    header: bytes = b""

    def row(self, changed: dict[str, bytes] | None = None) -> bytes:
        """The row as bytes, some cells changed."""
        return b",".join((self.cells | (changed or {})).values())


@dataclass(frozen=True, slots=True)
class Planted:
    """What stands in place of the row, without its last line end, and what is wrong with it.

    `is_open`: a quote is left open. Where the next one stands decides how far it reaches, so the next row is quoted.
    """

    data: bytes
    mistakes: tuple[Mistake, ...] = ()
    is_open: bool = False


Plant = Callable[[Place], Planted]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of damage by its name; `most` in one file, None for any number; `is_cell`: any reader can split it."""

    name: str
    plant: Plant
    most: int | None = None
    is_cell: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """What the damage of whole rows needs to know of a table.

    `free` takes any text if `is_free`, else it is just some column; `enum` is one with an enum, `last` the last one.
    """

    free: str
    enum: str
    last: str
    required: tuple[str, ...]
    is_free: bool = True


def cell(name: str, column: str, value: str, *codes: str) -> Kind:
    """A wrong cell. `{n}` in the value becomes a number that no other row has."""

    def plant(place: Place) -> Planted:
        data = place.row({column: value.replace("{n}", f"{place.number}").encode()})
        return Planted(data, tuple(Mistake(place.line, column, code) for code in codes))

    return Kind(name, plant, is_cell=True)


def row(
    name: str, code: str, made: Callable[[Place], bytes], most: int | None = None, *, is_open: bool = False
) -> Kind:
    """A row that is wrong as a whole."""
    return Kind(name, lambda place: Planted(made(place), (Mistake(place.line, "", code),), is_open), most)


def rule(name: str, changed: dict[str, str]) -> Kind:
    """Cells that are right one by one and break a rule together."""
    cells = {column: value.encode() for column, value in changed.items()}
    columns = " + ".join(changed)
    return Kind(name, lambda place: Planted(place.row(cells), (Mistake(place.line, columns, "rule"),)))


def twice(name: str, column: str, key: str, other_key: str) -> Kind:
    """A value that must be unique on two rows, the other with another key; `{n}` in it is a number of its own."""

    def plant(place: Place) -> Planted:
        other = place.row({key: other_key.format(n=place.number).encode()})
        mistakes = tuple(Mistake(place.line + i, column, "duplicate-value") for i in range(2))
        return Planted(place.row() + b"\n" + other, mistakes)

    return Kind(name, plant)


def decoy(name: str, made: Callable[[Place], bytes]) -> Kind:
    """A row that is right."""
    return Kind(name, lambda place: Planted(made(place)))


def row_kinds(text: Text) -> Iterator[Kind]:
    """What any table can suffer."""
    free, last = text.free, text.last
    # Without proper UTF-8 around, many such rows would be another mistake: a file that is Windows-1252 throughout.
    few = None if text.is_free else 5
    yield row("short by a cell", "ragged-row", lambda p: p.row().rpartition(b",")[0])
    yield row("longer by a cell", "ragged-row", lambda p: p.row() + b",x")
    yield row("comma without quotes", "ragged-row", lambda p: p.row({free: b"Smith, Jr."}))
    yield row("stray text", "ragged-row", lambda _: b"(continued)")
    yield row("spaces only", "ragged-row", lambda _: b"   ")
    yield row("empty quotes only", "ragged-row", lambda _: b'""')
    yield row("semicolons", "ragged-row", lambda p: p.row().replace(b",", b";"))
    yield row("Windows-1252", "encoding", lambda p: p.row({free: b"Ren\xe9e"}), few)
    yield row("cut UTF-8", "encoding", lambda p: p.row({free: b"Zo\xc3"}), few)
    yield row("surrogate in UTF-8", "encoding", lambda p: p.row({free: b"\xed\xa0\x80"}), few)
    yield row("NUL byte", "nul-byte", lambda p: p.row({free: b"A\0B"}))
    yield row("lone CR", "lone-cr", lambda p: p.row({free: b"A\rB"}))
    yield row("text after quote", "malformed-quote", lambda p: p.row({free: b'"Ann"e'}))
    yield row("space after quote", "malformed-quote", lambda p: p.row({free: b'"Ann" '}))
    yield row("open quote", "unbalanced-quote", lambda p: p.row({free: b'"Ann'}), is_open=True)
    yield row("open quote at the end", "unbalanced-quote", lambda p: p.row({last: b'"x'}), is_open=True)
    yield row("blank line", "blank-line", lambda _: b"")
    yield row("header again", "repeated-header", lambda p: p.header)
    yield row("over-long line", "line-too-long", lambda p: p.row({free: b"x" * 1_100_000}), 2)
    yield Kind("all cells empty", lambda p: _all_empty(p, text))
    yield decoy("all quoted", lambda p: quoted(p.cells))
    if text.is_free:
        yield from _text_kinds(text)


def _text_kinds(text: Text) -> Iterator[Kind]:
    free = text.free
    yield Kind("line breaks before a wrong cell", lambda p: _broken(p, text))
    yield decoy("comma, quotes and line breaks in quotes", lambda p: p.row({free: b'"a, ""b""\nc\n"'}))
    yield decoy("CRLF in quotes", lambda p: p.row({free: b'"a\r\nb"'}))
    yield decoy("CR in quotes", lambda p: p.row({free: b'"a\rb"'}))
    yield decoy("quote inside", lambda p: p.row({free: b'O"Brien'}))
    yield decoy("formula", lambda p: p.row({free: b"=1+1"}))
    yield decoy("separators of Unicode", lambda p: p.row({free: "a\u2028b\x85c\x0bd\x1ce".encode()}))
    yield decoy("letters beyond ASCII", lambda p: p.row({free: "Łódź Zoë \U0001f393".encode()}))


def key_kinds(key: str, unique: tuple[str, ...] = ()) -> Iterator[Kind]:
    """Keys that stand on several rows. Each line of such a group is wrong, the first too.

    `unique` are the other columns in which no two rows may have the same.
    """
    yield Kind("key of a row further up", lambda place: _same_key(place, key))
    yield Kind("the same row three times", lambda place: _thrice(place, key, unique))
    yield cell("no key", key, "", "required")


def quoted(cells: dict[str, bytes]) -> bytes:
    """The row with quotes around each cell."""
    return b",".join(b'"%b"' % value for value in cells.values())


def _all_empty(place: Place, text: Text) -> Planted:
    mistakes = tuple(Mistake(place.line, column, "required") for column in text.required)
    return Planted(place.row(dict.fromkeys(place.cells, b"")), mistakes)


def _broken(place: Place, text: Text) -> Planted:
    data = place.row({text.free: b'"one\ntwo\r\nthree"', text.enum: b"none such"})
    return Planted(data, (Mistake(place.line, text.enum, "enum"),))


def _same_key(place: Place, key: str) -> Planted:
    line, value = place.other
    mistakes = (Mistake(line, key, "duplicate-key"), Mistake(place.line, key, "duplicate-key"))
    return Planted(place.row({key: value}), mistakes)


def _thrice(place: Place, key: str, unique: tuple[str, ...]) -> Planted:
    codes = {key: "duplicate-key", **dict.fromkeys(unique, "duplicate-value")}
    mistakes = tuple(Mistake(place.line + i, column, code) for i in range(3) for column, code in codes.items())
    return Planted(b"\n".join([place.row()] * 3), mistakes)
