"""How the validator is measured: processes, what is found against what was planted, tables."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from bench import beside, processes, scaling, small, validator, verdicts
from bench.page import Table
from bench.peers.rules import read_rules
from bench.prepared import Prepared
from bench.processes import FailedError, Ran
from bench.rosters.damage import Dose
from bench.rosters.kinds import Mistake

PLANTED = (Mistake(2, "role", "enum"), Mistake(5, "role", "enum"), Mistake(7, "", "ragged-row"))


def ran(wall: float) -> Ran:
    return Ran(wall, wall, 100.0, 0, "")


# --- processes


def test_process_tells_its_time_memory_and_output() -> None:
    light = processes.run((sys.executable, "-c", "print('light')"))
    heavy = processes.run((sys.executable, "-c", "import time; held = bytearray(64 << 20); time.sleep(0.2)"))
    assert light.output == "light\n"
    assert heavy.wall >= 0.2
    assert light.rss_mib + 60 < heavy.rss_mib < light.rss_mib + 100


def test_process_with_another_exit_code_is_an_error_with_its_last_words() -> None:
    command = (sys.executable, "-c", "import sys; sys.exit('no such luck')")
    with pytest.raises(FailedError, match="exit code 1: no such luck"):
        processes.run(command)
    assert processes.run(command, codes=(0, 1)).code == 1


def test_processes_take_turns_after_a_round_that_does_not_count(tmp_path: Path) -> None:
    def note(word: str) -> tuple[str, ...]:
        return (sys.executable, "-c", f"open({str(tmp_path / 'log')!r}, 'a').write({word!r})")

    rans = processes.in_turn({"a": note("a"), "b": note("b")}, 2)
    assert (tmp_path / "log").read_text() == "ababab"
    assert [len(each) for each in rans.values()] == [2, 2]


def test_ratio_is_that_of_neighbours() -> None:
    assert processes.ratio([ran(2), ran(30), ran(8)], [ran(1), ran(10), ran(2)]) == 3


# --- found against planted


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (list(PLANTED), (3, 3, 0)),
        ([], (0, 0, 0)),
        ([(2, "role", "enum"), (6, "role", "enum")], (2, 1, 0)),
        ([(None, "role", "enum")] * 3, (2, 0, 1)),
        ([(7, "", "ragged-row"), (7, "role", "enum"), (9, "", "encoding")], (2, 1, 1)),
    ],
    ids=["all", "none", "another line", "no lines, one too many", "something else"],
)
def test_match_counts_what_is_found_on_which_line_and_besides(
    found: list[verdicts.Found], expected: tuple[int, int, int]
) -> None:
    match = verdicts.match(PLANTED, found)
    assert (match.found, match.right_lines, match.besides) == expected
    assert match.is_exact == (expected == (3, 3, 0))


def test_difference_says_what_is_missing_and_what_is_besides() -> None:
    found: list[verdicts.Found] = [(2, "role", "enum"), (7, "", "ragged-row"), (8, "", "encoding")]
    assert verdicts.difference(PLANTED, found) == (
        "line 5: enum role was planted and not found",
        "line 8: encoding  was found and not planted",
    )


def test_exactness_fails_where_the_list_is_another(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prepared = Prepared(tmp_path)
    path = prepared.damaged_users("damaged", 1000, Dose(100))
    assert validator.exactness(prepared, path) == "yes"
    prepared.planted[path] = prepared.planted[path][1:]
    assert validator.exactness(prepared, path) == "NO, INVALID: 0 missing, 1 besides"
    assert "was found and not planted" in capsys.readouterr().err


# --- tables


def test_figure_beyond_its_most_says_so() -> None:
    assert validator.beside_most(2.005, 2.0, 3) == ("2.005 OVER", "2")
    assert validator.beside_most(1.9, 2.0) == ("1.90", "2")
    assert validator.beside_most(99, None) == ("99.00", "")


def test_validator_row_has_a_figure_for_each_heading(tmp_path: Path) -> None:
    prepared = Prepared(tmp_path)
    folder = prepared.enrollments("enrollments", 500, Dose(100, crlf=True, bom=True))
    case = validator.Case("damaged", folder, 500, 1.6, 1.0, prepared.enrollments("clean", 500))
    row = validator._row(case, prepared, validator.Size(0, 0, 0, 1, is_full=True))
    assert len(row) == len(validator._HEAD)
    assert row[-1] == "yes"
    assert row[-3].endswith("OVER")
    assert Table("validator", "V", "", validator._HEAD, (row,)).to_markdown().count("damaged") == 1


def test_scaling_row_wants_the_right_verdict(tmp_path: Path) -> None:
    path = Prepared(tmp_path).users("clean", 100)
    row = scaling._row(scaling.Case("clean", path, 100, None), path, 1, promised=True)
    assert row[:2] == ("clean", "100")
    with pytest.raises(ValueError, match="expected exit code 1"):
        scaling._row(scaling.Case("clean", path, 100, None, validator.REJECTED), path, 1, promised=True)


def test_many_files_are_told_with_the_parts_of_the_code(tmp_path: Path) -> None:
    many = small._many(Prepared(tmp_path), tmp_path / "many", 3)
    assert [len(file.read_bytes().splitlines()) for file in many.iterdir()] == [51] * 3
    told = json.loads(processes.run(processes.python("bench.manyfiles", many, "--profile")).output)
    assert (told["files"], told["errors"]) == (3, 0)
    assert sum(told["parts"].values()) == pytest.approx(1)
    assert {"polars", "watcher/validation/file"} <= told["parts"].keys()
    assert small._together([Ran(1, 1, 90, 0, json.dumps(told))])[0].startswith("one of many")


# --- peers


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> beside.Files:
    return beside._files(tmp_path_factory.mktemp("peers"), SIZE)


SIZE = beside.Size(rows=300, slice_rows=100, damaged_rows=600, damaged=100, runs=1)


def test_rules_for_the_peers_are_those_of_the_dataset(files: beside.Files) -> None:
    rules = read_rules(files.rules)
    assert len(rules.columns) == 20
    assert rules.key == "sourcedId"
    assert "username" in rules.row_schema()["required"]


def test_peer_that_is_not_installed_is_in_the_table(files: beside.Files) -> None:
    row = beside._row(beside._checks("some tool", "none", "no_such_package"), files, SIZE)
    assert row[:2] == ("some tool", "not installed")
    assert len(row) == len(beside._HEAD)


def test_slow_peer_is_measured_on_a_slice_and_says_so(files: beside.Files) -> None:
    peer = next(peer for peer in beside.PEERS if peer.is_slow)
    row = beside._row(peer, files, SIZE)
    assert len(row) == len(beside._HEAD)
    assert row[1].startswith("~")
    assert row[5:8] == ("100.0 %", "100.0 %", "0")


def test_peer_that_refuses_a_file_is_in_the_table(files: beside.Files, capsys: pytest.CaptureFixture[str]) -> None:
    peer = beside.Peer("gives up", lambda *_: (sys.executable, "-c", "import sys; sys.exit('enough')"))
    assert beside._verdict(peer, files, files.damaged[0])[0] == "refuses the file"
    assert "enough" in capsys.readouterr().err
