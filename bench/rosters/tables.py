"""The rows of the four tables as polars frames, a batch at a time; the same for the same seed, batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from bench.rosters import names

#: Rows are made so many at a time; another number makes other rows.
BATCH_ROWS = 250_000

Numbers = npt.NDArray[np.int64]

_KINDS = {"org": 1, "user": 2, "class": 3, "enrollment": 4, "course": 5}
_HEX = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)
_GROUPS = (8, 4, 4, 4, 12)
_FIRST_DAY = np.datetime64("2004-01-01")


@dataclass(frozen=True, slots=True)
class District:
    """How many rows the tables have that others refer to; `accents` and `lists` are shares, 0 to 1.

    `accents` of the names have letters beyond ASCII, `lists` of the users belong to two orgs: a comma inside a cell;
    `line_breaks` of the users have a line break inside a cell. With `wrong_dates` every birth date is in another form.
    """

    users: int = 1_000
    classes: int = 100
    orgs: int = 50
    seed: int = 1
    accents: float = 0.0
    lists: float = 0.0
    line_breaks: float = 0.0
    wrong_dates: bool = False
    extra_columns: int = 0


def ids(kind: str, numbers: Numbers, seed: int) -> pl.Series:
    """The ids of rows by their numbers: 36 characters in the shape of a UUID."""
    with np.errstate(over="ignore"):
        base = numbers.astype(np.uint64) * np.uint64(2) + np.uint64(_KINDS[kind] << 56) + np.uint64(seed << 40)
        halves = np.stack([_mixed(base), _mixed(base + np.uint64(1))], axis=1)
    octets = halves.view(np.uint8).reshape(len(numbers), 16)
    digits = np.empty((len(numbers), 32), dtype=np.uint8)
    digits[:, 0::2], digits[:, 1::2] = _HEX[octets >> 4], _HEX[octets & 15]
    lines = np.empty((len(numbers), 37), dtype=np.uint8)
    at = taken = 0
    for size in _GROUPS:
        lines[:, at : at + size] = digits[:, taken : taken + size]
        lines[:, at + size] = ord("-")
        at, taken = at + size + 1, taken + size
    lines[:, 36] = ord("\n")
    # A file of one column is the quickest way from bytes of fixed width to text.
    return pl.read_csv(lines.tobytes(), has_header=False, schema={"id": pl.String}).to_series()


def users(district: District, numbers: Numbers, random: np.random.Generator) -> pl.DataFrame:
    """20 columns, about 290 bytes a row, and `extra_columns` more."""
    count = len(numbers)
    given, family = _names(names.GIVEN, district, random, count), _names(names.FAMILY, district, random, count)
    number = pl.Series(numbers)
    login = pl.select(
        pl.concat_str(
            pl.lit(_picked(names.LOGINS, random, count)), pl.lit("."), pl.lit(number.cast(pl.String).str.zfill(7))
        )
    ).to_series()
    frame = pl.DataFrame(
        {
            "sourcedId": ids("user", numbers, district.seed),
            "status": _picked(("active", "tobedeleted"), random, count, (0.97, 0.03)),
            "dateLastModified": _moments(random, count),
            "enabledUser": _picked(("true", "false"), random, count, (0.95, 0.05)),
            "orgSourcedIds": _org_lists(district, random, count),
            "role": _picked(names.ROLES, random, count, (0.7, 0.12, 0.03, 0.1, 0.03, 0.02)),
            "username": login,
            "userIds": _text("{LDAP:", login, "@sis.example}"),
            "givenName": given,
            "familyName": family,
            "middleName": _sometimes(_names(names.GIVEN, district, random, count), random, 0.5),
            "identifier": number + 100_000,
            "email": _text("", login, "@students.district.example"),
            "sms": _phones(random, count),
            "phone": _phones(random, count),
            "agentSourcedIds": _sometimes(_some_ids("user", district, district.users, random, count), random, 0.25),
            "grades": _picked(names.GRADES, random, count),
            "password": _sometimes(_phones(random, count), random, 0.2),
            "preferredGivenName": _preferred(given, district, random),
            "birthDate": _dates(random, count, "%m/%d/%Y" if district.wrong_dates else "%Y-%m-%d"),
        }
    )
    more = {
        f"extra{i:02}": pl.Series(random.integers(10**6, 10**9, count)) for i in range(1, district.extra_columns + 1)
    }
    return frame.with_columns(**more) if more else frame


def orgs(district: District, numbers: Numbers, random: np.random.Generator) -> pl.DataFrame:
    """8 columns. The first org is the district, the parent of all."""
    count = len(numbers)
    top = ids("org", np.zeros(1, dtype=np.int64), district.seed)[0]
    return pl.DataFrame(
        {
            "sourcedId": ids("org", numbers, district.seed),
            "status": _picked(("active",), random, count),
            "dateLastModified": _moments(random, count),
            "name": _text("School ", pl.Series(numbers).cast(pl.String), ""),
            "type": pl.Series(["district" if number == 0 else "school" for number in numbers.tolist()]),
            "identifier": pl.Series(numbers).cast(pl.String).str.zfill(6),
            "parentSourcedId": pl.Series(
                [None if number == 0 else top for number in numbers.tolist()], dtype=pl.String
            ),
            "website": _text("https://district.example/schools/", pl.Series(numbers).cast(pl.String), ""),
        }
    )


def classes(district: District, numbers: Numbers, random: np.random.Generator) -> pl.DataFrame:
    """20 columns, with the kinds of numbers, lists and choices that the other tables lack."""
    count = len(numbers)
    return pl.DataFrame(
        {
            "sourcedId": ids("class", numbers, district.seed),
            "status": _picked(("active", "tobedeleted"), random, count, (0.97, 0.03)),
            "dateLastModified": _moments(random, count),
            "title": _text("Class ", pl.Series(numbers).cast(pl.String), ""),
            "grades": _picked(names.GRADES, random, count),
            "courseSourcedId": _some_ids("course", district, 400, random, count),
            "classCode": _text("C-", pl.Series(numbers).cast(pl.String).str.zfill(7), ""),
            "classType": _picked(("homeroom", "scheduled"), random, count),
            "schoolSourcedId": _some_ids("org", district, district.orgs, random, count),
            "academicYear": _picked(("2027",), random, count),
            "periods": pl.Series(random.integers(1, 13, count)),
            "credits": pl.Series(random.integers(1, 40, count) / 4),
            "startsAt": _picked(("08:00:00Z", "09:45:00Z", "13:15:00Z"), random, count),
            "startsOn": _dates(random, count, "%m/%d/%Y"),
            "honors": _picked(("Y", "N", "NULL"), random, count),
            "resources": _picked(("math;music", "art;math;music", "art;chess;math;music"), random, count),
            "room": _picked(("A101", "B202", "gym", "online"), random, count),
            "section": _picked(("12", "3", "Saturday", "Summer"), random, count),
            "classNumber": pl.Series(numbers + 1).cast(pl.String),
            "syllabus": _text("https://district.example/syllabus/", pl.Series(numbers).cast(pl.String), ""),
        }
    )


def enrollments(district: District, numbers: Numbers, random: np.random.Generator) -> pl.DataFrame:
    """10 columns, about 215 bytes a row: a key and three references."""
    count = len(numbers)
    return pl.DataFrame(
        {
            "sourcedId": ids("enrollment", numbers, district.seed),
            "status": _picked(("active", "tobedeleted"), random, count, (0.97, 0.03)),
            "dateLastModified": _moments(random, count),
            "classSourcedId": _some_ids("class", district, district.classes, random, count),
            "schoolSourcedId": _some_ids("org", district, district.orgs, random, count),
            "userSourcedId": _some_ids("user", district, district.users, random, count),
            "role": _picked(("student", "teacher", "proctor"), random, count, (0.9, 0.08, 0.02)),
            "primary": _picked(("true", "false"), random, count),
            "beginDate": _picked(("2026-08-17", "2026-09-01", "2027-01-11"), random, count),
            "endDate": _picked(("2026-12-18", "2027-06-11"), random, count),
        }
    )


Maker = Callable[[District, Numbers, np.random.Generator], pl.DataFrame]
MAKERS: dict[str, Maker] = {"orgs": orgs, "users": users, "classes": classes, "enrollments": enrollments}


def _mixed(numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Splitmix64: near numbers become far ones, and no two the same."""
    mixed = (numbers + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    result: npt.NDArray[np.uint64] = mixed ^ (mixed >> np.uint64(31))
    return result


def _picked(
    values: Sequence[str], random: np.random.Generator, count: int, shares: Sequence[float] | None = None
) -> pl.Series:
    places = random.choice(len(values), count, p=shares) if shares else random.integers(0, len(values), count)
    return pl.Series(values, dtype=pl.String).gather(places)


def _some_ids(kind: str, district: District, known: int, random: np.random.Generator, count: int) -> pl.Series:
    return ids(kind, random.integers(0, known, count), district.seed)


def _names(pool: names.Pool, district: District, random: np.random.Generator, count: int) -> pl.Series:
    plain = _picked(pool.plain, random, count)
    if not district.accents:
        return plain
    return _mix(plain, _picked(pool.accented, random, count), random, district.accents)


def _org_lists(district: District, random: np.random.Generator, count: int) -> pl.Series:
    first = _some_ids("org", district, district.orgs, random, count)
    if not district.lists:
        return first
    second = _some_ids("org", district, district.orgs, random, count)
    two = pl.select(pl.concat_str(pl.lit(first), pl.lit(","), pl.lit(second))).to_series()
    return _mix(first, two, random, district.lists)


def _preferred(given: pl.Series, district: District, random: np.random.Generator) -> pl.Series:
    if not district.line_breaks:
        return _sometimes(given, random, 0.7)
    return _mix(_sometimes(given, random, 0.7), _text("", given, "\nor a nickname"), random, district.line_breaks)


def _mix(usual: pl.Series, other: pl.Series, random: np.random.Generator, share: float) -> pl.Series:
    is_other = pl.Series(random.random(len(usual)) < share)
    return other.zip_with(is_other, usual)


def _sometimes(values: pl.Series, random: np.random.Generator, share: float) -> pl.Series:
    """The values, so large a share of them; the rest is empty."""
    return _mix(pl.Series([None], dtype=pl.String).new_from_index(0, len(values)), values, random, share)


def _text(before: str, values: pl.Series, after: str) -> pl.Series:
    return pl.select(pl.concat_str(pl.lit(before), pl.lit(values), pl.lit(after))).to_series()


def _phones(random: np.random.Generator, count: int) -> pl.Series:
    return _text("555-", pl.Series(random.integers(10**6, 10**7, count)).cast(pl.String), "")


def _dates(random: np.random.Generator, count: int, form: str) -> pl.Series:
    return pl.Series(_FIRST_DAY + random.integers(0, 6_000, count).astype("timedelta64[D]")).dt.strftime(form)


def _moments(random: np.random.Generator, count: int) -> pl.Series:
    seconds = np.datetime64("2026-06-01T00:00:00") + random.integers(0, 10**7, count).astype("timedelta64[s]")
    return pl.Series(seconds.astype("datetime64[ms]")).dt.strftime("%Y-%m-%dT%H:%M:%S.000Z")
