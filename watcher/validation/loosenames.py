"""Names that a dataset knows of loose files, met in an epoch or a zip: there a file has its own name, without a date.

An export program that is told to append the date does so in a zip as well. Such a file is told as what it is, and how
to be rid of the date; it is not renamed here, for of two with dates in one drop nobody said which counts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from os.path import splitext

from watcher.model.deliveries import Delivery, NameRule, NameRules, recognise
from watcher.schema.model import Dataset


@dataclass(frozen=True, slots=True)
class LooseName:
    """What a file would be if it were sent loose.

    `target` is its name in a drop; `is_but_dated` says that its name becomes that one where the date is taken off.
    """

    target: str
    is_but_dated: bool


def loose_delivery(name: str, dataset: Dataset) -> LooseName | None:
    """What a file of this name would be if it were sent loose; None for no file of the dataset."""
    rules = dataset.intake.names
    delivery = recognise(name, NameRules(rules))
    if delivery is None or dataset.schema_for(delivery.target) is None:
        return None
    return LooseName(delivery.target, any(_is_but_dated(name, delivery, rule) for rule in rules))


def _is_but_dated(name: str, delivery: Delivery, rule: NameRule) -> bool:
    """Whether the name is the one in a drop and a date, letter for letter, as this rule has it.

    Rules know a suffix in any case, `_auto` and names that are not those of a drop; who took the date off such a name
    would be told of the rest the next time.
    """
    if not delivery.stamp or rule.undated != delivery.target or splitext(delivery.target)[1] not in name:
        return False
    return recognise(name, NameRules((rule,), auto_extensions=())) == delivery


def spare_names(names: Iterable[str], taken: Collection[str], dataset: Dataset) -> Iterator[str]:
    """Those of the names that are of a loose file, and for whose name in a drop another file came.

    `taken` are the names in a drop that have their files. Of several names for one that has none the first is its file.
    """
    held = set(taken)
    for name in names:
        delivery = loose_delivery(name, dataset)
        if delivery is None:
            continue
        if delivery.target in held:
            yield name
        held.add(delivery.target)


def advice_for(delivery: LooseName) -> str:
    """What to do about such a name where no other file came for it.

    It is the same for all files that only have a date too many, so that a report tells it once of a whole zip.
    """
    if not delivery.is_but_dated:
        return f"call the file {delivery.target}: the name that it has is known of a file that is sent loose"
    return (
        "take the date off the name: in an epoch or a zip it must be as expected, only a file that is sent loose may "
        'have a date; in an export program switch "append date" off for the files in a zip'
    )


def advice_for_another(delivery: LooseName) -> str:
    """What to do about it where a file for the same name is there already."""
    return (
        f"send one file, called {delivery.target}, and leave this one out: only a file that is sent loose is known so"
    )
