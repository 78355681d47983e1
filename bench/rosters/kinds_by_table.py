"""Which damage each table can suffer: what any can, and wrong cells of its own columns."""

from __future__ import annotations

from bench.rosters.kinds import Kind, Text, cell, key_kinds, row, row_kinds, rule, twice

_LONG = "x" * 60
_ACCENTS = "é" * 100

_USERS = (
    cell("empty name", "familyName", "", "required"),
    cell("space in an id", "sourcedId", "id {n}", "pattern"),
    cell("long id", "sourcedId", f"{_LONG}-{{n}}-long", "max-length"),
    cell("upper case", "status", "Active", "enum"),
    cell("trailing space", "role", "student ", "enum"),
    cell("grade without zero", "grades", "7", "enum"),
    cell("grade too great", "grades", "13", "enum"),
    cell("moment as in America", "dateLastModified", "09/07/2026 20:45", "format"),
    cell("day that is not", "dateLastModified", "2026-02-30T10:00:00Z", "format"),
    cell("yes for true", "enabledUser", "yes", "type"),
    cell("space in one of a list", "orgSourcedIds", '"a-1,b 2"', "pattern"),
    cell("long one in a list", "orgSourcedIds", f'"a-1,{_LONG}12345"', "max-length"),
    cell("gap in a list", "agentSourcedIds", '"a-1,,b-2"', "pattern"),
    cell("short login", "username", "ab", "min-length"),
    cell("long login", "username", f"{_LONG}{{n}}.long", "max-length"),
    cell("space in a login", "username", "ann lee {n}", "pattern"),
    cell("no braces", "userIds", "LDAP:someone", "pattern"),
    cell("101 letters", "givenName", f"{_ACCENTS}x", "max-length"),
    cell("letters in a number", "identifier", "12a", "type"),
    cell("decimals", "identifier", "123456.5", "type"),
    cell("more than 64 bits", "identifier", "18446744073709551616", "type"),
    cell("number too small", "identifier", "99999", "minimum"),
    cell("number too great", "identifier", "1000000000", "exclusive-maximum"),
    cell("no at sign", "email", "someone.example.org", "format"),
    cell("long address", "email", f"{'x' * 250}@example.org", "max-length"),
    cell("words for a number", "sms", "call the school", "pattern"),
    cell(
        "digits of another script", "phone", "\u0665\u0665\u0665-\u0665\u0669\u0661\u0667\u0663\u0667\u0660", "pattern"
    ),
    cell("no leap year", "birthDate", "2011-02-29", "format"),
    cell("date as in America", "birthDate", "03/30/2012", "format"),
    cell("date without zeros", "birthDate", "2012-3-5", "format"),
    cell("line break after a number", "identifier", '"123456\n"', "type"),
    cell("two wrong things in a cell", "username", "a ", "pattern", "min-length"),
    cell("100 letters of two bytes", "givenName", _ACCENTS),
    cell("leap day", "birthDate", "2012-02-29"),
    cell("empty quotes", "birthDate", '""'),
    cell("a list of two", "orgSourcedIds", '"a-1,b-2"'),
)

_ENROLLMENTS = (
    cell("unknown class", "classSourcedId", "gone-class-{n}", "unknown-reference"),
    cell("unknown school", "schoolSourcedId", "gone-school-{n}", "unknown-reference"),
    cell("unknown user", "userSourcedId", "gone-user-{n}", "unknown-reference"),
    cell("the same unknown school", "schoolSourcedId", "closed-school", "unknown-reference"),
    cell("space before an id", "userSourcedId", " gone-{n}", "pattern", "unknown-reference"),
    cell("no user", "userSourcedId", "", "required"),
    cell("no class", "classSourcedId", "", "required"),
    cell("upper case", "role", "Student", "enum"),
    cell("1 for true", "primary", "1", "type"),
    cell("day that is not", "beginDate", "2026-09-31", "format"),
    cell("date as in America", "endDate", "6/11/2027", "format"),
    cell("moment without a zone", "dateLastModified", "2026-08-09T08:14:40", "format"),
    cell("space in an id", "sourcedId", "id {n}", "pattern"),
    cell("long id", "sourcedId", f"{_LONG}-{{n}}-long", "max-length"),
)

