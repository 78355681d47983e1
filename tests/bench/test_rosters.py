"""The made-up rosters: the same for the same seed, sound, and damaged exactly as the list says."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import watcher
from bench import verdicts
from bench.rosters import DATASET
from bench.rosters.damage import Dose, damage, write_mistakes
from bench.rosters.kinds import Mistake
from bench.rosters.kinds_by_table import KINDS
from bench.rosters.tables import MAKERS, District
from bench.rosters.writing import Form, write, write_all
from watcher.schema import read_dataset

ROWS = {"orgs": 800, "users": 1500, "classes": 1200, "enrollments": 1500}


def district(seed: int = 1, **more: float) -> District:
    sizes = {name: ROWS[name] for name in ("orgs", "users", "classes")}
    return District(**sizes, seed=seed, accents=0.1, **more)  # type: ignore[arg-type] # a dict of many types


# --- sound ones


@pytest.mark.parametrize("table", MAKERS)
def test_rows_are_the_same_for_the_same_seed(table: str, tmp_path: Path) -> None:
    one, same, other = (
        write(tmp_path / str(i), table, 50, District(seed=seed)).read_bytes() for i, seed in enumerate((7, 7, 8))
    )
    assert one == same
    assert one != other
    assert one.count(b"\n") == 51


@pytest.mark.parametrize(
    "form", [Form(), Form(quoted=True, crlf=True, bom=True)], ids=["plain", "quoted, CRLF, byte-order mark"]
)
def test_sound_rosters_are_accepted_without_a_word(form: Form, tmp_path: Path) -> None:
    folder = write_all(tmp_path / "drop", district(lists=0.2, line_breaks=0.2, extra_columns=40), 1500, form)
    report = watcher.validate(folder, read_dataset(DATASET))
    assert report.findings == ()
    assert {file.rows for file in report.files} == set(ROWS.values())


def test_users_have_20_columns_and_about_290_bytes_a_row(tmp_path: Path) -> None:
    data = write(tmp_path / "users.csv", "users", 1000, District(users=1000)).read_bytes()
    assert data.partition(b"\n")[0].count(b",") == 19
    assert 280 < len(data) / 1000 < 300


def test_wrong_dates_are_an_error_in_every_row(tmp_path: Path) -> None:
    path = write(tmp_path / "users.csv", "users", 300, District(users=300, wrong_dates=True))
    report = watcher.validate(path, read_dataset(DATASET))
    assert [(finding.code, finding.column, finding.count) for finding in report.findings] == [
        ("format", "birthDate", 300)
    ]


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
def test_another_encoding_holds_the_same_text(encoding: str, tmp_path: Path) -> None:
    plain = write(tmp_path / "utf8", "users", 300, district())
    other = write(tmp_path / "other", "users", 300, district(), Form(encoding=encoding))
    assert other.read_bytes() != plain.read_bytes()
    assert other.read_bytes().decode(encoding) == plain.read_text()


# --- damaged ones


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("table", MAKERS)
def test_damage_is_found_exactly_as_planted(table: str, seed: int, tmp_path: Path) -> None:
    folder = write_all(tmp_path / "drop", district(seed), ROWS["enrollments"])
    path = folder / f"{table}.csv"
    sound = path.rename(tmp_path / "sound")
    planted = damage(sound, path, table, Dose(200, seed, crlf=seed == 2, bom=seed == 2))
    only_this = tmp_path / "judged"
    only_this.mkdir()
    # Rows that can't be read are missed by those that refer to them: of other files only those it refers to stay.
    for name in {"enrollments": MAKERS, "classes": ("orgs", "classes")}.get(table, (table,)):
        (folder / f"{name}.csv").rename(only_this / f"{name}.csv")
    assert verdicts.difference(planted, verdicts.ours(only_this)) == ()


def test_damage_knows_many_kinds_and_plants_each() -> None:
    assert len({kind.name for kind in KINDS["users"]}) == len(KINDS["users"]) > 60
    assert {kind.name for kind in KINDS["enrollments"]} >= {"unknown class", "unknown school", "unknown user"}


def test_damage_is_the_same_for_the_same_seed_and_told_in_order(tmp_path: Path) -> None:
    sound = write(tmp_path / "users.csv", "users", 1000, district())
    planted = [damage(sound, tmp_path / str(i), "users", Dose(150, seed)) for i, seed in enumerate((5, 5, 6))]
    assert (tmp_path / "0").read_bytes() == (tmp_path / "1").read_bytes() != (tmp_path / "2").read_bytes()
    assert planted[0] == planted[1] != planted[2]
    assert list(planted[0]) == sorted(planted[0])


def test_damage_of_cells_only_leaves_every_row_whole(tmp_path: Path) -> None:
    sound = write(tmp_path / "users.csv", "users", 1000, district())
    planted = damage(sound, tmp_path / "damaged", "users", Dose(200, cells_only=True))
    with (tmp_path / "damaged").open(newline="") as stream:
        assert {len(row) for row in csv.reader(stream)} == {20}
    assert len(planted) > 150
    assert all(mistake.column for mistake in planted)


def test_damage_needs_sound_rows_about_it(tmp_path: Path) -> None:
    sound = write(tmp_path / "users.csv", "users", 100, district())
    with pytest.raises(ValueError, match="too few rows for 50"):
        damage(sound, tmp_path / "damaged", "users", Dose(50))


def test_damage_refuses_a_file_with_quotes(tmp_path: Path) -> None:
    sound = write(tmp_path / "users.csv", "users", 100, district(), Form(quoted=True))
    with pytest.raises(ValueError, match="has quotes"):
        damage(sound, tmp_path / "damaged", "users", Dose(10))


def test_mistakes_are_written_as_csv(tmp_path: Path) -> None:
    write_mistakes((Mistake(3, "", "ragged-row"), Mistake(5, "role", "enum")), tmp_path / "list.csv")
    assert (tmp_path / "list.csv").read_text() == "line,column,code\n3,,ragged-row\n5,role,enum\n"


def test_command_writes_a_damaged_file_and_its_list(tmp_path: Path) -> None:
    out = tmp_path / "users.csv"
    command = [sys.executable, "-m", "bench.rosters", "users", str(out), "--rows", "400", "--damaged", "80", "--crlf"]
    subprocess.run(command, check=True)
    with (tmp_path / "users.csv.mistakes.csv").open(newline="") as stream:
        planted = [Mistake(int(line), column, code) for line, column, code in list(csv.reader(stream))[1:]]
    assert verdicts.difference(planted, verdicts.ours(out)) == ()
    assert Counter(mistake.code for mistake in planted)["ragged-row"]
    assert not (tmp_path / "users.csv.sound").exists()
