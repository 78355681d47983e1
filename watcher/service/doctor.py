"""Tries what can go wrong before it does. Each result says what was found and what to do; nothing is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from watcher.config import Settings
from watcher.errors import WatcherError
from watcher.logs import summary
from watcher.service.checks.clock import check_clock
from watcher.service.checks.configuration import check_config, check_user
from watcher.service.checks.journal import check_journal, check_sources
from watcher.service.checks.kernel import check_inotify, check_open_files, check_python, check_shared_watch
from watcher.service.checks.leases import check_leases
from watcher.service.checks.result import Grade, Result, problem
from watcher.service.checks.roots import check_claims, check_epochs, check_results, check_roots
from watcher.service.checks.running import check_service
from watcher.service.checks.site import Site, visit
from watcher.service.checks.space import check_space
from watcher.service.checks.targets import check_datasets, check_loaders, check_tables
from watcher.service.checks.work_directory import check_work_dir

__all__ = ["CHECKS", "Grade", "Result", "examine"]

#: In the order in which a person would ask.
CHECKS: tuple[Callable[[Site], Iterator[Result]], ...] = (
    check_config,
    check_user,
    check_service,
    check_work_dir,
    check_journal,
    check_roots,
    check_epochs,
    check_claims,
    check_results,
    check_leases,
    check_sources,
    check_datasets,
    check_loaders,
    check_tables,
    check_space,
    check_inotify,
    check_shared_watch,
    check_open_files,
    check_clock,
    check_python,
)


def examine(settings: Settings) -> Iterator[Result]:
    """The results of all checks, as they come. SIGIO must be ignored by the process."""
    site = visit(settings)
    for check in CHECKS:
        try:
            yield from check(site)
        except (OSError, WatcherError) as error:
            name = check.__name__.removeprefix("check_").replace("_", "-")
            yield problem(name, f"could not be found out: {summary(error)}", "mend this first, then run doctor again")