_CLASSES = (
    cell("unknown school", "schoolSourcedId", "gone-{n}", "unknown-reference"),
    cell("no UUID", "courseSourcedId", "course-{n}", "format"),
    cell("short code", "classCode", "C-1", "pattern", "min-length"),
    cell("long code", "classCode", "C-12345678", "pattern", "max-length"),
    cell("another year", "academicYear", "2026", "const"),
    cell("no periods", "periods", "0", "minimum"),
    cell("many periods", "periods", "13", "maximum"),
    cell("comma for a point", "credits", '"1,5"', "type"),
    cell("no credits", "credits", "0", "exclusive-minimum"),
    cell("many credits", "credits", "100", "exclusive-maximum"),
    cell("a third of a credit", "credits", "0.3", "multiple-of"),
    cell("no time", "startsAt", "25:00:00Z", "format"),
    cell("no address", "syllabus", "a b c", "format"),
    cell("empty title", "title", "", "required"),
    cell("date as in Europe", "startsOn", "31/12/2026", "format"),
    cell("date as the standard says", "startsOn", "2026-08-17", "format"),
    cell("true for Y", "honors", "true", "type"),
    cell("null in lower case", "honors", "null", "type"),
    cell("one of a list that needs two", "resources", "math", "min-items"),
    cell("five of a list of four", "resources", "art;chess;drama;math;music", "max-items"),
    cell("one twice in a list", "resources", "math;music;math", "unique-items"),
    cell("two wrong ones in a list", "resources", "Math;Music", "pattern"),
    cell("neither form", "room", "cellar", "any-of"),
    cell("both forms", "section", "S1", "one-of"),
    cell("no form", "section", "winter", "one-of"),
    cell("what is not allowed", "classNumber", "0{n}", "not"),
    cell("no form, empty", "room", ""),
    twice("number of two classes", "classNumber", "sourcedId", "00000000-0000-4000-8000-{n:012}"),
    rule("homeroom without a time", {"classType": "homeroom", "startsAt": ""}),
    row("long cell", "cell-too-long", lambda place: place.row({"title": b"x" * 5001})),
)

_ORGS = (
    cell("unknown parent", "parentSourcedId", "gone-{n}", "unknown-reference"),
    cell("another status", "status", "inactive", "const"),
    cell("another type", "type", "campus", "enum"),
    cell("no digits", "identifier", "12345x", "pattern"),
)

_TEXTS = {
    "users": Text(
        "preferredGivenName",
        "grades",
        "birthDate",
        (
            "sourcedId",
            "status",
            "dateLastModified",
            "enabledUser",
            "orgSourcedIds",
            "role",
            "username",
            "givenName",
            "familyName",
        ),
    ),
    "enrollments": Text(
        "role",
        "status",
        "endDate",
        ("sourcedId", "status", "dateLastModified", "classSourcedId", "schoolSourcedId", "userSourcedId", "role"),
        is_free=False,
    ),
    "classes": Text(
        "title",
        "classType",
        "syllabus",
        ("sourcedId", "status", "dateLastModified", "title", "classType", "schoolSourcedId", "academicYear"),
    ),
    "orgs": Text("name", "type", "website", ("sourcedId", "status", "dateLastModified", "name", "type")),
}
_UNIQUE = {"classes": ("classNumber",)}
_CELLS = {"users": _USERS, "enrollments": _ENROLLMENTS, "classes": _CLASSES, "orgs": _ORGS}

#: The kinds of damage by table.
KINDS: dict[str, tuple[Kind, ...]] = {
    table: (*cells, *key_kinds("sourcedId", _UNIQUE.get(table, ())), *row_kinds(_TEXTS[table]))
    for table, cells in _CELLS.items()
}
