"""Samples -> drafts of file schemas and datasets, for a person to edit. Nothing of the service depends on it.

A draft holds no value of a cell but the members of enumerations, which only columns with few, often repeated values
get, and none that may name a person.
"""

from watcher.drafting.dataset import draft_dataset
from watcher.drafting.draft import Draft, draft_file

__all__ = ["Draft", "draft_dataset", "draft_file"]
