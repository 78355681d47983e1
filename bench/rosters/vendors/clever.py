"""Clever's files for SFTP, under the column names of the dataset: a student has a row for each contact."""

from __future__ import annotations

import polars as pl

from bench.rosters.vendors.model import BEGIN, END, MIDDLE, YEAR, District
from bench.rosters.vendors.people import (
    address,
    choice,
    empty,
    full_name,
    identifier,
    login,
    number,
    phone,
    plain_usdate,
)

_GRADES = ("Kindergarten", *(str(grade) for grade in range(1, 13)))


def files(district: District) -> dict[str, pl.LazyFrame]:
    """The five files, and staff.csv."""
    return {
        "schools.csv": _schools(district),
        "students.csv": _students(district),
        "teachers.csv": _teachers(district),
        "sections.csv": _sections(district),
        "enrollments.csv": _enrollments(district),
        "staff.csv": _staff(district),
    }


def _schools(district: District) -> pl.LazyFrame:
    is_principal = pl.col("role") == "administrator"
    principals = (
        district.staff.lazy()
        .filter(is_principal)
        .select("school", principal=full_name(), email=address("staff", "staff"))
    )
    return (
        district.schools.lazy()
        .join(principals, on="school", how="left", maintain_order="left")
        .select(
            School_id=identifier("SCH", "school"),
            School_name="name",
            School_number=number("school"),
            State_id=pl.concat_str(pl.lit("0415"), number("school")),
            Low_grade=choice("low", _GRADES),
            High_grade=choice("high", _GRADES),
            Principal="principal",
            Principal_email="email",
            School_address=pl.concat_str(number("school"), pl.lit(" Birch Street")),
            School_city=pl.lit("Springfield"),
            School_state=pl.lit("OR"),
            School_zip=pl.lit("04401"),
            School_phone=phone("school"),
        )
    )


def _students(district: District) -> pl.LazyFrame:
    guardians = district.guardians.lazy().select(
        "household",
        "guardian",
        relation=pl.when(pl.col("sex") == "F").then(pl.lit("Mother")).otherwise(pl.lit("Father")),
        contact=full_name(),
        contact_email=address("guardian", "guardian", "example.com"),
    )
    return (
        district.students.lazy()
        .join(guardians, on="household", how="left", maintain_order="left_right")
        .select(
            School_id=identifier("SCH", "school"),
            Student_id=identifier("STU", "student"),
            Student_number=number("student"),
            State_id=pl.concat_str(pl.lit("AB"), number("student")),
            Last_name="family",
            Middle_name="middle",
            First_name="given",
            Grade=choice("grade", _GRADES),
            Gender="sex",
            Graduation_year=(YEAR + len(_GRADES) - 1 - pl.col("grade")).cast(pl.String),
            DOB=plain_usdate("born"),
            Race=empty(),
            Hispanic_Latino=pl.when("hispanic").then(pl.lit("Y")).otherwise(pl.lit("N")),
            Student_email=address("student", "student"),
            Contact_relationship="relation",
            Contact_type=pl.lit("Family"),
            Contact_name="contact",
            Contact_phone=phone("guardian"),
            Contact_email="contact_email",
            Contact_sis_id=identifier("PAR", "guardian"),
            Username=login("student", "student"),
            Password=empty(),
        )
    )


def _teachers(district: District) -> pl.LazyFrame:
    return (
        district.staff.lazy()
        .filter(pl.col("role") == "teacher")
        .select(
            School_id=identifier("SCH", "school"),
            Teacher_id=identifier("TCH", "staff"),
            Teacher_number=number("staff"),
            State_teacher_id=pl.concat_str(pl.lit("OR"), number("staff")),
            Teacher_email=address("staff", "staff"),
            First_name="given",
            Middle_name="middle",
            Last_name="family",
            Title=pl.lit("Teacher"),
            Username=login("staff", "staff"),
            Password=empty(),
        )
    )


def _sections(district: District) -> pl.LazyFrame:
    courses = district.courses.lazy().select("course", "title", "code", "subject")
    section = (pl.col("section") + 1).cast(pl.String)
    is_spring, is_fall = pl.col("half") == "spring", pl.col("half") == "fall"
    return (
        district.classes.lazy()
        .join(courses, on="course", how="left", maintain_order="left")
        .with_columns(
            begin=pl.when(is_spring).then(MIDDLE).otherwise(BEGIN), end=pl.when(is_fall).then(MIDDLE).otherwise(END)
        )
        .select(
            School_id=identifier("SCH", "school"),
            Section_id=identifier("CLS", "class"),
            Teacher_id=identifier("TCH", "staff"),
            Teacher_2_id=empty(),
            Name=pl.concat_str("title", pl.lit(", section "), section),
            Section_number=section,
            Grade=choice("grade", _GRADES),
            Course_name="title",
            Course_number="code",
            Course_description=empty(),
            Period=pl.col("period").cast(pl.String),
            Subject=pl.col("subject").str.to_lowercase(),
            Term_name=pl.when(is_fall)
            .then(pl.lit("Fall"))
            .when(is_spring)
            .then(pl.lit("Spring"))
            .otherwise(pl.lit("Year")),
            Term_start=plain_usdate("begin"),
            Term_end=plain_usdate("end"),
        )
    )


def _enrollments(district: District) -> pl.LazyFrame:
    return (
        district.enrollments.lazy()
        .filter(pl.col("role") == "student")
        .select(
            School_id=identifier("SCH", "school"),
            Section_id=identifier("CLS", "class"),
            Student_id=identifier("STU", "person"),
        )
    )


def _staff(district: District) -> pl.LazyFrame:
    return (
        district.staff.lazy()
        .filter(pl.col("role") != "teacher")
        .select(
            School_id=identifier("SCH", "school"),
            Staff_id=identifier("ADM", "staff"),
            Staff_email=address("staff", "staff"),
            First_name="given",
            Last_name="family",
            Department=pl.lit("Office"),
            Title=pl.lit("Principal"),
            Username=login("staff", "staff"),
            Password=empty(),
            Role=pl.lit("School Tech Lead"),
        )
    )
