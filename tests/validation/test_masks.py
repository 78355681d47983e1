"""Masks are sound: tens of thousands of cells, each a slip away from a right one, are judged both ways."""

from __future__ import annotations

import random
from dataclasses import dataclass

import polars as pl
import pytest

from tests.validation.library import Library
from tests.validation.worlds import column
from watcher.schema.model import Column
from watcher.validation.cells.masks import accept_mask

#: What slips put in: ASCII of all kinds, and what engines disagree about.
_ODD = "abzEKT019-+_.:,;/@#?%&=*!$~\\|()[]{}'\" \t\r\n\x1c\x85é٣²\u017fK\u200b\U0001f600"
_PAIRS_EACH = 500


@dataclass(frozen=True)
class World:
    """A column, texts that its mask accepts, and texts near its borders."""

    column: Column
    accepted: tuple[str, ...]
    others: tuple[str, ...] = ()

    def cells(self, seed: str) -> list[str]:
        """The texts, and many a slip away from one of them."""
        chance = random.Random(seed)
        texts = (*self.accepted, *self.others)
        slips = (slipped(chance.choice(texts), chance) for _ in range(_PAIRS_EACH))
        return sorted({text for text in (*texts, *slips) if text})


def slipped(text: str, chance: random.Random) -> str:
    letters = list(text)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        at = chance.randrange(len(letters) + 1)
        kind = chance.random()
        if kind < 0.4:
            letters.insert(at, chance.choice(_ODD))
        elif kind < 0.7:
            letters[at : at + 1] = chance.choice(_ODD)
        else:
            del letters[at : at + 1]
    return "".join(letters)


def of_format(name: str, *accepted: str, others: tuple[str, ...] = ()) -> World:
    return World(column("c", format=name), accepted, others)


def of_pattern(pattern: str, *accepted: str, others: tuple[str, ...] = ()) -> World:
    return World(column("c", pattern=pattern), accepted, others)


def of_dates(*formats: str, accepted: tuple[str, ...], others: tuple[str, ...] = ()) -> World:
    return World(column("c", format="date", formats=formats), accepted, others)


def of_items(accepted: tuple[str, ...], others: tuple[str, ...] = (), separator: str = ",", **items: object) -> World:
    judged = column("c", type="array", separator=separator, items={"type": "string", **items})
    return World(judged, accepted, others)


