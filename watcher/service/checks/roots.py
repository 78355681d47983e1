"""Each root: readable, its entries movable into the work directory, the report's place writable."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator

from watcher.model.names import RESULTS_FOLDER, safe_name
from watcher.service.beside import tell_beside
from watcher.service.checks.probing import Tried
from watcher.service.checks.result import Result, advice_on, ok, problem, some, warning
from watcher.service.checks.site import Site
from watcher.service.roots import Root, is_glob

_REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
#: As docs/how-to/sftp-accounts.md has it.
_UPLOAD_MODES = (
    "make upload folders 2770 SENDER:SERVICE-GROUP and let the server keep group rights (internal-sftp -u 0007)"
)


def check_roots(site: Site) -> Iterator[Result]:
    """That there are roots, and that each can be read."""
    for text in site.problems:
        yield problem("root", text, "give each root a name of its own in the configuration")
    for entry in site.settings.roots:
        may_lack = is_glob(entry.path) or entry.folder is not None
        if may_lack and not any(root.settings is entry for root in site.roots):
            advice = "make the folders, or correct the path; until then nothing is watched for it"
            yield warning("root", f"{entry.path} matches no folder", advice)
    for text in tell_beside(site.roots, site.settings.roots):
        yield warning("root", text, "tell the sender the whole path; move what is there, if it is still wanted")
    for root in site.roots:
        why = site.facts[root.id].problem
        if why:
            advice = "make the folder, mount it, or let the service's group read it (mode 2770)"
            yield problem("root", f"can't be read: {safe_name(why, 500)}", advice, root=root.id)
        else:
            yield ok("root", f"{safe_name(str(root.path), 500)} can be read", root=root.id)


def check_claims(site: Site) -> Iterator[Result]:
    """That a drop can be renamed out of the root; found out by renaming."""
    for root in site.roots:
        tried = site.tried.get(root.id)
        if tried is not None:
            yield _claim(root, tried)
            yield from _entries(root, tried)


def _claim(root: Root, tried: Tried) -> Result:
    if tried.made in _REFUSED:
        return warning(
            "claim",
            f"can't be written ({_why(tried.made)}): each drop is copied, and its original stays",
            _UPLOAD_MODES,
            root=root.id,
        )
    if tried.made:
        advice = advice_on(tried.made, "mend the file system")
        return problem("claim", f"nothing can be made in it: {_why(tried.made)}", advice, root=root.id)
    if tried.moved is None:
        return ok("claim", "can be written; renaming is tried once the work directory is there", root=root.id)
    if tried.moved == errno.EXDEV:
        return warning(
            "claim",
            "lies on another mount than the work directory: each drop is copied",
            "put work_dir on the mount of the roots; with systemd below the same ReadWritePaths= entry",
            root=root.id,
        )
    if tried.moved:
        return problem(
            "claim",
            f"a rename into the work directory failed: {_why(tried.moved)}",
            advice_on(tried.moved, "see the line of the work directory"),
            root=root.id,
        )
    if tried.is_sticky:
        return warning(
            "claim",
            "is sticky (mode 1xxx): what the sender owns can't be renamed, each drop is copied and its original stays",
            f"chmod -t {safe_name(str(root.path), 500)}",
            root=root.id,
        )
    return ok("claim", "what is in it can be renamed into the work directory", root=root.id)


def _entries(root: Root, tried: Tried) -> Iterator[Result]:
    if tried.immovable:
        yield warning(
            "claim",
            f"{some(tried.immovable)}: can't be moved (no group write): will be copied; the original can't be removed",
            _UPLOAD_MODES,
            root=root.id,
        )
    if tried.unreadable:
        yield problem(
            "readable",
            f"{some(tried.unreadable)}: can't be read, so the drop would be rejected",
            _UPLOAD_MODES,
            root=root.id,
        )


def check_epochs(site: Site) -> Iterator[Result]:
    """Epoch directories that can't be listed."""
    for root in site.roots:
        shut = tuple(epoch.name for epoch in site.facts[root.id].epochs if epoch.problem)
        if shut:
            yield problem("readable", f"{some(shut)}: can't be listed, so never taken", _UPLOAD_MODES, root=root.id)


def check_results(site: Site) -> Iterator[Result]:
    """That the sender's report can be put where he finds it."""
    for root in site.roots:
        tried = site.tried.get(root.id)
        if tried is None or not root.settings.results:
            continue
        code = tried.results if tried.results is not None else tried.made
        if code:
            yield warning(
                "results",
                f"the report can't be put into {RESULTS_FOLDER}/: {_why(code)}",
                advice_on(
                    code, f"let the service write the folder {RESULTS_FOLDER}, or set results: false for the root"
                ),
                root=root.id,
            )
        else:
            yield ok("results", f"the sender's report can be put into {RESULTS_FOLDER}/", root=root.id)


def _why(code: int | None) -> str:
    return os.strerror(code or errno.EIO)
