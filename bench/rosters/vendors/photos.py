"""Student photos as Infinite Campus's Zip Tool packs them: real JPEG pictures, each a file of its own bytes."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator

from bench.rosters.vendors.model import District

#: A grey picture of 8 by 8 pixels, baseline, without notes.
_PICTURE = b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1tdhbWGkJ6jq62rZ4C8yb"
    "qmx5moq6T/wAALCAAIAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAAP/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AP//Z"
)


def pictures(district: District) -> Iterator[tuple[str, bytes]]:
    """`100001.jpg` and what is in it, one for each student."""
    for student in range(district.students_count):
        name = str(student + 100_001)
        yield f"{name}.jpg", _noted(name.encode())


def _noted(text: bytes) -> bytes:
    """The picture with a comment behind its first marker, so that no two are the same."""
    comment = b"\xff\xfe" + (len(text) + 2).to_bytes(2, "big") + text
    return _PICTURE[:2] + comment + _PICTURE[2:]
