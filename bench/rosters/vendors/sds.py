"""Microsoft School Data Sync, its first format and its second."""

from __future__ import annotations

import polars as pl

from bench.rosters.vendors.model import BEGIN, END, MIDDLE, YEAR, District
from bench.rosters.vendors.people import choice, empty, everybody, grade, identifier, login, plain_usdate
from bench.rosters.vendors.words import TOWNS

Files = dict[str, pl.LazyFrame]

_SESSION = f"SY{YEAR - 1}"
_YEAR = f"{YEAR - 1}"


def first(district: District) -> Files:
    """The six files of version 1, with the columns that all samples have."""
    school = identifier("SCH", "school").alias("School SIS ID")
    teachers = district.staff.lazy().filter(pl.col("role") == "teacher")
    enrollments = district.enrollments.lazy()
    section = identifier("CLS", "class").alias("Section SIS ID")
    return {
        "School.csv": district.schools.lazy().select(
            identifier("SCH", "school").alias("SIS ID"), pl.col("name").alias("Name")
        ),
        "Section.csv": _named_classes(district).select(
            identifier("CLS", "class").alias("SIS ID"), school, pl.col("named").alias("Section Name")
        ),
        "Student.csv": district.students.lazy().select(
            identifier("STU", "student").alias("SIS ID"), school, login("student", "student").alias("Username")
        ),
        "Teacher.csv": teachers.select(
            identifier("TCH", "staff").alias("SIS ID"), school, login("staff", "staff").alias("Username")
        ),
        "StudentEnrollment.csv": enrollments.filter(pl.col("role") == "student").select(
            section, identifier("STU", "person").alias("SIS ID")
        ),
        "TeacherRoster.csv": enrollments.filter(pl.col("role") == "teacher").select(
            section, identifier("TCH", "person").alias("SIS ID")
        ),
    }


def second(district: District) -> Files:
    """The ten files of version 2.1."""
    people = everybody(district)
    return {
        "orgs.csv": _orgs(district),
        "users.csv": _users(people),
        "roles.csv": _roles(people),
        "classes.csv": _classes(district),
        "enrollments.csv": _enrollments(district),
        "academicSessions.csv": _sessions(),
        "courses.csv": _courses(district),
        "demographics.csv": _demographics(district),
        "relationships.csv": _relationships(district),
        "userFlags.csv": _flags(district),
    }


def _named_classes(district: District) -> pl.LazyFrame:
    section = (pl.col("section") + 1).cast(pl.String)
    return (
        district.classes.lazy()
        .join(district.courses.lazy().select("course", "title"), on="course", how="left", maintain_order="left")
        .with_columns(named=pl.concat_str("title", pl.lit(", section "), section))
    )


def _orgs(district: District) -> pl.LazyFrame:
    names = {"sourcedId": pl.String, "name": pl.String, "type": pl.String, "parentSourcedId": pl.String}
    top = pl.LazyFrame([("DIST-1", "Example Unified School District", "district", None)], schema=names, orient="row")
    schools = district.schools.lazy().select(
        sourcedId=identifier("SCH", "school"), name="name", type=pl.lit("school"), parentSourcedId=pl.lit("DIST-1")
    )
    return pl.concat([top, schools])


def _users(people: pl.LazyFrame) -> pl.LazyFrame:
    return people.select(
        sourcedId="id",
        username="login",
        givenName="given",
        familyName="family",
        password=empty(),
        activeDirectoryMatchId="email",
        email="email",
        phone=pl.concat_str(pl.lit("+1"), pl.col("phone").str.replace_all("-", "")),
        sms=empty(),
    )


def _roles(people: pl.LazyFrame) -> pl.LazyFrame:
    return people.select(
        userSourcedId="id",
        orgSourcedId=identifier("SCH", "school"),
        role="role",
        sessionSourcedId=pl.lit(_SESSION),
        grade=grade(),
        isPrimary=pl.lit("TRUE"),
        roleStartDate=pl.lit("8/24/2026"),
        roleEndDate=pl.lit("6/11/2027"),
    )


def _classes(district: District) -> pl.LazyFrame:
    terms = {"": "FALL,SPRING", "fall": "FALL", "spring": "SPRING"}
    return _named_classes(district).select(
        sourcedId=identifier("CLS", "class"),
        orgSourcedId=identifier("SCH", "school"),
        title="named",
        sessionSourcedIds=pl.col("half").replace_strict(terms, return_dtype=pl.String),
        courseSourcedId=identifier("CRS", "course"),
    )


def _enrollments(district: District) -> pl.LazyFrame:
    is_teacher = pl.col("role") == "teacher"
    return district.enrollments.lazy().select(
        classSourcedId=identifier("CLS", "class"),
        userSourcedId=pl.when(is_teacher).then(identifier("TCH", "person")).otherwise(identifier("STU", "person")),
        role="role",
    )


def _sessions() -> pl.LazyFrame:
    rows = [
        (_SESSION, f"{_YEAR} school year", "schoolYear", BEGIN, END),
        ("FALL", "Fall", "semester", BEGIN, MIDDLE),
        ("SPRING", "Spring", "semester", MIDDLE, END),
    ]
    frame = pl.LazyFrame(rows, schema=["sourcedId", "title", "type", "begin", "end"], orient="row")
    return frame.select(
        "sourcedId",
        "title",
        "type",
        schoolYear=pl.lit(_YEAR),
        startDate=plain_usdate("begin"),
        endDate=plain_usdate("end"),
    )


def _courses(district: District) -> pl.LazyFrame:
    return district.courses.lazy().select(
        sourcedId=identifier("CRS", "course"),
        orgSourcedId=pl.lit("DIST-1"),
        title="title",
        code="code",
        schoolYearSourcedId=pl.lit(_SESSION),
        subject=pl.col("subject").str.to_lowercase(),
        grade=grade(),
    )


def _demographics(district: District) -> pl.LazyFrame:
    return district.students.lazy().select(
        userSourcedId=identifier("STU", "student"),
        sex=pl.when(pl.col("sex") == "F").then(pl.lit("female")).otherwise(pl.lit("male")),
        birthDate=plain_usdate("born"),
        birthCity=choice("town", TOWNS),
        birthState=pl.lit("OR"),
        birthCountry=pl.lit("USA"),
        ethnicityCodes=pl.when("hispanic").then(pl.lit("hispanicOrLatinoEthnicity")),
        raceCodes="race",
    )


def _relationships(district: District) -> pl.LazyFrame:
    children = district.students.lazy().select("student", "household")
    return (
        district.guardians.lazy()
        .join(children, on="household", how="inner", maintain_order="left_right")
        .select(
            userSourcedId=identifier("STU", "student"),
            relationshipUserSourcedId=identifier("PAR", "guardian"),
            relationshipRole=pl.lit("guardian"),
        )
    )


def _flags(district: District) -> pl.LazyFrame:
    """One student in eight has one."""
    return (
        district.students.lazy()
        .filter(pl.col("student") % 8 == 0)
        .select(
            userSourcedId=identifier("STU", "student"),
            flag=pl.when(pl.col("student") % 16 == 0).then(pl.lit("iep")).otherwise(pl.lit("504")),
        )
    )
