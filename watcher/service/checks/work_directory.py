"""The service's own folder: there, ours, closed to others, writable."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from watcher import fsops
from watcher.service.checks.probing import clear_abandoned, try_to_write
from watcher.service.checks.result import Result, advice_on, ok, problem
from watcher.service.checks.site import Site

_STRANGERS = 0o077


def check_work_dir(site: Site) -> Iterator[Result]:
    """One result for each thing that is wrong with it, or one that says it is fine."""
    work_dir = site.settings.work_dir
    if not os.path.lexists(work_dir):
        yield _absent(work_dir)
        return
    if not work_dir.is_dir():
        yield problem("work-dir", f"{work_dir} is no directory", "move it away, or set work_dir to another path")
        return
    found = [*_owner_and_mode(work_dir), *_writing(work_dir)]
    yield from found or [ok("work-dir", f"{work_dir} is ours alone and can be written")]


def _absent(work_dir: Path) -> Result:
    parent = next(path for path in work_dir.parents if path.exists())
    if os.access(parent, os.W_OK | os.X_OK, effective_ids=True):
        return ok("work-dir", f"{work_dir} is not there yet; the service makes it at its first start")
    return problem(
        "work-dir",
        f"{work_dir} is not there and can't be made: {parent} can't be written by {_us()}",
        f"install -d -m 0700 -o USER -g GROUP {work_dir}, with the service's user and group",
    )


def _owner_and_mode(work_dir: Path) -> Iterator[Result]:
    status = work_dir.stat()
    if status.st_uid != os.geteuid() and os.geteuid() != 0:
        yield problem(
            "work-dir",
            f"{work_dir} belongs to user {status.st_uid}, doctor runs as {_us()}",
            "run doctor as the service's user, or chown the folder to it",
        )
    if status.st_mode & _STRANGERS:
        yield problem(
            "work-dir",
            f"{work_dir} has mode {status.st_mode & 0o777:04o}: others may look at the drops in it, expected 0700",
            f"chmod 0700 {work_dir}",
        )


def _writing(work_dir: Path) -> Iterator[Result]:
    try:
        with fsops.open_root(work_dir) as folder:
            clear_abandoned(folder)
            code = try_to_write(folder)
    except OSError as error:
        code = error.errno or 0
    if code:
        usual = (
            "let the service's user write it (with systemd: name it, or a folder above it and the roots, in "
            "ReadWritePaths=)"
        )
        yield problem("work-dir", f"{work_dir} can't be written: {os.strerror(code)}", advice_on(code, usual))


def _us() -> str:
    return f"user {os.geteuid()}"
