"""The datasets that the roots name: whether they are sound, which files a drop of theirs holds, and how those come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING

from watcher.config import Settings
from watcher.errors import ConfigError
from watcher.model.deliveries import AUTO_EXTENSIONS, USUAL_RULES, NameRules
from watcher.model.names import is_zip_name

if TYPE_CHECKING:
    from watcher.schema import Dataset


@dataclass(frozen=True, slots=True)
class DatasetIntake:
    """How the files of one dataset come. `required` are names without which no drop is whole.

    `whole_zips` are names and patterns of zips that are not unpacked.
    A root's own options of the same meaning win over `expect`, `quiet_seconds` and `latest_seconds`; None: not said.
    """

    required: tuple[str, ...] = ()
    whole_zips: tuple[str, ...] = ()
    rules: NameRules = USUAL_RULES
    expect: tuple[str, ...] = ()
    quiet_seconds: float | None = None
    latest_seconds: float | None = None
    has_pictures: bool = False


#: What holds where a dataset says nothing, or can't be read.
USUAL_INTAKE = DatasetIntake()


@dataclass(frozen=True, slots=True)
class DatasetIntakes:
    """Those of all datasets in use, by the name in the configuration; and what is wrong with the other datasets."""

    by_dataset: Mapping[str, DatasetIntake] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    def of(self, dataset: str) -> DatasetIntake:
        """That of one dataset, or the usual one."""
        return self.by_dataset.get(dataset, USUAL_INTAKE)

    def followed_by(self, later: DatasetIntakes) -> DatasetIntakes:
        """What a later reading found; a dataset that is not sound then stays as it was while it was."""
        return DatasetIntakes({**self.by_dataset, **later.by_dataset}, later.problems)


def read_intakes(settings: Settings) -> DatasetIntakes:
    """How the files of every dataset in use come; one that is not there or not sound is a problem, not an end."""
    from watcher.schema import find_dataset  # noqa: PLC0415 (a heavy import, and none of the planner's business)
    from watcher.schema.decoder import require_decoder  # noqa: PLC0415 (likewise)

    found: dict[str, DatasetIntake] = {}
    problems: list[str] = []
    for name in dict.fromkeys(root.dataset for root in settings.roots):
        try:
            dataset = find_dataset(name, settings.schema_dirs)
            found[name] = intake_of(dataset)
        except ConfigError as error:
            problems.extend(error.problems)
            continue
        try:
            require_decoder(file.schema for file in dataset.files)
        except ConfigError as error:
            problems.extend(f"dataset {name!r}: {text}" for text in error.problems)
    return DatasetIntakes(found, tuple(problems))


def intake_of(dataset: Dataset) -> DatasetIntake:
    """What one dataset says of how its files come."""
    said = dataset.intake
    return DatasetIntake(
        required=tuple(file.schema.file for file in dataset.named_files() if file.required),
        whole_zips=_whole_zips(dataset),
        rules=NameRules(
            said.names, _extensions(dataset), frozenset(file.schema.file for file in dataset.named_files())
        ),
        expect=said.expect,
        quiet_seconds=said.quiet_seconds,
        latest_seconds=said.latest_seconds,
        has_pictures=dataset.has_pictures,
    )


def _whole_zips(dataset: Dataset) -> tuple[str, ...]:
    """The names and patterns under which the dataset asks for a zip itself; any name where it unpacks none."""
    if not dataset.zips.unpack:
        return ("*",)
    return tuple(file.name for file in dataset.files if file.match is not None or is_zip_name(file.name))


def _extensions(dataset: Dataset) -> tuple[str, ...]:
    """Those with which `_auto` is known: that of every name which a file of the dataset has or comes under."""
    names = [file.schema.file for file in dataset.named_files()]
    names += [name for rule in dataset.intake.names for name in (rule.undated, rule.target)]
    found = (PurePath(name).suffix.removeprefix(".") for name in names)
    return tuple(dict.fromkeys((*AUTO_EXTENSIONS, *filter(None, found))))
