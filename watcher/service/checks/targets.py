"""What accepted drops need: datasets that can be read, loaders whose targets can be reached."""

from __future__ import annotations

from collections.abc import Iterator

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


def _try(settings: LoaderSettings) -> Result:
    from watcher.loading.registry import make_loader  # noqa: PLC0415 (a heavy import)

    name = settings.name
    try:
        loader = make_loader(name, settings.type, settings.options)
        try:
            loader.check()
        finally:
            loader.close()
    except ConfigError as error:
        return problem("loader", "; ".join(error.problems), "correct its options in the configuration")
    except LoaderError as error:
        advice = "mend the target; until then accepted drops wait (they are kept)"
        return problem("loader", f"{name} can't load now: {printable(str(error), 500)}", advice)
    except Exception as error:  # noqa: BLE001 (a third party's loader may raise anything; its text may hold a password)
        return problem("loader", f"{name} broke: {summary(error)}", "tell whoever maintains this loader")
    return ok("loader", f"{name} ({settings.type}) can be loaded")
