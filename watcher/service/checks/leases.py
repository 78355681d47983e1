"""Whether open writers can be seen: through read leases, which the kernel grants or refuses."""

from __future__ import annotations

from collections.abc import Iterator

from watcher.fsops import Writer
from watcher.service.checks.kernel import has_capability
from watcher.service.checks.result import Result, ok, warning
from watcher.service.checks.site import Site

_CAP_LEASE = 28


def check_leases(site: Site) -> Iterator[Result]:
    """Which level is in force in each root. That others' files grant none is safe: then claims copy."""
    for root in site.roots:
        tried = site.tried.get(root.id)
        if tried is None:
            continue
        if tried.foreign_lease in (Writer.NONE, Writer.OPEN):
            yield ok("leases", "granted on the sender's files: an open writer is seen", root=root.id)
        elif tried.foreign_lease is Writer.UNKNOWN:
            yield ok("leases", f"refused on the sender's files: {_COPIED}", root=root.id)
        elif tried.lease is Writer.UNKNOWN:
            yield warning(
                "leases",
                f"this file system grants none (NFS, FUSE): {_COPIED}",
                "nothing has to be done; a longer settle_seconds makes it less likely to take what is being written",
                root=root.id,
            )
        else:
            yield ok("leases", _untried(), root=root.id)


_COPIED = "open writers can't be seen, so what is claimed is copied to be sure"


def _untried() -> str:
    if has_capability(_CAP_LEASE):
        return "CAP_LEASE is ours, so an open writer will be seen"
    return f"no CAP_LEASE: on files of another user {_COPIED}"
