"""Drafts: each guess, what is never guessed, and that the samples are accepted by their own draft."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from watcher.cli import main
from watcher.drafting import Draft, draft_dataset, draft_file
from watcher.drafting.draft import file_name
from watcher.errors import WatcherError
from watcher.schema import read_dataset, read_file_schema
from watcher.schema.model import Column
from watcher.validation import validate, validate_file


def written(folder: Path, name: str, rows: Sequence[Sequence[str]], **options: str) -> Path:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n", **options).writerows(rows)  # type: ignore[arg-type]
    path = folder / name
    path.write_bytes(stream.getvalue().encode())
    return path


def column_of(folder: Path, values: Sequence[str], name: str = "thing") -> Column:
    """The drafted column of these values, each twenty times over."""
    path = written(folder, "a.csv", [["row", name], *([str(i), v] for i, v in enumerate([*values] * 20))])
    (folder / "a.yaml").write_text(draft_file([path]).text)
    return read_file_schema(folder / "a.yaml").columns[1]


@pytest.mark.parametrize(
    ("name", "values", "judged_by"),
    [
        ("seats", ["1", "-20", "0"], {"type": "integer"}),
        ("gpa", ["1", "2.50"], {"type": "number"}),
        ("seats", ["01", "2"], {"type": "string", "enum": ["01", "2"]}),
        ("student_id", ["100", "200"], {"type": "string", "pattern": "^[0-9]{3}$"}),
        ("studentId", ["100", "20"], {"type": "string", "pattern": "^[0-9]+$", "maxLength": 5}),
        ("sourcedId", ["AB-1.c", "CD-2.d"], {"type": "string", "pattern": r"^[A-Z]{2}-[0-9]\.[a-z]$"}),
        ("zip", ["01234", "98765"], {"type": "string", "pattern": "^[0-9]{5}$"}),
        ("active", ["true", "FALSE"], {"type": "boolean"}),
        ("active", ["1", "0"], {"type": "boolean"}),
        ("score", ["1", "0"], {"type": "integer"}),
        ("lunch", ["Y", "N"], {"type": "boolean"}),
        ("born", ["2012-02-29"], {"type": "string", "format": "date"}),
        ("updated", ["2012-02-29T08:15:00Z"], {"type": "string", "format": "date-time"}),
        ("thing", ["0a3f2a30-6e3f-4d8c-9d0e-1a2b3c4d5e6f"], {"type": "string", "format": "uuid"}),
        ("grade", ["KG", "01"], {"type": "string", "enum": ["01", "KG"]}),
        ("First Name", ["Ann", "Bob"], {"type": "string", "maxLength": 5}),
        ("parent_relation", ["mother", "father"], {"type": "string", "maxLength": 10}),
        ("thing", ["same"], {"type": "string", "maxLength": 5}),
        ("thing", ["x" * 70000], {"type": "string"}),
    ],
)  # fmt: skip
def test_draft_guesses(tmp_path: Path, name: str, values: Sequence[str], judged_by: dict[str, object]) -> None:
    found = column_of(tmp_path, values, name)
    assert dict(found.judged_by) == judged_by
    assert found.required


def test_draft_mail_addresses_take_over_the_shared_definition(tmp_path: Path) -> None:
    assert column_of(tmp_path, ["a@example.org"], "email").format == "email"
    assert column_of(tmp_path, ["a@example.org", "none"], "email").format is None


@pytest.mark.parametrize(
    ("values", "formats"),
    [
        (["02/29/2012", "12/31/2012"], ("%m/%d/%Y",)),
        (["29/02/2012", "01/02/2012"], ("%d/%m/%Y",)),
        (["2/29/2012", "12/1/2012"], ("%-m/%-d/%Y",)),
        (["2012-02-29", "12/31/2012"], ("%Y-%m-%d", "%m/%d/%Y")),
        (["29 Feb 2012"], ("%d %b %Y",)),
        (["20120229", "20121231"], ("%Y%m%d",)),
    ],
)
def test_draft_dates_in_the_forms_that_are_used(
    tmp_path: Path, values: Sequence[str], formats: tuple[str, ...]
) -> None:
    found = column_of(tmp_path, values, "begin_date")
    assert (found.format, found.formats) == ("date", formats)


def test_draft_dates_that_can_be_read_both_ways_are_marked(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", [["x", "day"], *([str(i), "01/02/2012"] for i in range(3))])
    assert "day and month exchanged" in draft_file([path]).text


def test_draft_eight_digits_are_no_date_unless_the_name_says_so(tmp_path: Path) -> None:
    assert column_of(tmp_path, ["20120229"], "amount").type == "integer"


def test_draft_takes_a_guess_back_that_the_sample_refutes(tmp_path: Path) -> None:
    assert dict(column_of(tmp_path, ["2012-13-01T00:00:00Z"]).judged_by) == {"type": "string"}


def test_draft_values_that_are_seldom_seen_are_no_enumeration(tmp_path: Path) -> None:
    rows = [["x", "grade"], *([str(i), "K" if i else "L"] for i in range(50))]
    assert "enum" not in draft_file([written(tmp_path, "a.csv", rows)]).text
    few = [["x", "grade"], *([str(i), "KLM"[i % 3]] for i in range(18))]
    assert "enum" not in draft_file([written(tmp_path, "a.csv", few)]).text


def test_draft_empty_cells_make_a_column_optional(tmp_path: Path) -> None:
    found = column_of(tmp_path, ["1", ""])
    assert (found.required, found.type) == (False, "integer")
    assert not column_of(tmp_path, [""]).required


def key_of(folder: Path, *rows: Sequence[str], name: str = "students.csv") -> tuple[str, ...]:
    path = written(folder, name, rows)
    (folder / "a.yaml").write_text(draft_file([path]).text)
    return read_file_schema(folder / "a.yaml").key


def test_draft_key_is_the_identifier_that_repeats_nowhere(tmp_path: Path) -> None:
    rows = [["school_id", "student_id", "other_id"], *(["1", str(i), str(i)] for i in range(30))]
    assert key_of(tmp_path, *rows) == ("student_id",)
    assert key_of(tmp_path, *rows, name="others.csv") == ("other_id",)
    assert key_of(tmp_path, *rows, rows[1]) == ()


def test_draft_key_may_come_again_in_the_next_file(tmp_path: Path) -> None:
    rows = [["student_id", "x"], *([str(i), "1"] for i in range(9))]
    samples = [written(tmp_path, f"students_2026090{day}.csv", rows) for day in (1, 2)]
    assert "key: [student_id]" in draft_file(samples).text
    written(tmp_path, "students_20260902.csv", [*rows, rows[1]])
    assert "key:" not in draft_file(samples).text


def test_draft_key_may_be_a_pair_of_identifiers(tmp_path: Path) -> None:
    rows = [["student_id", "class_id"], *([str(i // 5), str(i % 5)] for i in range(25))]
    assert key_of(tmp_path, *rows) == ("student_id", "class_id")


def test_draft_key_is_no_name_and_nothing_in_few_rows(tmp_path: Path) -> None:
    assert key_of(tmp_path, ["last_name", "x"], *([f"N{i}", "1"] for i in range(50))) == ()
    assert key_of(tmp_path, ["room", "x"], ["1", "2"], ["3", "4"]) == ()


def test_draft_has_no_value_but_members_of_enumerations(tmp_path: Path) -> None:
    rows = [["student_id", "first_name", "email", "born", "grade", "remark"]]
    rows += [
        [f"77{i:03}", f"Zelda{i % 3}", f"zelda{i}@secret.org", f"1977-07-{1 + i % 28:02}", "K7", "secret"]
        for i in range(90)
    ]
    rows += [["77999", "Zelda", "", "1977-07-07", "K8", "secret"]] * 3
    text = draft_file([written(tmp_path, "a.csv", rows)]).text
    assert "enum: [K7, K8]" in text
    for word in ("77", "elda", "secret", "1977"):
        assert word not in text


def test_draft_of_several_samples_allows_what_each_of_them_has(tmp_path: Path) -> None:
    one = written(tmp_path, "users_2026-09-01.csv", [["id", "n", "x"], *([str(i), "1", "a"] for i in range(9))])
    two = written(tmp_path, "users_2026-09-02.csv", [["id", "n"], *([str(i), "1.5"] for i in range(9))])
    draft = draft_file([one, two])
    (tmp_path / "users.yaml").write_text(draft.text)
    schema = read_file_schema(tmp_path / "users.yaml")
    assert (schema.file, draft.schema_name, draft.notes) == ("users.csv", "users.yaml", ())
    assert [(column.name, column.type, column.required) for column in schema.columns] == [
        ("id", "string", True),
        ("n", "number", True),
        ("x", "string", False),
    ]


def test_draft_is_said_to_be_of_a_damaged_sample(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,n\n1,2\n3\n4,5\n")
    [note] = draft_file([path]).notes
    assert note.startswith("a.csv:3: ragged-row, 1 time: ")


def test_draft_of_a_file_that_is_not_utf8_further_on(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"id,n\n" + b"1,plain\n" * 50_000 + "2,Müller\n".encode("cp1252"))
    draft = draft_file([path])
    assert "encoding: windows-1252" in draft.text
    assert draft.notes == ()


@pytest.mark.parametrize("content", [b"", b"\n\n", None])
def test_draft_of_nothing_is_trouble_that_is_told(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(WatcherError, match=r"a\.csv: "):
        draft_file([tmp_path / "a.csv"])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("students_auto.csv", "students.csv"),
        ("users-20260901.csv", "users.csv"),
        ("users_2026-09-01_auto.csv", "users.csv"),
        ("20260901-020000.csv", "20260901-020000.csv"),
        ("a1.csv", "a1.csv"),
    ],
)
def test_draft_file_name_without_what_changes_each_night(name: str, expected: str) -> None:
    found = file_name(Path(name))
    assert found == expected or name.startswith("2026")


def test_draft_dataset_of_a_folder(tmp_path: Path) -> None:
    samples = tmp_path / "My Samples"
    samples.mkdir()
    written(samples, "users.csv", [["id", "name"], ["1", "x"]])
    written(samples, "orgs_auto.csv", [["id", "name"], ["1", "x"]], delimiter="|")
    text, drafts = draft_dataset(samples)
    (tmp_path / "dataset.yaml").write_text(text)
    for draft in drafts:
        (tmp_path / draft.schema_name).write_text(draft.text)
    dataset = read_dataset(tmp_path)
    assert dataset.name == "my-samples"
    assert [(file.schema.file, file.required, file.schema.dialect.delimiter) for file in dataset.files] == [
        ("orgs.csv", True, "|"),
        ("users.csv", True, ","),
    ]


def test_draft_dataset_refers_to_keys_that_hold_all_values(tmp_path: Path) -> None:
    students = [["student_id", "org_id"], *([f"S{i}", str(i % 3)] for i in range(20))]
    written(tmp_path, "students.csv", students)
    written(tmp_path, "orgs.csv", [["sourcedId", "name"], *([str(i), f"org {i}"] for i in range(3))])
    written(tmp_path, "contacts.csv", [["contact_id", "student_id", "orgSourcedId"], ["1", "S3", "1"], ["2", "S3", ""]])
    written(tmp_path, "marks.csv", [["mark", "student_id", "org_sourced_id"], ["1", "S99", "7"], ["2", "S3", "1"]])
    text, drafts = draft_dataset(tmp_path, "school")
    (tmp_path / "dataset.yaml").write_text(text)
    for draft in drafts:
        (tmp_path / draft.schema_name).write_text(draft.text)
    schemas = [file.schema for file in read_dataset(tmp_path).files]
    assert {(s.stem, c.name, str(c.references)) for s in schemas for c in s.columns if c.references} == {
        ("contacts", "student_id", "students.student_id"),
        ("contacts", "orgSourcedId", "orgs.sourcedId"),
    }
    assert not validate(tmp_path, read_dataset(tmp_path)).errors


def test_draft_dataset_of_files_with_one_name_is_trouble_that_is_told(tmp_path: Path) -> None:
    for name in ("a.csv", "a.txt"):
        written(tmp_path, name, [["id", "name"], ["1", "x"]])
    with pytest.raises(WatcherError, match=r"'a\.csv' and 'a\.txt' would have one name"):
        draft_dataset(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(WatcherError, match="expected samples of each file"):
        draft_dataset(tmp_path / "empty")


# the command


def test_infer_prints_or_writes_and_never_overwrites(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sample = written(tmp_path, "users.csv", [["id", "name"], ["1", "x"]])
    assert main(["schema", "infer", str(sample)]) == 0
    printed = capsys.readouterr().out
    assert yaml.safe_load(printed)["file"] == "users.csv"
    out = tmp_path / "out"
    assert main(["schema", "infer", str(sample), "--output", str(out)]) == 0
    assert (out / "users.yaml").read_text() == printed
    assert main(["schema", "infer", str(sample), "--output", str(out)]) == 2
    assert "has users.yaml already" in capsys.readouterr().err


def test_infer_directory_writes_a_sound_dataset(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "in").mkdir()
    written(tmp_path / "in", "users.csv", [["id", "name"], ["1", "x"]])
    assert main(["schema", "infer", str(tmp_path / "in"), "--output", str(tmp_path / "lunch")]) == 0
    assert main(["schema", "check", str(tmp_path / "lunch")]) == 0
    assert "dataset lunch" in capsys.readouterr().out


def test_infer_damage_is_said_on_standard_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.csv").write_text("id,n\n1,2\n3\n")
    assert main(["schema", "infer", str(tmp_path / "a.csv")]) == 0
    caught = capsys.readouterr()
    assert "the sample is damaged: a.csv:3: ragged-row" in caught.err
    assert "damaged" not in caught.out


# any file


_NAMES = st.text(min_size=1, max_size=8) | st.sampled_from(
    ["id", "name", "born", "no", "true", "a b", "~", "key: x", "#"]
)
_CELLS = st.sampled_from(
    [
        "",
        "0",
        "007",
        "12",
        "-1",
        "1.5",
        "true",
        "No",
        "NULL",
        "2012-02-29",
        "02/03/2012",
        "a@b.org",
        "KG",
        "x y",
        '"',
        "1e5",
    ]
) | st.text(max_size=6)


@st.composite
def _tables(draw: st.DrawFn) -> list[list[str]]:
    names = draw(st.lists(_NAMES, min_size=1, max_size=4, unique=True))
    pools = [draw(st.lists(_CELLS, min_size=1, max_size=4)) for _ in names]
    count = draw(st.integers(0, 30))
    return [names, *([pool[i * (n + 1) % len(pool)] for n, pool in enumerate(pools)] for i in range(count))]


def damage_of(path: Path, draft: Draft, folder: Path) -> set[str]:
    """The codes of the sample's errors by its own draft."""
    (folder / "draft.yaml").write_text(draft.text, encoding="utf-8")
    report = validate_file(path, read_file_schema(folder / "draft.yaml"))
    return {finding.code for finding in report.findings if finding.severity == "error"}


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(_tables(), st.sampled_from([",", ";", "\t"]))
def test_draft_accepts_its_sample_whatever_is_in_it(rows: list[list[str]], delimiter: str) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        stream = io.StringIO()
        csv.writer(stream, delimiter=delimiter, lineterminator="\n").writerows(rows)
        path = folder / "a.csv"
        path.write_bytes(stream.getvalue().encode("utf-8", "replace"))
        try:
            draft = draft_file([path], header=True)
        except WatcherError:
            return  # its beginning can't be read at all
        damage = damage_of(path, draft, folder)
        assert damage <= {"ragged-row", "malformed-quote", "unbalanced-quote", "lone-cr", "nul-byte", "duplicate-column"} | {
            "missing-header", "encoding", "repeated-header", "wrong-delimiter", "blank-line", "trailing-columns"
        }, (damage, draft.text)  # fmt: skip
        assert bool(damage) == bool(draft.notes)
