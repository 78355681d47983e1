"""Makes pictures and datasets of pictures in one line each. None shows anybody: they are noise."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from PIL import Image

from watcher.schema.model import Dataset, DatasetFile, FileSchema, OnError, Picture


def jpeg(width: int = 48, height: int = 64, **options: Any) -> bytes:
    """A picture of noise; `options` are those of Pillow's writer."""
    return saved(Image.effect_noise((width, height), 60).convert("RGB"), "JPEG", **options)


def saved(image: Image.Image, form: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


def photos(*more: FileSchema, on_error: OnError = OnError.REJECT_EPOCH, **about: Any) -> Dataset:
    """A dataset of pictures, and of other files besides; `about` goes to `Picture`."""
    picture = FileSchema("photo.jpg", picture=Picture(**about), on_error=on_error)
    return Dataset("photos", (DatasetFile(picture, match="*.jpg"), *(DatasetFile(schema) for schema in more)))


def album(folder: Path, **pictures: bytes) -> Path:
    """An epoch with these pictures: `album(tmp_path, p7=jpeg())` makes 7.jpg."""
    epoch = folder / "20260901-020000"
    epoch.mkdir(exist_ok=True)
    for stem, data in pictures.items():
        (epoch / f"{stem.removeprefix('p')}.jpg").write_bytes(data)
    (epoch / "COMPLETE").touch()
    return epoch
