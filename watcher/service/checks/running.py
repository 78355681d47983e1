"""Whether a service runs on this work directory."""

from __future__ import annotations

from collections.abc import Iterator

from watcher.service.checks.result import Result, ok, warning
from watcher.service.checks.site import Site
from watcher.service.lock import holder
from watcher.text import printable


def check_service(site: Site) -> Iterator[Result]:
    """Whose lock it is."""
    try:
        name = holder(site.folders.lock_file)
    except PermissionError:
        yield warning("service", "whether it runs can't be seen by this user", "run doctor as the service's user")
        return
    if name is None:
        yield warning("service", "it is not running", "start it: systemctl start epoch-watcher")
    else:
        yield ok("service", f"running: {printable(name)}")
