"""The configuration file: who may read it, and who is asking."""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterator

from watcher.service.checks.result import Result, ok, problem, warning
from watcher.service.checks.site import Site

_OTHERS = 0o007


def check_config(site: Site) -> Iterator[Result]:
    """A password that stands in the file must not be everybody's to read."""
    source = site.settings.source
    mode = source.stat().st_mode
    if site.settings.secrets_in_file and mode & _OTHERS:
        yield problem(
            "config",
            f"{source} holds a password and everybody may read it (mode {mode & 0o777:04o})",
            f"chmod o= {source}, or write ${{NAME}} and put the password into the service's environment file",
        )
    else:
        yield ok("config", f"{source} is sound")


def check_user(site: Site) -> Iterator[Result]:
    """Root may do what the service's user may not: then the other answers say too little."""
    work_dir = site.settings.work_dir
    if os.geteuid() != 0 or not work_dir.exists():
        return
    owner = work_dir.stat().st_uid
    if owner != 0:
        yield warning(
            "user",
            "run as root: what the service's own user is refused was not found out",
            f"runuser -u {_name(owner)} -- epoch-watcher doctor",
        )


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"#{uid}"
