"""The students that a root's pictures are compared with, as the configuration says where they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from watcher.config import RosterSettings, Settings, load
from watcher.errors import ConfigError


def read(folder: Path, roots: str) -> Settings:
    file = folder / "config.yaml"
    file.write_text(f"work_dir: /srv/ew\nroots: [{roots}]\n", encoding="utf-8")
    return load(file, {})


def test_roster_is_read_for_a_root_and_for_a_folder(tmp_path: Path) -> None:
    roster = "roster: {root: users, file: students.csv, column: Student Id}"
    settings = read(tmp_path, f"{{path: /a, {roster}}}, {{path: /b, folders: {{users: {{}}, photos: {{{roster}}}}}}}")
    expected = RosterSettings(root="users", file="students.csv", column="Student Id")
    assert [root.roster for root in settings.roots] == [expected, None, expected]


@pytest.mark.parametrize(
    ("roster", "told"),
    [
        ("users", "roots[0].roster: expected a mapping with root, file and column"),
        ("{root: users, file: s.csv}", "roots[0].roster: expected the key column, found none"),
        (
            "{root: users, file: s.csv, column: id, colum: x}",
            "roots[0].roster.colum: expected an option, found 'colum'; write column",
        ),
        ("{root: users, file: ../s.csv, column: id}", "roots[0].roster.file: expected a plain file name"),
        ("{root: a/b, file: s.csv, column: id}", "roots[0].roster.root: expected the name of a root"),
        ('{root: users, file: s.csv, column: ""}', "roots[0].roster.column: expected a column's name"),
    ],
)
def test_roster_that_is_wrong_is_told_with_its_line(tmp_path: Path, roster: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, f"{{path: /a, roster: {roster}}}")
    [problem] = caught.value.problems
    assert problem.startswith(f"{tmp_path}/config.yaml:2: {told}")
