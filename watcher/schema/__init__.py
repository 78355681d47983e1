"""What a drop should hold: YAML to a `Dataset`, published meta-schemas, a file name to its schema.

Nothing here opens a file of a drop; that is `watcher.validation`.
"""

import watcher.jsonschemas  # noqa: F401 (before anything else imports jsonschema)
from watcher.schema.bundled import bundled_folder
from watcher.schema.definitions import read_definitions
from watcher.schema.find import bundled_datasets, dataset_names, find_dataset
from watcher.schema.model import Column, ColumnType, Dataset, DatasetFile, Dialect, FileSchema
from watcher.schema.parse import read_dataset, read_file_document, read_file_schema, schema_files

__all__ = [
    "Column",
    "ColumnType",
    "Dataset",
    "DatasetFile",
    "Dialect",
    "FileSchema",
    "bundled_datasets",
    "bundled_folder",
    "dataset_names",
    "find_dataset",
    "read_dataset",
    "read_definitions",
    "read_file_document",
    "read_file_schema",
    "schema_files",
]
