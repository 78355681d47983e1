"""What several forms need of people: identifiers, logins, addresses, as expressions over the frames of a district."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from bench.rosters.vendors import words
from bench.rosters.vendors.model import District

_LOGINS = {name: words.login(name) for name in words.FAMILIES}


def identifier(kind: str, column: str) -> pl.Expr:
    """`STU-100001`: short, the same in every file; null for null."""
    return pl.concat_str(pl.lit(f"{kind}-"), pl.col(column) + 100_001)


def number(column: str) -> pl.Expr:
    """`100001`, as text."""
    return (pl.col(column) + 100_001).cast(pl.String)


def choice(column: str, values: Sequence[str]) -> pl.Expr:
    """The value that stands at the column's place in the list."""
    return pl.col(column).replace_strict(dict(enumerate(values)), return_dtype=pl.String)


def grade() -> pl.Expr:
    """`KG`, `01` to `12`."""
    return choice("grade", words.GRADES)


def login(kind: str, column: str) -> pl.Expr:
    """`nguyens100001`: letters of ASCII, a letter for the kind of person, the number; nobody else has it."""
    letters = pl.col("family").replace_strict(_LOGINS, return_dtype=pl.String)
    return pl.concat_str(letters, pl.lit(kind[0].lower()), pl.col(column) + 100_001)


def address(kind: str, column: str, domain: str = "example.org") -> pl.Expr:
    """An e-mail address that reaches nobody."""
    return pl.concat_str(login(kind, column), pl.lit(f"@{domain}"))


def phone(column: str, before: str = "555-555-") -> pl.Expr:
    """A telephone number of the hundred that are kept for examples."""
    return pl.concat_str(pl.lit(f"{before}01"), (pl.col(column) % 100).cast(pl.String).str.zfill(2))


def usdate(column: str) -> pl.Expr:
    """`04/23/2012`."""
    return pl.col(column).dt.strftime("%m/%d/%Y")


def plain_usdate(column: str) -> pl.Expr:
    """`4/23/2012`."""
    return pl.col(column).dt.strftime("%-m/%-d/%Y")


def full_name() -> pl.Expr:
    return pl.concat_str("given", pl.lit(" "), "family")


def empty() -> pl.Expr:
    """A column of empty cells."""
    return pl.lit(None, dtype=pl.String)


def everybody(district: District) -> pl.LazyFrame:
    """Students, staff and guardians, one after the other: `id`, `role`, `login`, `email`, `phone`, `agents`, `number`.

    Besides the names and `sex`, `school`, `grade` and `born`, where they have them. `agents` are the guardians' ids, a
    comma between them.
    """
    agents = pl.concat_str(
        identifier("PAR", "guardian_1"), identifier("PAR", "guardian_2"), separator=",", ignore_nulls=True
    )
    students = district.students.lazy().with_columns(agents=agents, role=pl.lit("student"))
    staff = district.staff.lazy()
    guardians = district.guardians.lazy().with_columns(role=pl.lit("guardian"))
    frames = (
        _person(students, "STU", "student", "example.org"),
        _person(staff, "TCH", "staff", "example.org"),
        _person(guardians, "PAR", "guardian", "example.com"),
    )
    return pl.concat(frames, how="diagonal")


def _person(frame: pl.LazyFrame, kind: str, column: str, domain: str) -> pl.LazyFrame:
    known = ("role", "school", "given", "middle", "family", "sex", "grade", "born", "race", "hispanic", "agents")
    here = [name for name in known if name in frame.collect_schema()]
    return frame.select(
        id=identifier(kind, column),
        number=number(column),
        login=login(kind, column),
        email=address(kind, column, domain),
        phone=phone(column),
        **{name: pl.col(name) for name in here},
    )
