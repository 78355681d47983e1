"""SameGoal's generic CSV API: students with guardians, and the accounts of teachers.

The columns of students.csv are known; of the other files only those that the dataset judges, and a few of our own.
"""

from __future__ import annotations

import polars as pl

from bench.rosters.vendors import words
from bench.rosters.vendors.model import District
from bench.rosters.vendors.people import choice, empty, grade, login, number, usdate

_ENROLLMENTS = ("ENROLLED", "ENROLLED", "ENROLLED", "ENROLLED", "PRE_ENROLLED", "TRANSFERRED")
_DISTRICT = "Example Unified"


def files(district: District) -> dict[str, pl.LazyFrame]:
    """All four files."""
    return {
        "students.csv": _students(district),
        "guardians.csv": _guardians(district),
        "users.csv": _users(district),
        "user_roles.csv": _user_roles(),
    }


def _students(district: District) -> pl.LazyFrame:
    schools = district.schools.lazy().select("school", building="name")
    house = pl.concat_str((pl.col("household") % 190 + 1).cast(pl.String), pl.lit(" "), choice("street", words.TREES))
    return (
        district.students.lazy()
        .join(schools, on="school", how="left", maintain_order="left")
        .with_columns(street=pl.col("household") % len(words.TREES), state=pl.col("student") % len(_ENROLLMENTS))
        .select(
            number("student").alias("Student Id"),
            pl.col("family").alias("Last Name"),
            pl.col("middle").alias("Middle Name"),
            pl.col("given").alias("First Name"),
            usdate("born").alias("Date of Birth"),
            pl.col("sex").alias("Gender"),
            choice("state", _ENROLLMENTS).alias("District Enrollment"),
            grade().alias("Grade"),
            pl.concat_str(house, pl.lit(" Street, Flat 2")).alias("Address"),
            choice("town", words.TOWNS).alias("City"),
            pl.lit("OR").alias("State"),
            pl.concat_str(pl.lit("0440"), pl.col("town").cast(pl.String)).alias("Zip"),
            pl.col("race").alias("Race"),
            pl.lit(_DISTRICT).alias("District of Residence"),
            pl.lit("Clark").alias("County of Residence"),
            pl.lit(_DISTRICT).alias("District of Service"),
            pl.concat_str(pl.lit("AB"), number("student")).alias("Student Reporting Id"),
            pl.col("building").alias("Building"),
            pl.concat_str(pl.lit("0415"), (pl.col("school") + 10).cast(pl.String)).alias("Building Reporting Id"),
            number("student").alias("SIS Internal ID"),
        )
    )


def _guardians(district: District) -> pl.LazyFrame:
    children = district.students.lazy().select("student", "household")
    return (
        district.guardians.lazy()
        .join(children, on="household", how="inner", maintain_order="left_right")
        .select(
            number("student").alias("Student Id"),
            pl.col("given").alias("First Name"),
            pl.col("family").alias("Last Name"),
        )
    )


def _users(district: District) -> pl.LazyFrame:
    """Every tenth has two roles, the second of them at two buildings."""
    names = district.schools["name"].to_list()
    second = f";{names[0]},{names[-1]}"
    has_two = pl.col("staff") % 10 == 0
    return district.staff.lazy().select(
        login("staff", "staff").alias("Login"),
        pl.concat_str(
            pl.when(pl.col("role") == "teacher").then(pl.lit("Teacher")).otherwise(pl.lit("Administrator")),
            pl.when(has_two).then(pl.lit(";Related Service Provider")).otherwise(pl.lit("")),
        ).alias("Roles"),
        pl.concat_str(choice("school", names), pl.when(has_two).then(pl.lit(second)).otherwise(pl.lit(""))).alias(
            "Buildings"
        ),
        empty().alias("Deleted"),
    )


def _user_roles() -> pl.LazyFrame:
    rows = [("Teacher", "IEP", "none", "owner"), ("Administrator", "IEP", "owner", "owner")]
    return pl.LazyFrame(rows, schema=["User Role", "Form", "Default", "Max"], orient="row")
