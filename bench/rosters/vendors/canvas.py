"""Canvas's SIS import, as far as its dataset goes: of the columns only `status` is judged, the identifiers are ours."""

from __future__ import annotations

import polars as pl

from bench.rosters.vendors.model import District
from bench.rosters.vendors.people import everybody, identifier


def files(district: District) -> dict[str, pl.LazyFrame]:
    """Users, courses and enrollments, each with its status."""
    is_teacher = pl.col("role") == "teacher"
    return {
        "users.csv": everybody(district).select(user_id="id", login_id="login", status=pl.lit("active")),
        "courses.csv": district.courses.lazy().select(
            course_id=identifier("CRS", "course"), status=pl.lit("active"), short_name="code"
        ),
        "enrollments.csv": district.enrollments.lazy()
        .join(district.classes.lazy().select("class", "course"), on="class", how="left", maintain_order="left")
        .select(
            course_id=identifier("CRS", "course"),
            user_id=pl.when(is_teacher).then(identifier("TCH", "person")).otherwise(identifier("STU", "person")),
            role="role",
            status=pl.lit("active"),
        ),
    }
