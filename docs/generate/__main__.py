"""Writes every generated page, or with --check names those that are out of date."""

from __future__ import annotations

import sys

from docs.generate.pages import out_of_date, write


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--check"]):
        sys.stderr.write("usage: python -m docs.generate [--check]\n")
        return 2
    stale = out_of_date()
    if arguments:
        sys.stderr.writelines(f"{path}: out of date; run python -m docs.generate\n" for path in stale)
        return 1 if stale else 0
    for path, text in stale.items():
        write(path, text)
        sys.stdout.write(f"wrote {path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
