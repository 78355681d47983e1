"""One made-up district as frames: made once, shown by each vendor's module in its own form.

The proportions are those of real districts: 25 students in a class, 7 classes a student, 15 students a teacher, 1.7
guardians a student; siblings share their guardians. A million students take about 1.5 GB.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from bench.rosters.vendors import words

Numbers = npt.NDArray[np.int64]

YEAR = 2027
BEGIN, MIDDLE, END = date(2026, 8, 24), date(2027, 1, 16), date(2027, 6, 12)
LATE = date(2026, 10, 5)

_IN_CLASS = 25
_TO_TEACHER = 15
#: kind of school, its grades by their place in `words.GRADES`, how many students it has
_LEVELS = (("Elementary", range(6), 450), ("Middle", range(6, 9), 700), ("High", range(9, 13), 1200))
#: Parts of the model have a chance each of their own: what one draws doesn't change the others.
_PARTS = {name: place for place, name in enumerate(("students", "families", "names", "guardians", "staff", "places"))}


@dataclass(frozen=True)
class District:
    """A district of so many students. Each frame has the number of its row first, 0 and up."""

    students_count: int = 3_700
    seed: int = 1

    @cached_property
    def schools(self) -> pl.DataFrame:
        """school, name, level, low and high (places in `GRADES`); one of each level at least."""
        rows: list[tuple[int, str, str, int, int]] = []
        for level, grades, size in _LEVELS:
            share = self.students_count * len(grades) / len(words.GRADES)
            for number in range(max(round(share / size), 1)):
                tree = words.TREES[(len(rows) + self.seed) % len(words.TREES)]
                numbered = f" {number + 1}" if number else ""
                rows.append((len(rows), f"{tree} {level} School{numbered}", level, grades[0], grades[-1]))
        return pl.DataFrame(rows, schema=["school", "name", "level", "low", "high"], orient="row")

    @cached_property
    def students(self) -> pl.DataFrame:
        """student, school, grade (a place), household, guardian_1, guardian_2 (maybe null), names, sex, born, race.

        Besides `hispanic` and town (a place in `TOWNS`). In the order of schools and grades.
        """
        lot, count = self._lot("students"), self.students_count
        grade = lot.integers(0, len(words.GRADES), count)
        school = np.zeros(count, dtype=np.int64)
        for low, high, first, schools in self._levels():
            here = (grade >= low) & (grade <= high)
            school[here] = first + lot.integers(0, schools, int(here.sum()))
        order = np.lexsort((grade, school))
        grade, school = grade[order], school[order]
        days = lot.integers(0, 365, count).astype("timedelta64[D]")
        years = (2021 - grade - 1970).astype("datetime64[Y]").astype("datetime64[D]")
        households = self._households
        return pl.DataFrame(
            {
                "student": np.arange(count),
                "school": school,
                "grade": grade,
                "born": years - np.timedelta64(122, "D") + days,
                "race": _drawn(words.RACES, lot, count),
                "hispanic": lot.random(count) < 0.25,
                "town": lot.integers(0, len(words.TOWNS), count),
                "household": households,
            }
        ).with_columns(*self._names(households, "names"), *self._guardians_of(households))

    @cached_property
    def guardians(self) -> pl.DataFrame:
        """guardian, household, school (of one of the children), names, sex."""
        of_household = self._guardian_counts
        household = np.repeat(np.arange(len(of_household)), of_household)
        school = self.students.unique("household", keep="first", maintain_order=True).sort("household")["school"]
        return pl.DataFrame(
            {"guardian": np.arange(len(household)), "household": household, "school": school.gather(household)}
        ).with_columns(*self._names(household, "guardians"))

    @cached_property
    def staff(self) -> pl.DataFrame:
        """staff, school, role (teacher or administrator), names: the teachers of each school, then its principal."""
        teachers = self._teacher_counts
        school = np.repeat(np.arange(len(teachers)), teachers + 1)
        places = np.arange(len(school)) - np.repeat(np.cumsum(teachers + 1) - teachers - 1, teachers + 1)
        is_principal = places == np.repeat(teachers, teachers + 1)
        families = self._lot("staff").integers(0, len(words.FAMILIES), len(school))
        return pl.DataFrame({"staff": np.arange(len(school)), "school": school}).with_columns(
            pl.Series("role", np.where(is_principal, "administrator", "teacher")), *self._names(families, "staff")
        )

    @cached_property
    def courses(self) -> pl.DataFrame:
        """course, grade, title, code, subject, subject_code: each subject in each grade."""
        rows = [
            (f"{title} {words.GRADES[grade]}", f"{short}-{words.GRADES[grade]}", grade, title, code)
            for grade in range(len(words.GRADES))
            for title, short, code, _ in words.SUBJECTS
        ]
        schema = ["title", "code", "grade", "subject", "subject_code"]
        return pl.DataFrame(rows, schema=schema, orient="row").with_row_index("course").cast({"course": pl.Int64})

    @cached_property
    def classes(self) -> pl.DataFrame:
        """class, school, course, grade, section (0 and up), period, half (fall, spring or empty), staff who teaches."""
        subjects = len(words.SUBJECTS)
        groups = self._groups
        sections = groups["sections"].to_numpy()
        repeats = sections * subjects
        group = np.repeat(np.arange(len(groups)), repeats)
        place = np.arange(len(group)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
        subject, section = place // sections[group], place % sections[group]
        school, grade = groups["school"].to_numpy()[group], groups["grade"].to_numpy()[group]
        teachers = self._teacher_counts
        first = np.cumsum(teachers + 1) - teachers - 1
        halves = np.array([half for *_, half in words.SUBJECTS])
        return pl.DataFrame(
            {
                "class": np.arange(len(group)),
                "school": school,
                "course": grade * subjects + subject,
                "grade": grade,
                "section": section,
                "period": subject + 1,
                "half": halves[subject],
                "staff": first[school] + np.arange(len(group)) % teachers[school],
            }
        )

    @cached_property
    def enrollments(self) -> pl.DataFrame:
        """enrollment, class, school, person (a student's or staff's number), role, begin, end; students first."""
        subjects = len(words.SUBJECTS)
        students = pl.DataFrame(
            {
                "class": self._classes_of_students().reshape(-1),
                "person": np.repeat(np.arange(self.students_count), subjects),
            }
        ).with_columns(
            pl.Series("late", np.repeat(self._lot("places").random(self.students_count) < 0.03, subjects)),
            role=pl.lit("student"),
        )
        teachers = self.classes.select("class", person="staff", late=False, role=pl.lit("teacher"))
        spans = self.classes.select("class", "school", "half")
        begin = pl.when(pl.col("half") == "spring").then(MIDDLE).when("late").then(LATE).otherwise(BEGIN)
        end = pl.when(pl.col("half") == "fall").then(MIDDLE).otherwise(END)
        return (
            pl.concat([students, teachers])
            .join(spans, on="class", how="left", maintain_order="left")
            .select("class", "school", "person", "role", begin=begin, end=end)
            .with_row_index("enrollment")
            .cast({"enrollment": pl.Int64})
        )

    @cached_property
    def _groups(self) -> pl.DataFrame:
        """school, grade, count, sections: the students of one grade at one school, in the order of the students."""
        count = pl.len().cast(pl.Int64)
        return self.students.group_by("school", "grade", maintain_order=True).agg(
            count=count, sections=(count + _IN_CLASS - 1) // _IN_CLASS
        )

    def _classes_of_students(self) -> Numbers:
        """The class of each student in each subject: those of a section are mixed anew in each."""
        subjects = np.arange(len(words.SUBJECTS))
        groups = self._groups
        count, sections = groups["count"].to_numpy(), groups["sections"].to_numpy()
        first = np.cumsum(sections * len(subjects)) - sections * len(subjects)
        group = np.repeat(np.arange(len(groups)), count)
        place = np.arange(self.students_count) - np.repeat(np.cumsum(count) - count, count)
        turned = (place[:, None] + place[:, None] // _IN_CLASS * subjects[None, :]) % sections[group][:, None]
        found: Numbers = first[group][:, None] + subjects[None, :] * sections[group][:, None] + turned
        return found

    @cached_property
    def _households(self) -> Numbers:
        """The household of each student: one to three children, drawn from all over the district."""
        lot, count = self._lot("families"), self.students_count
        sizes = lot.choice([1, 2, 3], count, p=[0.6, 0.3, 0.1])
        households = np.repeat(np.arange(count), sizes)[:count]
        found = np.empty(count, dtype=np.int64)
        found[lot.permutation(count)] = households
        return found

    @cached_property
    def _guardian_counts(self) -> Numbers:
        households = int(self._households.max(initial=-1)) + 1
        return 1 + (self._lot("guardians").random(households) < 0.7).astype(np.int64)

    def _guardians_of(self, households: Numbers) -> tuple[pl.Series, pl.Series]:
        counts = self._guardian_counts
        first = (np.cumsum(counts) - counts)[households]
        second = pl.Series("guardian_2", first + 1).to_frame().with_columns(two=counts[households] > 1)
        return pl.Series("guardian_1", first), second.select(pl.when("two").then("guardian_2"))["guardian_2"]

    @cached_property
    def _teacher_counts(self) -> Numbers:
        """How many teachers each school has; one at least."""
        students = np.bincount(self.students["school"].to_numpy(), minlength=len(self.schools))
        found: Numbers = np.maximum(-(-students // _TO_TEACHER), 1)
        return found

    def _levels(self) -> list[tuple[int, int, int, int]]:
        """Lowest and highest grade of each level, its first school, how many schools it has."""
        by_level = self.schools.group_by("level", maintain_order=True)
        return by_level.agg(pl.first("low"), pl.last("high"), pl.first("school"), pl.len()).drop("level").rows()

    def _names(self, families: Numbers, part: str) -> list[pl.Series]:
        """sex, given, middle (one in three has none) and family; those of one family share its name."""
        lot, count = np.random.default_rng((self.seed, len(_PARTS), _PARTS[part])), len(families)
        is_girl = lot.random(count) < 0.5
        given = [_drawn(pool, lot, count) for pool in (words.GIRLS, words.BOYS, words.GIRLS, words.BOYS)]
        name = np.random.default_rng((self.seed, len(_PARTS) + 1, part == "staff")).integers(
            0, len(words.FAMILIES), int(families.max(initial=0)) + 1
        )
        has_middle = pl.Series(lot.random(count) < 0.67)
        girls = pl.Series(is_girl)
        middle = given[2].zip_with(girls, given[3])
        return [
            pl.Series("sex", np.where(is_girl, "F", "M")),
            given[0].zip_with(girls, given[1]).alias("given"),
            middle.zip_with(has_middle, pl.Series([None], dtype=pl.String).new_from_index(0, count)).alias("middle"),
            pl.Series(words.FAMILIES, dtype=pl.String).gather(name[families]).alias("family"),
        ]

    def _lot(self, part: str) -> np.random.Generator:
        return np.random.default_rng((self.seed, _PARTS[part]))


def _drawn(pool: tuple[str, ...], lot: np.random.Generator, count: int) -> pl.Series:
    return pl.Series(pool, dtype=pl.String).gather(lot.integers(0, len(pool), count))
