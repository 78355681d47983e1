"""What a column's name tells about its values."""

from __future__ import annotations

import re

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_IDS = frozenset({"id", "ids", "identifier", "number", "no", "num", "nr", "code", "key", "guid", "uuid", "sid", "ssn"})
_NO_IDS = frozenset({"paid", "valid", "invalid", "grid", "bid", "void", "mid", "aid", "covid", "kid", "solid", "did"})
_PERSONAL = frozenset(
    {
        "name",
        "first",
        "last",
        "given",
        "family",
        "middle",
        "surname",
        "nickname",
        "preferred",
        "suffix",
        "email",
        "mail",
    }
    | {
        "phone",
        "mobile",
        "cell",
        "sms",
        "fax",
        "address",
        "street",
        "city",
        "town",
        "zip",
        "postal",
        "postcode",
        "birth",
    }
    | {
        "born",
        "dob",
        "birthday",
        "ssn",
        "parent",
        "guardian",
        "mother",
        "father",
        "contact",
        "note",
        "notes",
        "comment",
    }
    | {"comments", "login", "user", "username", "password", "pin", "secret", "token", "iban", "student", "teacher"}
    | {"person", "pronouns", "initials", "maiden", "alias", "medical", "allergies", "allergy", "diagnosis", "remark"}
    | {"remarks", "description", "reason"}
)
_TEXT = frozenset({"zip", "postal", "postcode", "phone", "mobile", "cell", "sms", "fax"})
_DATES = frozenset({"date", "day", "birth", "dob", "born", "birthday", "begin", "start", "end", "from", "to", "on"})
_FLAGS = frozenset({"is", "has", "flag", "active", "enabled", "primary", "can", "was"})


def words(name: str) -> tuple[str, ...]:
    """`studentId`, `Student_ID` and `student id` are all student, id."""
    return tuple(word.lower() for word in _WORDS.findall(name))


def is_identifier(name: str) -> bool:
    """Whether the values identify something: they stay text."""
    found = words(name)
    return bool(found) and (found[-1] in _IDS or (found[-1].endswith("id") and found[-1] not in _NO_IDS))


def may_be_personal(name: str) -> bool:
    """Whether a value may tell of a person, and is not to be written into a schema."""
    found = words(name)
    known = {part for word in found for part in (word, word.removesuffix("s"))}
    return not found or bool(known & _PERSONAL) or any(word.endswith(("name", "mail", "phone")) for word in found)


def is_text(name: str) -> bool:
    """Whether digits in it are no number."""
    return is_identifier(name) or bool(_TEXT & set(words(name)))


def is_date(name: str) -> bool:
    """Whether eight digits in it may be a date."""
    found = words(name)
    return bool(_DATES & set(found)) or any(word.endswith("date") for word in found)


def is_flag(name: str) -> bool:
    """Whether 0 and 1 in it may be false and true."""
    return bool(_FLAGS & set(words(name)))
