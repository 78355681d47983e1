"""Names that a dataset knows of loose files, met in an epoch or a zip: there a file has its own name, without a date.

An export program that is told to append the date does so in a zip as well. Such a file is told as what it is, and how
to be rid of the date; it is not renamed here, for of two with dates in one drop nobody said which counts.
"""

from __future__ import annotations

from watcher.model.deliveries import Delivery, NameRules, recognise
from watcher.schema.model import Dataset


def loose_delivery(name: str, dataset: Dataset) -> Delivery | None:
    """What a file of this name would be if it were sent loose; None for no file of the dataset."""
    delivery = recognise(name, NameRules(dataset.intake.names))
    return delivery if delivery is not None and dataset.schema_for(delivery.target) is not None else None


def advice_for(delivery: Delivery) -> str:
    """What to do about such a name where no other file came for it.

    It is the same for all files with a date, so that a report tells it once of a whole zip.
    """
    if not delivery.stamp:
        return f"call the file {delivery.target}: the name that it has is known of a file that is sent loose"
    return (
        "take the date off the name: in an epoch or a zip it must be as expected, only a file that is sent loose may "
        'have a date; in an export program switch "append date" off for the files in a zip'
    )


def advice_for_another(delivery: Delivery) -> str:
    """What to do about it where a file for the same name is there already."""
    return (
        f"send one file, called {delivery.target}, and leave this one out: only a file that is sent loose is known so"
    )
