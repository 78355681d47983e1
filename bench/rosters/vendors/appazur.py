"""Appazur: students with the people to call, and accounts of staff. Its classes are a set of Infinite Campus."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from bench.rosters.vendors.model import District
from bench.rosters.vendors.people import address, grade, number, phone


def contacts(district: District) -> dict[str, pl.LazyFrame]:
    """One row a student: the guardians as contacts 1 and 2, the first again as 3, as senders fill groups up."""
    students = district.students.lazy()
    guardians = district.guardians.lazy().select(
        "guardian", "given", "family", email=address("guardian", "guardian", "example.com")
    )
    for place, key in enumerate(("guardian_1", "guardian_2", "guardian_1"), 1):
        named = guardians.rename({name: f"{name}{place}" for name in ("given", "family", "email")})
        students = students.join(named, left_on=key, right_on="guardian", how="left", maintain_order="left")
    columns = (column for place in (1, 2, 3) for column in _contact(place))
    return {
        "students.txt": students.select(
            number("student").alias("Student Number"),
            pl.col("given").alias("First Name"),
            pl.col("family").alias("Last Name"),
            grade().alias("Grade Level"),
            pl.col("school").cast(pl.String).alias("School ID"),
            *columns,
        )
    }


def _contact(place: int) -> Iterator[pl.Expr]:
    guardian = "guardian_2" if place == 2 else "guardian_1"
    label = f"Contact {place}"
    yield pl.col(f"given{place}").alias(f"{label} First Name")
    yield pl.col(f"family{place}").alias(f"{label} Last Name")
    yield phone(guardian, "(555) 555-").alias(f"{label} Primary Phone")
    yield phone(guardian, "+1 555-555-").alias(f"{label} Cell Phone")
    yield pl.col(f"email{place}").alias(f"{label} Email Address")


def staff(district: District) -> dict[str, pl.LazyFrame]:
    """Teachers and principals; the columns are our own, but for there being an e-mail address."""
    is_teacher = pl.col("role") == "teacher"
    access = pl.when(is_teacher).then(pl.lit("Instructor Access")).otherwise(pl.lit("Administrator Access"))
    return {
        "staff.csv": district.staff.lazy().select(
            pl.col("given").alias("First Name"),
            pl.col("family").alias("Last Name"),
            address("staff", "staff").alias("Email Address"),
            access.alias("Permission"),
        )
    }
