"""What the files of an example hold: text, bytes in another encoding, zips and pictures, sound and not."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path
from typing import Any

from PIL import Image

from tests.intake.zipmaker import Entry, build

_REPEATED = re.compile(r"<<(.+?)\*(\d+)>>", re.DOTALL)
_MEMBER = b"sourcedId\n1\n2\n"


def write(path: Path, content: Any) -> None:
    """Make the entry of a drop that an example describes. Raises ValueError for what is none of the kinds."""
    if "folder" in content and not isinstance(content, str):
        path.mkdir()
    elif "link" in content and not isinstance(content, str):
        path.symlink_to(content["link"])
    else:
        path.write_bytes(as_bytes(content))


def as_bytes(content: Any) -> bytes:
    """The bytes of an ordinary file."""
    if isinstance(content, str):
        return in_full(content).encode()
    about: dict[str, Any] = dict(content)
    if "text" in about:
        return in_full(about["text"]).encode(about["encoding"])
    if "zip" in about:
        return _archive(about.pop("zip"), **about)
    if "picture" in about:
        return _picture(tuple(about.pop("picture")), **about)
    raise ValueError(f"no such content: {content!r}")


def in_full(text: str) -> str:
    """`<<ab*2>>` -> `abab`."""
    return _REPEATED.sub(lambda found: found[1] * int(found[2]), text)


def in_short(text: str, most: int = 6) -> str:
    """The text for a reader: control characters made visible, and what is repeated often only told."""

    def shortened(found: re.Match[str]) -> str:
        one, times = found[1], int(found[2])
        if times <= most:
            return one * times
        return f"{one * 3}... ({times:,} times)" + "\n" * one.endswith("\n")

    return re.sub(r"[\0-\x09\x0b-\x1f]", lambda found: chr(0x2400 + ord(found[0])), _REPEATED.sub(shortened, text))


def _archive(
    members: list[dict[str, Any]], *, cut: int = 0, prefix: str = "", gap: str = "", stated: int | None = None
) -> bytes:
    """A zip; every field of a member may lie. `cut` takes bytes off its end, `stated` is its own count of members."""
    entries = [Entry(os.fsencode(each["name"]), _MEMBER, **_without_name(each)) for each in members]
    whole = build(*entries, prefix=prefix.encode(), gap=gap.encode(), members=stated)
    return whole[: len(whole) - cut]


def _without_name(member: dict[str, Any]) -> dict[str, Any]:
    about = {key: value for key, value in member.items() if key != "name"}
    if "name" in about.get("local", {}):
        about["local"] = {**about["local"], "name": os.fsencode(about["local"]["name"])}
    return about


def _picture(size: tuple[int, int], *, cut: int = 0, trailing: str = "", form: str = "JPEG") -> bytes:
    """A grey area of so many pixels."""
    stream = io.BytesIO()
    Image.new("L", size, 128).save(stream, form)
    whole = stream.getvalue()
    return whole[: len(whole) - cut] + trailing.encode()
