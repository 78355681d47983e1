"""The validator beside its peers: how fast each checks a sound file, how much it finds in a damaged one."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

from bench import verdicts
from bench.page import Table
from bench.prepared import Prepared
from bench.processes import Command, FailedError, Ran, in_turn, python, ratio, rss, wall
from bench.processes import run as run_process
from bench.rosters.damage import Dose
from bench.rosters.kinds import Mistake
from bench.validator import ours
from bench.verdicts import Found

_HEAD = (
    *("tool", "s", "rows/s", "RSS MiB", "ours is faster by"),
    *("cells: found", "right lines", "besides", "all kinds: found", "right lines", "besides"),
)
_ABOUT = """\
The same rules for users.csv, {rows:,} sound rows, each whole process in turn with ours; turns: {runs}. Then two
damaged files of {damaged_rows:,} rows: in one {cells:,} errors in cells that any reader can split (some hold line
breaks), in the other {all:,} errors of all kinds. "Found" are planted errors of which a tool tells column and code,
"right lines" those that it tells on their physical line, "besides" what it tells and nobody planted. Each peer is a
script of a page in `bench/peers`. The first four check nothing. A time with ~ is that of {slice:,} rows, made as many
as the others have; that of starting is counted once. The target is to be 6 times as fast as jsonschema-rs."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A tool beside ours. `needs` is the package to be there; `is_slow`: it is given a slice."""

    name: str
    command: Callable[[Path, Path], Command]
    needs: str | None = None
    checks: bool = True
    is_slow: bool = False


@dataclass(frozen=True, slots=True)
class Size:
    rows: int
    slice_rows: int
    damaged_rows: int
    damaged: int
    runs: int

    @classmethod
    def of(cls, *, quick: bool) -> Size:
        return cls(20_000, 2_000, 10_000, 2_000, 1) if quick else cls(1_000_000, 50_000, 100_000, 20_000, 5)


def _checks(name: str, module: str, needs: str | None = None, *, is_slow: bool = False) -> Peer:
    return Peer(
        name, lambda file, rules: python(f"bench.peers.{module}", file, "--rules", rules), needs, is_slow=is_slow
    )


def _reads(name: str, module: str) -> Peer:
    return Peer(name, lambda file, _: python(f"bench.peers.{module}", file), checks=False)


PEERS = (
    Peer("wc -l", lambda file, _: (shutil.which("wc") or "wc", "-l", str(file)), checks=False),
    _reads("Python, reading blocks", "blocks"),
    _reads("polars, parsing", "touch"),
    _reads("csv, splitting", "reader"),
    _checks("polars, masks on a frame", "polars_masks", "polars"),
    _checks("DuckDB, predicates and rejects", "duckdb_predicates", "duckdb"),
    _checks("dataframely", "dataframely_filter", "dataframely"),
    _checks("pandera on polars", "pandera_polars", "pandera"),
    _checks("PyArrow, compute", "pyarrow_compute", "pyarrow"),
    _checks("csv and jsonschema-rs by row", "jsonschema_rs_rows", "jsonschema_rs"),
    _checks("csv and jsonschema by row", "jsonschema_rows", "jsonschema", is_slow=True),
)


@dataclass(frozen=True, slots=True)
class Files:
    """`clean` is checked for time, `part` and `empty` (a header) by slow peers; the others are damaged."""

    prepared: Prepared
    rules: Path
    clean: Path
    part: Path
    empty: Path
    damaged: tuple[Path, Path]


def run(folder: Path, *, quick: bool) -> Table:
    """The figures of each peer."""
    size = Size.of(quick=quick)
    files = _files(folder, size)
    rows = tuple(_row(peer, files, size) for peer in PEERS)
    cells, everything = (len(files.prepared.planted[path]) for path in files.damaged)
    about = _ABOUT.format(
        rows=size.rows,
        runs=size.runs,
        damaged_rows=size.damaged_rows,
        cells=cells,
        all=everything,
        slice=size.slice_rows,
    )
    return Table("peers", "Beside other validators", about, _HEAD, (_our_row(files, size), *rows))