FORMATS = {
    "date": of_format("date", "2012-03-30", "2012-02-29", "2000-02-29", others=("1900-02-29", "0000-02-29", "2011-02-29", "0000-01-01")),
    "time": of_format("time", "08:15:00Z", "23:59:59.123+01:00", "08:15:00z", others=("08:15:60Z",)),
    "date-time": of_format("date-time", "2012-02-29T08:15:00Z", "2012-03-30t08:15:00.5-01:00", "9999-12-30T23:59:59-23:59", others=("2011-02-29T00:00:00Z", "9999-12-31T23:59:59-05:00", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+05:00")),
    "duration": of_format("duration", "P1Y2M3D", "PT1H2M3S", "P3W", "P1DT5M", others=("P", "PT", "P1YT")),
    "uuid": of_format("uuid", "123e4567-e89b-12d3-a456-426614174000"),
    "uri": of_format("uri", "https://example.org/a?b=c#d", "http://a.b:80/x,y", "https://a/b/:@!$&'()*+;=~", others=("http://[::1]/",)),
    "uri-reference": of_format("uri-reference", "https://example.org/a", "/a/b", "a/b/", others=("a:b", "//a")),
    "uri-template": of_format("uri-template", "https://a/b", others=("{a}", "{")),
    "hostname": of_format("hostname", "www.example.org", "a", "a-b.c", "x" * 63 + ".org", others=("-a.b", "a.-b", "x" * 64, "a." * 127)),
    "idn-hostname": of_format("idn-hostname", "www.example.org", "a1.2b", others=("xn--a", "a-b", "Ä.de")),
    "ipv4": of_format("ipv4", "192.0.2.1", "255.255.255.255", others=("01.2.3.4", "256.1.1.1")),
    "ipv6": of_format("ipv6", "2001:db8::1", "::1", "1:2:3:4:5:6:7:8", "::2:3:4:5:6:7:8", others=("::", "1::3:4:5:6:7:8:9")),
    "json-pointer": of_format("json-pointer", "/a/b", "/", others=("/a~0", "a")),
    "email": of_format("email", "a@b", others=("ab",)),
    "idn-email": of_format("idn-email", "ä@b"),
}  # fmt: skip
SLOW_FORMATS = {
    name: of_format(name, "https://a.org/b?c=d#e", "http://a.b:80/x,y;=@!$'()*", others=("https://a.org/ä",))
    for name in ("iri", "iri-reference")
}
PATTERNS = {
    pattern: of_pattern(pattern, *accepted, others=("é", "٣", "a\n", "KI\u017fS", "Kiss"))
    for pattern, accepted in {
        r"^[0-9A-Za-z.\-_/@]+$": ("a-1_.b/@",), r"^\d{4}-\d{2}$": ("2012-03",), r"^\w+$": ("ab_1",), r"^\S+$": ("a#1",),
        r"\D\d": ("-a1",), r"(?i)^kiss?$": ("KiS", "kiss"), r"^[^\d\s]+$": ("ab",), r"^[^\D]+$": ("12",), r"[^a]": ("ab", "é"),
        r"(?i)[a-f]{2}[0-9]": ("xAb1",), r"^(?:ab|c.)*d?$": ("abcéd",), r"^.*$": ("a b",), r"a$": ("ba",), r"(?s)^.a": ("\na",),
        r"^[A-Za-zÀ-ÿ' -]+$": ("O'Neil-Ä",), r"^(?P<x>a|b)\t?$": ("a\t",), r"\Aab?\Z": ("ab",), r"^(KG|0[1-9]|1[0-2])$": ("KG", "07"),
        r"^[\w.+-]+@[\w-]+\.[\w.-]+$": ("a.b@c.de",), r"(?x) ^ a b  # c": ("abc",), r"^[\W]$": ("-",), r"^\$?\d+(?:\.\d\d)?$": ("$3.20",),
        r"^\x41\u0042[\t-]\.$": ("AB-.",), r"^[a-c&|~]{2,3}?$": ("a&", "|~a"),
    }.items()
}  # fmt: skip
DATES = {
    "us": of_dates("%m/%d/%Y", accepted=("03/30/2012", "02/29/2012"), others=("2/29/2012", "02/29/2011", "2012-02-29")),
    "loose": of_dates("%-m/%-d/%Y", accepted=("3/30/2012", "02/9/2012", "2/29/2000"), others=("2/29/1900", "2/30/2012")),
    "name": of_dates("%d-%b-%Y", accepted=("29-Feb-2012", "31-JAN-1999"), others=("31-Feb-2012", "01-Janu-2012")),
    "full name": of_dates("%d %B %Y", accepted=("30 March 2012",), others=("30 Mar 2012",)),
    "short year": of_dates("%-d.%-m.%y", accepted=("30.3.12", "29.2.00"), others=("29.2.01", "31.4.12")),
    "close": of_dates("%d%m%Y", accepted=("29022012",), others=("2922012",)),
    "two": of_dates("%m/%d/%Y", "%d/%m/%Y", accepted=("03/30/2012", "30/03/2012"), others=("31/02/2012",)),
    "iso first": of_dates("%Y-%m-%d", "%m/%d/%Y", accepted=("2012-02-29", "02/29/2012")),
    "point": of_dates("%Y.%m.%d", accepted=("2012.02.29",), others=("2012x02x29",)),
    "and more": World(column("c", format="date", formats=("%Y-%m-%d", "%m/%d/%Y"), pattern="^2"), ("2012-02-29",), ("02/29/2012",)),
}  # fmt: skip
LISTS = {
    "any list": World(column("c", type="array"), ("a,,b",)),
    "pattern": of_items(("a|b", "a"), ("|", "a||b"), "|", pattern="^[a-z.]+$"),
    "pattern of anything": of_items(("a,b", "a,,b"), pattern="^.*$"),
    "pattern that could take in a separator": of_items(("axb,ayb",), ("a,b", "a,b,axb"), pattern="^a.b$"),
    "pattern not from end to end": of_items(("ab",), ("ab,b",), pattern="a"),
    "listed": of_items(("KG", "01,KG"), ("a,b", "KG,", "KG\n"), enum=["KG", "01", "a,b", "é", "a.b"]),
    "integers between minus signs": World(
        column("c", type="array", separator="-", items={"type": "integer"}), ("1",), ("1-2", "1--2", "-1", "1-", "-")
    ),
    "integers between digits": World(
        column("c", type="array", separator="1", items={"type": "integer"}), ("2",), ("212", "11", "1", "2112")
    ),
    "const and a long separator": of_items(("ab",), ("ab;;ab", "ab;ab"), ";;", const="ab"),
    "lengths": of_items(("a,é", "abc"), ("abc,abcd", ",", "a,"), minLength=1, maxLength=4),
    "format": of_items(("2012-02-29",), ("2012-02-29,2012-03-01",), format="date"),
    "sizes": World(column("c", type="array", minItems=2, maxItems=3), ("a,b", "a,b,c"), ("a", "a,b,c,d")),
    "unique": World(column("c", type="array", uniqueItems=True), ("a,b", "a"), ("a,a", ",")),
    "integers": World(column("c", type="array", items={"type": "integer"}), ("1,-2", "007"), ("1,", "1.0", "+1", "9" * 19)),
    "unique integers": World(
        column("c", type="array", items={"type": "integer", "minimum": 2}, uniqueItems=True), ("5",), ("5,05", "1,2", "1")
    ),
    "numbers": World(column("c", type="array", items={"type": "number", "maximum": 2}), ("1.5",), ("1,2.5", "1e0")),
    "listed or open": of_items(
        ("KG", "KG,ext:a", "ext:a,ext:b-c,KG"), ("ext:", "KG,ext:", "ext:a b", "EXT:a", "KG,", ",", "ext:a\n", "x,KG"),
        anyOf=[{"enum": ["KG", "01", "a,b"]}, {"type": "string", "pattern": r"^ext:[0-9A-Za-z.\-_]+$"}],
    ),
    "listed or what is not sure": of_items(
        ("KG", "KG,KG"), ("ab", "KG,ab", "é"), anyOf=[{"enum": ["KG"]}, {"pattern": "b"}, {"pattern": "^[a-z]+$", "minLength": 2}]
    ),
    "any list of lists": World(
        column("c", type="array", separator=";", items={"type": "array", "items": {"type": "string"}}), ("a,b;;c", ";", ",")
    ),
}  # fmt: skip
NUMBERS = {
    "bounds": World(column("c", type="integer", minimum=-3, maximum=10**30, multipleOf=3), ("0", "-3", "009", "9" * 15), ("-6", "1", "9" * 16)),
    "decimal bounds": World(column("c", type="integer", minimum=1.5, exclusiveMaximum=10), ("2", "9"), ("1", "10", "2.0")),
    "far beyond": World(
        column("c", type="number", minimum=10**15 + 1), (), ("999999999999999.999999999999999", "1e15")
    ),
    "beyond": World(column("c", type="number", maximum=10**15), ("999999999999999",), ("999999999999999.999999999999999",)),
    "number enum": World(column("c", type="integer", enum=[1, 2, 3.0]), ("1", "2"), ("3", "01", "3.0")),
    "decimal": World(column("c", type="number", minimum=0.1, maximum=99.95), ("0.1", "0.10", "99.95"), ("99.950000000000001", "1e1", ".5", "5.")),
    "decimal enum": World(column("c", type="number", enum=[1, 2.5]), ("1", "2.5"), ("1.0", "2.50")),
    "alternatives": World(column("c", type="integer", anyOf=[{"maximum": 1}, {"minimum": 5, "multipleOf": 5}]), ("0", "5", "10"), ("7", "2")),
    "some alternatives": World(column("c", type="number", anyOf=[{"maximum": 1}, {"multipleOf": 0.5}]), ("0.5",), ("5.5", "5.2")),
}  # fmt: skip
OTHERS = {
    "any of": World(column("c", anyOf=[{"format": "date"}, {"enum": ["N/A"]}, {"pattern": "^(?=a)"}]), ("2012-02-29", "N/A"), ("ab", "ba")),
    "all of": World(column("c", allOf=[{"minLength": 2}, {"pattern": "^a"}], maxLength=3), ("ab", "abc"), ("a", "abcd", "éa")),
    "not": World(column("c", **{"not": {"enum": ["x", "y"]}}), ("z",), ("x", "y")),
    "not a pattern": World(column("c", **{"not": {"pattern": "^0"}}), ("1", "a0"), ("0", "é", "01\n")),
    "not an end": World(column("c", **{"not": {"pattern": r"\d[^\W_]?$"}}), ("1ab", "1-"), ("1", "1a", "1\n", "٣")),
    "not any": World(column("c", **{"not": {"pattern": "a.b|[^a-z]x"}}), ("ab", "ax"), ("a\nb", "aéb", "éx")),
    "length": World(column("c", minLength=2, maxLength=4), ("éééé", "ab"), ("a", "abcde", "ééééé")),
    "long length": World(column("c", maxLength=50), ("é" * 20,), ("é" * 50, "a" * 51)),
    "enum": World(column("c", enum=["a", "é"]), ("a", "é")),
    "const": World(column("c", const="a"), ("a",), ("a\n",)),
    "boolean": World(column("c", type="boolean"), ("true", "FALSE"), ("tRue", "1")),
    "own boolean": World(column("c", type="boolean", true_values=("Y", "1"), false_values=("N",)), ("Y", "1", "N"), ("true", "y")),
    "one boolean": World(column("c", type="boolean", const=True), ("true",), ("false",)),
}  # fmt: skip


WORLDS = FORMATS | PATTERNS | DATES | LISTS | NUMBERS | OTHERS


@pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS)
def test_mask_accepts_only_what_the_library_accepts(world: World) -> None:
    judged(world, world.cells("first"))


@pytest.mark.parametrize("world", SLOW_FORMATS.values(), ids=SLOW_FORMATS)
def test_mask_accepts_only_what_a_slow_checker_accepts(world: World) -> None:
    judged(world, world.cells("first")[::12])


def judged(world: World, cells: list[str]) -> None:
    mask = accept_mask(world.column, "c")
    assert mask is not None
    frame = pl.DataFrame({"c": [*cells, *world.accepted, None]})
    accepted = frame.filter(mask)["c"].to_list()
    assert set(world.accepted) <= set(accepted)
    assert accepted[-1] is None
    library = Library(world.column)
    assert [cell for cell in accepted[:-1] if library.codes(cell)] == []


YEAR = {"pattern": "^[0-9]{4}$"}


@pytest.mark.parametrize(
    ("titled", "plain"),
    [
        (column("c", title="a year", **YEAR), column("c", **YEAR)),
        (column("c", anyOf=[{"title": "a year", **YEAR}]), column("c", anyOf=[YEAR])),
        (column("c", **{"not": {"title": "a year", **YEAR}}), column("c", **{"not": YEAR})),
        (
            column("c", type="array", items={"type": "string", "title": "a year", **YEAR}),
            column("c", type="array", items={"type": "string", **YEAR}),
        ),
        (column("c", type="integer", title="a year", minimum=1), column("c", type="integer", minimum=1)),
    ],
)
def test_mask_does_not_depend_on_titles(titled: Column, plain: Column) -> None:
    """A keyword that judges nothing must not send each value to the library."""
    masks = [accept_mask(each, "c") for each in (titled, plain)]
    assert masks[0] is not None
    assert str(masks[0]) == str(masks[1])


@pytest.mark.parametrize(
    "judged",
    [
        column("c", **{"not": {"pattern": "(?i)k"}}),
        column("c", **{"not": {"minLength": 3}}),
        column("c", oneOf=[{"pattern": "a"}, {"pattern": "b"}]),
        column("c", pattern="(?=a)"),
        column("c", pattern=r"(?a)^\w\s$"),
        column("c", format="regex"),
        column("c", type="number", multipleOf=0.01),
        column("c", type="number", multipleOf=3),
        column("c", format="date", formats=("%-d%m%Y",)),
        column("c", format="date", formats=("%m/%d/%Y",), minLength=3),
        column("c", type="array", items={"type": "array", "items": {"type": "integer"}}),
        column("c", type="array", items={"type": "array", "minItems": 1}),
    ],
    ids=str,
)
def test_mask_of_what_is_not_sure_is_none(judged: Column) -> None:
    assert accept_mask(judged, "c") is None
