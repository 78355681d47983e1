"""`python -m bench.rosters TABLE OUT.csv`: write one table; `all FOLDER` writes the four of them.

With `--damaged N` so many rows of the table are damaged, and OUT.mistakes.csv says how.

`python -m bench.rosters FORM FOLDER`: write a district in the form of a bundled dataset (`oneroster-1.1`, `clever`,
`infinite-campus-photos`, ...). With `--mishap NAME` something happens to it, and standard output says which findings
that must bring; `--mishap list` lists what can happen to the form. With `--damaged N` so many rows of its enrolments
are damaged, and FOLDER.mistakes.csv says how.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bench.rosters.damage import Dose, damage, write_mistakes
from bench.rosters.tables import MAKERS, District
from bench.rosters.vendors import model, rows
from bench.rosters.vendors.forms import forms, write_form
from bench.rosters.vendors.mishaps import mishaps
from bench.rosters.writing import Form, write, write_all


def main() -> int:
    parser = _parser()
    given = parser.parse_args()
    if given.table in forms():
        return _vendor(given, parser)
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


def _vendor(given: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    """Write a district in a vendor's form, and let the mishap befall it."""
    known = mishaps(given.table)
    if given.mishap == "list":
        sys.stdout.writelines(f"{name}: {', '.join(sorted(each.findings)) or '-'}\n" for name, each in known.items())
        return 0
    if given.mishap is not None and given.mishap not in known:
        parser.error(f"no mishap {given.mishap!r} of {given.table}; there are {', '.join(known) or 'none'}")
    if given.out.is_dir() and any(given.out.iterdir()):
        parser.error(f"{given.out} is not empty")
    if given.damaged and given.table not in rows.KINDS:
        parser.error(f"no damaged rows of {given.table}; there are those of {', '.join(rows.KINDS)}")
    form = forms()[given.table]
    write_form(form, model.District(given.students, given.seed), given.out)
    if given.damaged:
        dose = Dose(given.damaged, given.seed, given.crlf, given.bom)
        write_mistakes(rows.damage_rows(form, given.out, dose), Path(f"{given.out}.mistakes.csv"))
    if given.mishap is not None:
        known[given.mishap].befall(given.out)
        sys.stdout.writelines(f"{finding}\n" for finding in sorted(known[given.mishap].findings))
    return 0


def _damage(path: Path, given: argparse.Namespace) -> None:
    sound = path.rename(f"{path}.sound")
    mistakes = damage(sound, path, given.table, Dose(given.damaged, given.seed, given.crlf, given.bom))
    sound.unlink()
    write_mistakes(mistakes, Path(f"{path}.mistakes.csv"))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.rosters", description="Write made-up rosters.")
    parser.add_argument(
        "table",
        choices=[*MAKERS, "all", *forms()],
        metavar="TABLE|FORM",
        help=f"a table ({', '.join(MAKERS)}), all four (rows is that of enrollments), or a whole district in the form "
        f"of a dataset: {', '.join(forms())}",
    )
    parser.add_argument("out", type=Path, help="the file to write; for `all` and a form a folder")
    parser.add_argument("--students", type=int, default=3_700, help="of a district in a form")
    parser.add_argument("--mishap", metavar="NAME", help="what happens to a form on its way; `list` says what can")
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
    return parser


if __name__ == "__main__":
    sys.exit(main())
