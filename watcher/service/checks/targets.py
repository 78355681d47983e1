"""What accepted drops need: datasets that can be read, loaders whose targets can be reached."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from watcher.config import LoaderSettings
from watcher.errors import ConfigError, LoaderError
from watcher.logs import summary
from watcher.service.checks.result import Result, ok, problem, warning
from watcher.service.checks.site import Site
from watcher.text import printable


def check_datasets(site: Site) -> Iterator[Result]:
    """Each dataset that a root names."""
    from watcher.schema import find_dataset  # noqa: PLC0415 (a heavy import)
    from watcher.schema.decoder import require_decoder  # noqa: PLC0415 (likewise)

    for name in dict.fromkeys(root.dataset for root in site.settings.roots):
        try:
            dataset = find_dataset(name, site.settings.schema_dirs)
        except ConfigError as error:
            for text in error.problems:
                yield problem("dataset", text, "correct the dataset, or the root's dataset: in the configuration")
            continue
        try:
            require_decoder(file.schema for file in dataset.files)
        except ConfigError as error:
            advice = "install it into the service's own environment; until then drops of this dataset wait"
            yield problem("dataset", f"{dataset.name}: {'; '.join(error.problems)}", advice)
        else:
            yield ok("dataset", f"{dataset.name} is sound")


def check_loaders(site: Site) -> Iterator[Result]:
    """Each configured loader: its options are sound, and its target can be loaded now."""
    used = {name for root in site.settings.roots for name in root.loaders}
    for name, loader in site.settings.loaders.items():
        yield _try(loader)
        if name not in used:
            yield warning("loader", f"{name}: no root uses it", "name it in a root's loaders:, or remove it")


def check_tables(site: Site) -> Iterator[Result]:
    """Loaders whose tables get files of one name from several datasets: columns mix, differing types are refused."""
    for loader in (each for each in site.settings.loaders.values() if each.type == "sql"):
        roots = [root for root in site.settings.roots if loader.name in root.loaders]
        names = tuple(dict.fromkeys(root.dataset for root in roots))
        for file, datasets in _shared_files(site, names).items():
            advice = "give each dataset a loader of its own, with a table_prefix, schema or database of its own"
            text = f"{loader.name}: {file} of {' and of '.join(datasets)} would be one table"
            yield warning("loader", printable(text, 500), advice)
            break  # one example is enough: the remedy is the same for all


def _shared_files(site: Site, names: tuple[str, ...]) -> dict[str, list[str]]:
    """Files that several of these datasets have, each with those datasets; what can't be read is told elsewhere."""
    from watcher.schema import find_dataset  # noqa: PLC0415 (a heavy import)

    found: dict[str, list[str]] = {}
    for name in names:
        with suppress(ConfigError):
            for file in find_dataset(name, site.settings.schema_dirs).named_files():
                found.setdefault(file.schema.file, []).append(name)
    return {file: datasets for file, datasets in found.items() if len(datasets) > 1}


def _try(settings: LoaderSettings) -> Result:
    from watcher.loading.registry import NotInstalledError, make_loader  # noqa: PLC0415 (a heavy import)

    name = settings.name
    try:
        loader = make_loader(name, settings.type, settings.options)
        try:
            loader.check()
        finally:
            loader.close()
    except NotInstalledError as error:
        advice = "install what offers it into the service's own environment, or correct its type in the configuration"
        return problem("loader", f"{name}: {'; '.join(error.problems)}", advice)
    except ConfigError as error:
        return problem("loader", "; ".join(error.problems), "correct its options in the configuration")
    except LoaderError as error:
        advice = "mend the target; until then accepted drops wait (they are kept)"
        return problem("loader", f"{name} can't load now: {printable(str(error), 500)}", advice)
    except Exception as error:  # noqa: BLE001 (a third party's loader may raise anything; its text may hold a password)
        return problem("loader", f"{name} broke: {summary(error)}", "tell whoever maintains this loader")
    return ok("loader", f"{name} ({settings.type}) can be loaded")