def _files(folder: Path, size: Size) -> Files:
    prepared = Prepared(folder)
    clean = prepared.users("clean", size.rows)
    cells_only = Dose(size.damaged, cells_only=True)
    return Files(
        prepared,
        prepared.rules(),
        clean,
        _slice(clean, folder / "part.csv", size.slice_rows),
        _slice(clean, folder / "empty.csv", 0),
        (
            prepared.damaged_users("damaged-cells", size.damaged_rows, cells_only),
            prepared.damaged_users("damaged-all", size.damaged_rows, Dose(size.damaged)),
        ),
    )


def _slice(source: Path, target: Path, rows: int) -> Path:
    with source.open("rb") as reader, target.open("wb") as writer:
        writer.writelines(islice(reader, rows + 1))
    return target


def _our_row(files: Files, size: Size) -> tuple[str, ...]:
    rans = in_turn({"ours": ours(files.clean)}, size.runs)["ours"]
    seconds = wall(rans)
    told = [cell for path in files.damaged for cell in _told(files.prepared.planted[path], verdicts.ours(path))]
    return ("epoch-watcher", seconds.shown(2), f"{size.rows / seconds.median:,.0f}", f"{rss(rans):,.0f}", "", *told)


def _row(peer: Peer, files: Files, size: Size) -> tuple[str, ...]:
    if peer.needs and find_spec(peer.needs) is None:
        return (peer.name, "not installed", *[""] * (len(_HEAD) - 2))
    name = f"{peer.name} ({version(peer.needs)})" if peer.needs else peer.name
    print(f"  {name}", file=sys.stderr, flush=True)
    return (name, *_times(peer, files, size), *_verdicts(peer, files))


def _times(peer: Peer, files: Files, size: Size) -> tuple[str, ...]:
    if peer.is_slow:
        return _scaled(peer, files, size)
    rans = in_turn({"peer": peer.command(files.clean, files.rules), "ours": ours(files.clean)}, size.runs)
    return _shown(
        wall(rans["peer"]).shown(2),
        wall(rans["peer"]).median,
        rans["peer"],
        size,
        1 / ratio(rans["ours"], rans["peer"]),
    )


def _scaled(peer: Peer, files: Files, size: Size) -> tuple[str, ...]:
    """The figures of a slice made those of the whole, less the time of starting."""
    commands = {name: peer.command(path, files.rules) for name, path in (("part", files.part), ("empty", files.empty))}
    rans = in_turn({**commands, "ours": ours(files.clean)}, min(size.runs, 3))
    start = wall(rans["empty"]).median
    seconds = start + (wall(rans["part"]).median - start) * size.rows / size.slice_rows
    return _shown(f"~{seconds:,.0f}", seconds, rans["part"], size, seconds / wall(rans["ours"]).median)


def _shown(seconds: str, median: float, rans: list[Ran], size: Size, faster: float) -> tuple[str, ...]:
    return seconds, f"{size.rows / median:,.0f}", f"{rss(rans):,.0f}", f"{faster:,.2f}"


def _verdicts(peer: Peer, files: Files) -> list[str]:
    if not peer.checks:
        return [""] * 6
    return [cell for path in files.damaged for cell in _verdict(peer, files, path)]


def _verdict(peer: Peer, files: Files, path: Path) -> tuple[str, ...]:
    errors = path.with_name("errors.csv")
    try:
        run_process((*peer.command(path, files.rules), "--errors", str(errors)))
    except FailedError as error:
        print(f"  {peer.name}, {path.parent.name}: {error}", file=sys.stderr)
        return "refuses the file", "", ""
    return _told(files.prepared.planted[path], verdicts.read_found(errors))


def _told(planted: tuple[Mistake, ...], found: list[Found]) -> tuple[str, ...]:
    compared = verdicts.match(planted, found)
    return (
        f"{100 * compared.found / compared.planted:.1f} %",
        f"{100 * compared.right_lines / compared.planted:.1f} %",
        f"{compared.besides:,}",
    )
