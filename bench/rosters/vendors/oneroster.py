"""OneRoster 1.1 and 1.2: the manifest and the files of a roster, whole (bulk) or what has changed (delta)."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from bench.rosters.vendors import words
from bench.rosters.vendors.model import BEGIN, END, MIDDLE, YEAR, District
from bench.rosters.vendors.people import choice, empty, everybody, grade, identifier

#: Each file that a manifest of the version tells of.
_FILES_11 = (
    *("academicSessions", "categories", "classes", "classResources", "courses", "courseResources", "demographics"),
    *("enrollments", "lineItems", "orgs", "resources", "results", "users"),
)
_FILES_12 = (
    *_FILES_11,
    *("lineItemLearningObjectiveIds", "lineItemScoreScales", "resultLearningObjectiveIds", "resultScoreScales"),
    *("roles", "scoreScales", "userProfiles", "userResources"),
)
_CHANGED = "2026-09-14T22:15:00.000Z"
_BULK = {"status": empty(), "dateLastModified": empty()}
_DISTRICT = "DIST-1"

Files = dict[str, pl.LazyFrame]


def bulk_11(district: District) -> Files:
    """The seven files of a roster, and demographics."""
    data = {
        **_shared(district),
        "users": _users_11(everybody(district), _BULK),
        "enrollments": _enrollments(district, _BULK),
        "demographics": _demographics(district),
    }
    return _set("1.1", _FILES_11, data, "bulk")


def campus(district: District) -> Files:
    """As Infinite Campus writes them: seven files, no demographics."""
    files = bulk_11(district)
    data = {name.removesuffix(".csv"): frame for name, frame in files.items()}
    del data["demographics"], data["manifest"]
    return _set("1.1", _FILES_11, data, "bulk")


def delta_11(district: District) -> Files:
    """One user in twenty with other data, one enrolment in fifty to be deleted."""
    changed = {"status": pl.lit("active"), "dateLastModified": pl.lit(_CHANGED)}
    gone = {**changed, "status": pl.lit("tobedeleted")}
    data = {
        "users": _users_11(everybody(district).gather_every(20), changed),
        "enrollments": _enrollments(district, gone, every=50),
    }
    return _set("1.1", _FILES_11, data, "delta")


def bulk_12(district: District) -> Files:
    """The files of a roster as 1.2.1 has them, with roles and demographics."""
    people = everybody(district)
    data = {
        **_shared(district),
        "users": _users_12(people),
        "roles": _roles(people),
        "enrollments": _enrollments(district, _BULK),
        "demographics": _demographics(district),
    }
    return _set("1.2", _FILES_12, data, "bulk")


def _set(version: str, known: Iterable[str], data: Files, mode: str) -> Files:
    """The manifest and the files that it tells of."""
    lines = {"manifest.version": "1.0", "oneroster.version": version}
    lines |= {f"file.{name}": mode if name in data else "absent" for name in sorted(known, key=str.lower)}
    lines |= {"source.systemName": "Example SIS", "source.systemCode": "EX-SIS"}
    manifest = pl.LazyFrame({"propertyName": list(lines), "value": list(lines.values())})
    return {"manifest.csv": manifest, **{f"{name}.csv": frame for name, frame in data.items()}}


def _shared(district: District) -> Files:
    """What is the same in 1.1 and 1.2."""
    orgs = district.schools.lazy().select(
        identifier("SCH", "school").alias("sourcedId"),
        **_BULK,
        name="name",
        type=pl.lit("school"),
        identifier=pl.concat_str(pl.lit("41"), (pl.col("school") + 1).cast(pl.String).str.zfill(6)),
        parentSourcedId=pl.lit(_DISTRICT),
    )
    top = (_DISTRICT, None, None, "Example Unified School District", "district", "4100000", None)
    return {
        "orgs": pl.concat([_rows([top], orgs.collect_schema()), orgs]),
        "academicSessions": _sessions(),
        "courses": district.courses.lazy().select(
            identifier("CRS", "course").alias("sourcedId"),
            **_BULK,
            schoolYearSourcedId=pl.lit("SY"),
            title="title",
            courseCode="code",
            grades=grade(),
            orgSourcedId=pl.lit(_DISTRICT),
            subjects="subject",
            subjectCodes="subject_code",
        ),
        "classes": _classes(district),
    }


def _sessions() -> pl.LazyFrame:
    """The school year, its two halves, and two grading periods of each."""
    names = ("sourcedId", "status", "dateLastModified", "title", "type", "startDate", "endDate", "parentSourcedId")
    quarters = [
        ("2026-10-24", "GP-1", "GP-2", BEGIN, MIDDLE, "T-1"),
        ("2027-03-27", "GP-3", "GP-4", MIDDLE, END, "T-2"),
    ]
    rows: list[tuple[str | None, ...]] = [
        ("SY", None, None, "School year 2026/27", "schoolYear", str(BEGIN), str(END), None),
        ("T-1", None, None, "Fall 2026", "semester", str(BEGIN), str(MIDDLE), "SY"),
        ("T-2", None, None, "Spring 2027", "semester", str(MIDDLE), str(END), "SY"),
    ]
    for middle, first, second, begin, end, term in quarters:
        rows.append((first, None, None, f"Quarter {first[-1]}", "gradingPeriod", str(begin), middle, term))
        rows.append((second, None, None, f"Quarter {second[-1]}", "gradingPeriod", middle, str(end), term))
    return _rows(rows, dict.fromkeys(names, pl.String)).with_columns(schoolYear=pl.lit(str(YEAR)))


def _rows(rows: list[tuple[str | None, ...]], names: Iterable[str]) -> pl.LazyFrame:
    return pl.LazyFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


def _classes(district: District) -> pl.LazyFrame:
    courses = district.courses.lazy().select("course", "title", "code", "subject", "subject_code")
    terms = {"": "T-1,T-2", "fall": "T-1", "spring": "T-2"}
    section = (pl.col("section") + 1).cast(pl.String)
    return (
        district.classes.lazy()
        .join(courses, on="course", how="left", maintain_order="left")
        .select(
            identifier("CLS", "class").alias("sourcedId"),
            **_BULK,
            title=pl.concat_str("title", pl.lit(", section "), section),
            grades=grade(),
            courseSourcedId=identifier("CRS", "course"),
            classCode=pl.concat_str("code", pl.lit("-"), section),
            classType=pl.when(pl.col("subject") == "Homeroom").then(pl.lit("homeroom")).otherwise(pl.lit("scheduled")),
            location=pl.concat_str(pl.lit("Room "), (pl.col("staff") % 60 + 101).cast(pl.String)),
            schoolSourcedId=identifier("SCH", "school"),
            termSourcedIds=pl.col("half").replace_strict(terms, return_dtype=pl.String),
            subjects="subject",
            subjectCodes="subject_code",
            periods=pl.col("period").cast(pl.String),
        )
    )


def _users_11(people: pl.LazyFrame, state: dict[str, pl.Expr]) -> pl.LazyFrame:
    return people.select(
        pl.col("id").alias("sourcedId"),
        **state,
        enabledUser=pl.lit("true"),
        orgSourcedIds=identifier("SCH", "school"),
        role="role",
        **_person(),
    )


def _users_12(people: pl.LazyFrame) -> pl.LazyFrame:
    return people.select(
        pl.col("id").alias("sourcedId"),
        **_BULK,
        enabledUser=pl.lit("true"),
        **_person(),
        userMasterIdentifier=pl.concat_str(pl.lit("M-"), "id"),
        preferredGivenName=empty(),
        preferredMiddleName=empty(),
        preferredFamilyName=empty(),
        primaryOrgSourcedId=identifier("SCH", "school"),
        pronouns=empty(),
    )


def _person() -> dict[str, pl.Expr]:
    """The columns of a user that stand together in both versions."""
    return {
        "username": pl.col("login"),
        "userIds": pl.concat_str(pl.lit("{LDAP:"), "login", pl.lit("}")),
        "givenName": pl.col("given"),
        "familyName": pl.col("family"),
        "middleName": pl.col("middle"),
        "identifier": pl.col("number"),
        "email": pl.col("email"),
        "sms": empty(),
        "phone": pl.col("phone"),
        "agentSourcedIds": pl.col("agents"),
        "grades": grade(),
        "password": empty(),
    }


def _roles(people: pl.LazyFrame) -> pl.LazyFrame:
    words_of_12 = {"student": "student", "teacher": "teacher", "guardian": "guardian", "administrator": "principal"}
    return people.select(
        pl.concat_str(pl.lit("ROL-"), "id").alias("sourcedId"),
        **_BULK,
        userSourcedId="id",
        roleType=pl.lit("primary"),
        role=pl.col("role").replace_strict(words_of_12, return_dtype=pl.String),
        beginDate=pl.lit(str(BEGIN)),
        endDate=pl.lit(str(END)),
        orgSourcedId=identifier("SCH", "school"),
        userProfileSourcedId=empty(),
    )


def _enrollments(district: District, state: dict[str, pl.Expr], every: int = 1) -> pl.LazyFrame:
    is_teacher = pl.col("role") == "teacher"
    return (
        district.enrollments.lazy()
        .filter(pl.col("enrollment") % every == 0)
        .select(
            identifier("ENR", "enrollment").alias("sourcedId"),
            **state,
            classSourcedId=identifier("CLS", "class"),
            schoolSourcedId=identifier("SCH", "school"),
            userSourcedId=pl.when(is_teacher).then(identifier("TCH", "person")).otherwise(identifier("STU", "person")),
            role="role",
            primary=pl.when(is_teacher).then(pl.lit("true")).otherwise(pl.lit("false")),
            beginDate=pl.col("begin").cast(pl.String),
            endDate=pl.col("end").cast(pl.String),
        )
    )


def _demographics(district: District) -> pl.LazyFrame:
    races = {race: (pl.col("race") == race).cast(pl.String) for race in words.RACES}
    return district.students.lazy().select(
        identifier("STU", "student").alias("sourcedId"),
        **_BULK,
        birthDate=pl.col("born").cast(pl.String),
        sex=pl.when(pl.col("sex") == "F").then(pl.lit("female")).otherwise(pl.lit("male")),
        **races,
        hispanicOrLatinoEthnicity=pl.col("hispanic").cast(pl.String),
        countryOfBirthCode=pl.lit("US"),
        stateOfBirthAbbreviation=pl.lit("OR"),
        cityOfBirth=choice("town", words.TOWNS),
        publicSchoolResidenceStatus=empty(),
    )
