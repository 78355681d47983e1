"""`python -m bench [PART ...] [--quick]`: measure, print the tables, and put them on docs/performance.md."""

from __future__ import annotations

import argparse
import compileall
import sys
import tempfile
from pathlib import Path

from bench import beside, herd, idle, latency, page, scaling, small, validator, vendors

_REPOSITORY = Path(__file__).parents[1]
_PARTS = {
    "idle": idle.run,
    "latency": latency.run,
    "herd": herd.run,
    "validator": validator.run,
    "peers": beside.run,
    "scaling": scaling.run,
    "small": small.run,
    "vendors": vendors.run,
}


def main() -> int:
    arguments = _arguments()
    _compile()
    print(f"on: {page.machine()}\n", flush=True)
    for part in arguments.parts or _PARTS:
        with tempfile.TemporaryDirectory(prefix="epoch-watcher-bench-", dir=arguments.folder) as folder:
            table = _PARTS[part](Path(folder).resolve(), quick=arguments.quick)
        print(table.to_markdown(), flush=True)
        if not arguments.quick:
            page.write(table)
    return 0


def _compile() -> None:
    """Compile what is measured, as pip does for whoever installs it; the peers' libraries are compiled too.

    In a work tree that was just edited, or where PYTHONDONTWRITEBYTECODE is set, each process would do it anew.
    """
    for package in ("watcher", "bench"):
        if not compileall.compile_dir(_REPOSITORY / package, quiet=1):
            raise SystemExit(f"{package}: it can't be compiled")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure the service and the validator.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"one of {', '.join(_PARTS)}; all without it")
    parser.add_argument("--quick", action="store_true", help="small worlds, one run each; the page stays as it is")
    parser.add_argument("--folder", type=Path, help="where to make the scratch folders; a real disk, not a tmpfs")
    arguments = parser.parse_args()
    if unknown := [part for part in arguments.parts if part not in _PARTS]:
        parser.error(f"no part {unknown[0]!r}; there are {', '.join(_PARTS)}")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
