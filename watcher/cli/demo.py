"""`epoch-watcher demo`: the real service on a scratch folder, with drops as districts make them."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from watcher.cli.demo_drops import (
    BAD_GUARDIANS,
    BAD_ONEROSTER,
    BAD_STUDENTS,
    GUARDIANS,
    ONEROSTER,
    STUDENTS,
    send_epoch,
    send_zip,
)

if TYPE_CHECKING:
    from watcher.model.records import Record

_DEADLINE_SECONDS = 60.0
_POLL_SECONDS = 0.1

#: Districts that send students.csv and guardians.csv, and such as send OneRoster.
_ROSTER = ("lakeview", "hillside", "riverside")
_ONEROSTER = ("cedarville", "maplewood")
#: How each drop must end: what is seen, the root, the state.
_ENDS = (
    ("the good epoch is loaded", "lakeview", "LOADED"),
    ("the bad epoch is rejected", "lakeview", "REJECTED"),
    ("the *_auto.csv files are gathered and loaded", "hillside", "LOADED"),
    ("the OneRoster zip is unpacked and loaded", "cedarville", "LOADED"),
    ("the OneRoster zip with a renamed column is rejected", "maplewood", "REJECTED"),
)
#: What the reports must say.
_ROSTER_WORDS = ("date_of_birth", "2011-13-02", "Student ID", "student_id")
_ONEROSTER_WORDS = ("users.csv", "lastName", "familyName")


@dataclass(frozen=True, slots=True)
class _Scratch:
    """Where the demo plays: districts under `sftp` and `oneroster`, one configuration, one SQLite file to load into."""

    folder: Path

    def upload(self, district: str) -> Path:
        family = "oneroster" if district in _ONEROSTER else "sftp"
        return self.folder / family / district / "upload"

    @property
    def config(self) -> Path:
        return self.folder / "config.yaml"

    @property
    def database(self) -> Path:
        return self.folder / "warehouse.db"

    @property
    def journal_url(self) -> str:
        return f"sqlite:///{self.folder / 'work' / 'journal.db'}"


@click.command()
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    help="Play in this new folder and leave everything there to look at.",
)
def command(keep: Path | None) -> int:
    """See it at work: the real service on a scratch folder, six drops, and what became of each.

    Five districts upload: one a good epoch and then a bad one, one two *_auto.csv files, one an epoch without its
    COMPLETE; and two the zip of an OneRoster extract, one of them with a renamed column. The demo ends by itself after
    a few seconds, with exit code 0 only if each drop met the end it should.
    """
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=False)
        return _play(_Scratch(keep.resolve()))
    with tempfile.TemporaryDirectory(prefix="epoch-watcher-demo-") as folder:
        return _play(_Scratch(Path(folder)))


def _play(scratch: _Scratch) -> int:
    _title("1. A configuration, five districts with an upload folder each, and the service")
    _set_up(scratch)
    click.echo(scratch.config.read_text())
    with _service(scratch):
        _title("2. The districts upload, and the service tells what it does")
        _upload(scratch)
        checks = [(what, _wait_for(partial(_has_ended, scratch, root, state))) for what, root, state in _ENDS]
        _title("3. What was loaded: the tables of warehouse.db")
        checks.append(("the rows are in SQLite", _show_rows(scratch)))
        _title("4. What the sender of the bad epoch finds in his folder: results/20260902-020000.txt")
        checks.append(("the report names the column and the date", _show_report(scratch, "lakeview", _ROSTER_WORDS)))
        _title("5. A vendor's format by its name: maplewood's OneRoster zip, in which a column has another name")
        checks.append(("the report names the zip's column", _show_report(scratch, "maplewood", _ONEROSTER_WORDS)))
        _title("6. Why the last one waits: epoch-watcher explain riverside")
        checks.append(("the wait is explained", _show_explanation(scratch)))
    _title("Seen" if all(seen for _, seen in checks) else "Not everything went as it should")
    for what, seen in checks:
        click.secho(f"  {'yes' if seen else 'NO ':3} {what}", fg="green" if seen else "red")
    return 0 if all(seen for _, seen in checks) else 1


def _upload(scratch: _Scratch) -> None:
    send_epoch(scratch.upload("lakeview") / "20260901-020000", STUDENTS, GUARDIANS)
    send_epoch(scratch.upload("lakeview") / "20260902-020000", BAD_STUDENTS, BAD_GUARDIANS)
    send_epoch(scratch.upload("riverside") / "20260901-030000", STUDENTS, GUARDIANS, marker="complete")
    (scratch.upload("hillside") / "students_auto.csv").write_text(STUDENTS, encoding="utf-8")
    (scratch.upload("hillside") / "guardians_auto.csv").write_text(GUARDIANS, encoding="utf-8")
    send_zip(scratch.upload("cedarville") / "OR_bulk20260901.zip", ONEROSTER)
    send_zip(scratch.upload("maplewood") / "OR_bulk20260901.zip", BAD_ONEROSTER)


def _set_up(scratch: _Scratch) -> None:
    for district in (*_ROSTER, *_ONEROSTER):
        scratch.upload(district).mkdir(parents=True)
    scratch.config.write_text(
        f"work_dir: {scratch.folder}/work\n"
        "loaders:\n"
        "  warehouse:\n"
        "    type: sql\n"
        f"    url: sqlite:///{scratch.database}\n"
        "defaults:\n"
        "  loaders: [warehouse]\n"
        "  settle_seconds: 1          # so that the demo is short; 10 and 120 are the defaults\n"
        "  gather_settle_seconds: 1.5\n"
        "roots:\n"
        f"  - path: {scratch.folder}/sftp/*/upload\n"
        "    dataset: students\n"
        f"  - path: {scratch.folder}/oneroster/*/upload\n"
        "    dataset: oneroster-1.1\n"
    )


# --- the service ------------------------------------------------------------------------------------------------------


@contextmanager
def _service(scratch: _Scratch) -> Iterator[None]:
    """The service as a process of its own; its log goes to standard output, indented. Ended by SIGTERM."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    for name in ("NOTIFY_SOCKET", "JOURNAL_STREAM"):
        environment.pop(name, None)
    command_line = [sys.executable, "-m", "watcher", "run", "--config", str(scratch.config)]
    process = subprocess.Popen(command_line, stderr=subprocess.PIPE, text=True, env=environment)
    relay = threading.Thread(target=_relay, args=[process], daemon=True)
    relay.start()
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_DEADLINE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        relay.join(_DEADLINE_SECONDS)


