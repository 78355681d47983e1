"""What the kernel and Python allow: inotify, open files, character set."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import sys
from collections.abc import Iterator
from pathlib import Path

from watcher.config import Watch
from watcher.intake.hints import MANY_ROOTS
from watcher.intake.targets import targets_for
from watcher.service.checks.result import Result, ok, problem, warning
from watcher.service.checks.site import Site

_LIMITS = {
    "watches": (Path("/proc/sys/fs/inotify/max_user_watches"), Path("/proc/sys/user/max_inotify_watches")),
    "instances": (Path("/proc/sys/fs/inotify/max_user_instances"), Path("/proc/sys/user/max_inotify_instances")),
}
#: Watches and descriptors that the service needs whatever the number of roots.
_OWN_WATCHES = 16
_OWN_FILES = 256
_IN_CREATE = 0x100

_libc = ctypes.CDLL(None, use_errno=True)


def has_capability(number: int) -> bool:
    """Whether a capability is in force for this process (capabilities(7) has the numbers)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("CapEff:"):
            return bool(int(line.split()[1], 16) >> number & 1)
    return False


def check_inotify(site: Site) -> Iterator[Result]:
    """That hints can come for every root: found out by making a watch, and by the limits against the roots' number."""
    if site.settings.watch is not Watch.EVENTS:
        yield ok("inotify", "not used (watch: poll)")
        return
    limits = {name: _least(paths) for name, paths in _LIMITS.items()}
    needed = _OWN_WATCHES + len(site.roots) + sum(len(facts.epochs) for facts in site.facts.values())
    failed = _try_watch(site)
    advice = "raise it in /etc/sysctl.d: fs.inotify.max_user_watches=524288, fs.inotify.max_user_instances=512"
    if failed:
        have = f"{_shown(limits['watches'])} watches, {_shown(limits['instances'])} instances for this user"
        text = f"a watch can't be made: {os.strerror(failed)} ({have}); drops are only seen every {_rescan(site)}"
        yield problem("inotify", text, advice)
    elif limits["watches"] is not None and needed > limits["watches"] / 2:
        grade = problem if needed > limits["watches"] else warning
        yield grade("inotify", f"{limits['watches']:,} watches for this user, about {needed:,} are needed", advice)
    else:
        yield ok("inotify", f"{_shown(limits['watches'])} watches for this user, about {needed:,} are needed")


def check_shared_watch(site: Site) -> Iterator[Result]:
    """That the directory from which many roots are watched does not hold the work directory, too."""
    if site.settings.watch is not Watch.EVENTS:
        return
    work_dir = os.path.realpath(site.settings.work_dir)
    paths = {root.id: os.path.realpath(root.path) for root in site.roots}
    for target in targets_for(paths, MANY_ROOTS):
        if target.is_shared and f"{work_dir}/".startswith(f"{target.path}/"):
            text = (
                f"{len(target.roots):,} roots would be watched from {target.path}, and work_dir lies beneath it: "
                f"they get no hints, their drops are only seen every {_rescan(site)}"
            )
            yield warning("inotify", text, "move work_dir out of it, on the same mount, if that is too slow")


def _try_watch(site: Site) -> int:
    """0, or the errno of watching a folder."""
    instance = _libc.inotify_init1(os.O_CLOEXEC)
    if instance < 0:
        return ctypes.get_errno()
    try:
        for root in site.roots:
            if root.id in site.tried:
                watch = _libc.inotify_add_watch(instance, os.fsencode(root.path), _IN_CREATE)
                return ctypes.get_errno() if watch < 0 else 0
        return 0
    finally:
        os.close(instance)


def _least(paths: tuple[Path, ...]) -> int | None:
    """The least of the limits that can be read; None if none can."""
    found = []
    for path in paths:
        with contextlib.suppress(OSError, ValueError):
            found.append(int(path.read_text()))
    return min(found, default=None)


def _shown(limit: int | None) -> str:
    return "an unknown number of" if limit is None else f"{limit:,}"


def _rescan(site: Site) -> str:
    return f"{site.settings.rescan_seconds:g} seconds"


def check_open_files(site: Site) -> Iterator[Result]:
    """That a look at many roots does not run out of descriptors. The service's unit sets its own limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = _OWN_FILES + 8 * site.settings.parallel_roots + 16 * site.settings.workers
    if soft == resource.RLIM_INFINITY or soft >= needed:
        yield ok("open-files", f"{'no limit' if soft == resource.RLIM_INFINITY else f'{soft:,}'}, expected {needed:,}")
    else:
        advice = f"set LimitNOFILE={max(needed, 16384)} in the unit (hard limit here: {hard:,})"
        yield warning("open-files", f"at most {soft:,} files may be open, expected {needed:,}", advice)


def check_python(site: Site) -> Iterator[Result]:
    """That names on disk are taken as UTF-8, whatever the locale."""
    del site
    encoding = sys.getfilesystemencoding()
    version = ".".join(map(str, sys.version_info[:3]))
    if encoding.lower() != "utf-8":
        advice = "set LANG=C.UTF-8 or PYTHONUTF8=1 in the service's environment"
        yield problem("python", f"{version} takes names of files as {encoding}, expected utf-8", advice)
    else:
        yield ok("python", f"{version}, names of files are UTF-8")
