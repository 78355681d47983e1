"""`python -m bench.fuzz [--files N] [--first SEED]`: compare the validators on so many files, say where they differ."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time

from bench.fuzz.compare import be_one_thread, run

_TOLD = 20
_AT_ONCE = 50


def main() -> int:
    arguments = _arguments()
    begin, files, differing = time.monotonic(), 0, 0
    seeds = range(arguments.first, sys.maxsize)
    with multiprocessing.get_context("spawn").Pool(arguments.jobs, initializer=be_one_thread) as pool:
        for seed, count, found in pool.imap_unordered(run, seeds, chunksize=_AT_ONCE):
            files += count
            if found:
                differing += 1
                print("\n  ".join((f"seed {seed}:", *found)), flush=True)
            if files >= arguments.files or differing >= _TOLD:
                pool.terminate()
                break
    print(f"{files:,} files, {differing} cases differ, {time.monotonic() - begin:.0f} s")
    return 1 if differing else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.fuzz", description="Compare with the obvious validator.")
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--first", type=int, default=0, metavar="SEED", help="the first seed; the others follow it")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