def _relay(process: subprocess.Popen[str]) -> None:
    assert process.stderr is not None  # noqa: S101 (it was asked for)
    for line in process.stderr:
        click.secho(f"  | {line.rstrip()}", dim=True)
    process.stderr.close()


# --- what is looked for -----------------------------------------------------------------------------------------------


def _wait_for(is_so: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + _DEADLINE_SECONDS
    while time.monotonic() < deadline:
        if is_so():
            return True
        time.sleep(_POLL_SECONDS)
    return False


def _has_ended(scratch: _Scratch, root: str, state: str) -> bool:
    return any(record.state.name == state and record.delivered for record in _records(scratch, root))


def _records(scratch: _Scratch, root: str) -> tuple[Record, ...]:
    from watcher.errors import JournalError
    from watcher.journal import open_journal

    try:
        with open_journal(scratch.journal_url, read_only=True) as journal:
            return journal.history(root)
    except JournalError:  # the service has not made it yet
        return ()


def _show_rows(scratch: _Scratch) -> bool:
    if not scratch.database.exists():
        return False
    with sqlite3.connect(scratch.database) as database:
        rows = database.execute(
            "SELECT _root, _epoch, student_id, first_name, last_name, date_of_birth FROM students ORDER BY 1, 3"
        ).fetchall()
        guardians = database.execute("SELECT count(*) FROM guardians").fetchone()[0]
        users = database.execute("SELECT count(*) FROM users").fetchone()[0]
    database.close()
    for row in rows:
        click.echo("  " + "  ".join(str(cell) for cell in row))
    click.echo(f"  and {guardians} guardians, and cedarville's {users} users of OneRoster")
    roots = [row[0] for row in rows]
    return (roots, guardians, users) == (["hillside"] * 3 + ["lakeview"] * 3, 4, 3)


def _show_report(scratch: _Scratch, district: str, words: Sequence[str]) -> bool:
    """Show the text of the district's one rejected drop."""
    paths = sorted((scratch.upload(district) / "results").glob("*.txt"))
    texts = [path.read_text(encoding="utf-8") for path in paths]
    report = next((text for text in texts if text.startswith("REJECTED")), "")
    click.echo("".join(f"  {line}\n" for line in report.splitlines()))
    return all(word in report for word in words)


def _show_explanation(scratch: _Scratch) -> bool:
    command_line = [sys.executable, "-m", "watcher", "explain", "riverside", "--config", str(scratch.config)]
    answer = subprocess.run(command_line, capture_output=True, text=True, check=False)
    click.echo("".join(f"  {line}\n" for line in (answer.stdout + answer.stderr).splitlines()))
    return answer.returncode == 0 and "COMPLETE" in answer.stdout and "'complete'" in answer.stdout


def _title(text: str) -> None:
    click.secho(f"\n{text}\n", bold=True)
