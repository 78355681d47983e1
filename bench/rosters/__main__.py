"""`python -m bench.rosters TABLE OUT.csv`: write one table; `all FOLDER` writes the four of them.

With `--damaged N` so many rows of the table are damaged, and OUT.mistakes.csv says how.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bench.rosters.damage import Dose, damage, write_mistakes
from bench.rosters.tables import MAKERS, District
from bench.rosters.writing import Form, write, write_all


def main() -> int:
    given = _arguments()
    district = District(
        users=given.users or (given.rows if given.table == "users" else max(given.rows // 5, 1)),
        classes=given.classes or max(given.rows // 50, 1),
        orgs=given.orgs,
        seed=given.seed,
        accents=given.accents,
        lists=given.lists,
        line_breaks=given.line_breaks,
        wrong_dates=given.wrong_dates,
        extra_columns=given.extra_columns,
    )
    form = Form() if given.damaged else Form(given.quoted, given.crlf, given.bom, given.encoding)
    if given.table == "all":
        write_all(given.out, district, given.rows, form)
    else:
        write(given.out, given.table, given.rows, district, form)
        if given.damaged:
            _damage(given.out, given)
    return 0


def _damage(path: Path, given: argparse.Namespace) -> None:
    sound = path.rename(f"{path}.sound")
    mistakes = damage(sound, path, given.table, Dose(given.damaged, given.seed, given.crlf, given.bom))
    sound.unlink()
    write_mistakes(mistakes, Path(f"{path}.mistakes.csv"))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.rosters", description="Write made-up rosters.")
    parser.add_argument("table", choices=[*MAKERS, "all"], help="the table, or all four (rows is that of enrollments)")
    parser.add_argument("out", type=Path, help="the file to write; for `all` a folder")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--users", type=int, help="how many users others refer to (a fifth of the rows)")
    parser.add_argument("--classes", type=int, help="how many classes others refer to (a fiftieth of the rows)")
    parser.add_argument("--orgs", type=int, default=500)
    parser.add_argument("--accents", type=float, default=0.0, help="share of names with letters beyond ASCII, 0 to 1")
    parser.add_argument("--lists", type=float, default=0.0, help="share of users of two orgs: a comma inside a cell")
    parser.add_argument("--line-breaks", type=float, default=0.0, help="share of users with a line break inside a cell")
    parser.add_argument("--wrong-dates", action="store_true", help="every birth date in another form: an error a row")
    parser.add_argument("--extra-columns", type=int, default=0, help="so many more columns of users, at most 99")
    parser.add_argument("--damaged", type=int, default=0, metavar="N", help="damage so many rows of the table")
    parser.add_argument("--quoted", action="store_true", help="quotes around every cell")
    parser.add_argument("--crlf", action="store_true")
    parser.add_argument("--bom", action="store_true", help="a byte-order mark of UTF-8 first")
    parser.add_argument("--encoding", default="utf-8", help="cp1252, utf-16, ...")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
