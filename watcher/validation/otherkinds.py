"""Files whose names say that they are no CSV: what to do in place of renaming them."""

from __future__ import annotations

import os

#: Workbooks, documents, archives, encrypted files: another name makes no CSV of them.
_SUFFIXES = frozenset(
    {
        *(".xlsx", ".xls", ".xlsm", ".xlsb", ".ods", ".numbers", ".doc", ".docx", ".pdf", ".html", ".htm"),
        *(".xml", ".json", ".sql", ".dbf", ".mdb", ".accdb"),
        *(".gz", ".bz2", ".xz", ".zst", ".7z", ".rar", ".tar", ".tgz", ".pgp", ".gpg", ".asc"),
    }
)


def export_advice(name: str, wanted: str) -> str | None:
    """The advice for a file of this name where `wanted` was probably meant; None where it may as well be renamed."""
    suffix = os.path.splitext(name.casefold())[1]
    if suffix not in _SUFFIXES or wanted.casefold().endswith(suffix):
        return None
    return f"send {wanted} as plain CSV, not as a {suffix} file; a new name alone does not make it one"
