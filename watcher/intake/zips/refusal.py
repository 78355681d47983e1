"""Why a zip is not unpacked: raised inside this package, a finding outside of it."""

from __future__ import annotations

import os


class RefusedError(Exception):
    """The zip, or one member of it, can't be trusted. `code` is a finding's; `member` a printable name, if any."""

    def __init__(self, code: str, message: str, member: str | None = None) -> None:
        super().__init__(code, message)
        self.code, self.message, self.member = code, message, member


def read_exactly(fd: int, length: int, offset: int) -> bytes:
    """So many bytes at this offset. Raises RefusedError where the file ends before, OSError."""
    parts: list[bytes] = []
    missing = length
    while missing > 0:
        part = os.pread(fd, missing, offset + length - missing)
        if not part:
            raise RefusedError(
                "zip-truncated", "the file ends in the middle of the archive, expected the whole archive"
            )
        parts.append(part)
        missing -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)
