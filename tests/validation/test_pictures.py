"""Pictures: what is refused, what is warned of, and that nothing a stranger sends takes memory or time."""

from __future__ import annotations

import builtins
import hashlib
import os
import random
import struct
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.validation.photos import album, jpeg, photos, saved
from tests.validation.worlds import codes, column, file_schema, only
from watcher.errors import ConfigError
from watcher.model.codes import CODES
from watcher.model.findings import Severity
from watcher.model.report import Verdict
from watcher.schema.model import OnError, Tolerated
from watcher.validation import pictures, validate, validate_file
from watcher.validation.jpegwalk import MalformedError, follows, outline
from watcher.validation.reading.source import open_source

GREY = Image.new("L", (64, 48), 128)
NOISE = Image.effect_noise((64, 48), 60)


def segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def with_size(data: bytes, width: int, height: int) -> bytes:
    """The picture with another size in its header, and nothing else changed."""
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + struct.pack(">HH", height, width) + data[at + 4 :]


#: Code, part of the message, and what has it.
WRONG: dict[str, tuple[str, str, bytes]] = {
    "PNG": ("picture-format", "it is a PNG picture, expected JPEG", saved(NOISE, "PNG")),
    "GIF": ("picture-format", "it is a GIF picture", saved(GREY, "GIF")),
    "BMP": ("picture-format", "it is a BMP picture", saved(GREY, "BMP")),
    "TIFF": ("picture-format", "it is a TIFF picture", saved(GREY, "TIFF")),
    "icon": ("picture-format", "it is an icon", saved(GREY, "ICO")),
    "WebP": ("picture-format", "it is a WebP picture", b"RIFF\x30\0\0\0WEBPVP8 " + bytes(100)),
    "HEIC": ("picture-format", "it is a HEIC picture", b"\0\0\0\x18ftypheic" + bytes(100)),
    "film": ("picture-format", "it is a film or a picture of another kind", b"\0\0\0\x18ftypisom" + bytes(100)),
    "page": ("picture-format", "no picture of a known kind", b"<!doctype html><title>not found</title>" + b" " * 99),
    "empty": ("picture-size", "0 bytes, expected at least 100 bytes", b""),
    "tiny": ("picture-size", "3 bytes, expected at least 100 bytes", b"\xff\xd8\xff"),
    "huge": ("picture-size", "30.1 kB, expected at most 30.0 kB", jpeg() + bytes(30_100 - len(jpeg()))),
    "cut off": ("picture-damaged", "is cut off before its end", jpeg()[:-700]),
    "cut in its header": ("picture-damaged", "is cut off before its end", jpeg()[:150]),
    "filled up with zeros": ("picture-damaged", "is cut off before its end", jpeg()[:-700] + bytes(700)),
    "wide": ("picture-pixels", "has 200 by 51 pixels, expected at most 10,000 in all", jpeg(200, 51)),
    "bomb": ("picture-pixels", "has 65,500 by 65,500 pixels", with_size(jpeg(), 65_500, 65_500)),
    "no size": ("picture-damaged", "is of no size", with_size(jpeg(), 0, 64)),
    "two sizes": ("picture-damaged", "says its size twice", jpeg()[:2] + jpeg()[jpeg().index(b"\xff\xc0") :][:19] + jpeg()[2:]),
    "no pixels": ("picture-damaged", "has no pixels in it", b"\xff\xd8" + segment(0xFE, bytes(200)) + b"\xff\xd9"),
    "no length": ("picture-damaged", "has a part without a length", b"\xff\xd8\xff\xfe\0\1" + bytes(200)),
    "many parts": ("picture-damaged", "has more than 5,000 parts", b"\xff\xd8" + segment(0xFE, b"") * 5_001),
    "no tables": ("picture-damaged", "cannot be decoded", jpeg().replace(b"\xff\xdb\0\x43", b"\xff\xfe\0\x43")),
}  # fmt: skip
LIMITS: dict[str, Any] = {"max_bytes": 30_000, "max_pixels": 10_000}


@pytest.mark.parametrize("case", WRONG)
def test_picture_is_refused_by_what_it_holds(tmp_path: Path, case: str) -> None:
    code, message, data = WRONG[case]
    report = validate(album(tmp_path, p7=data, p8=jpeg()), photos(**LIMITS))
    assert codes(report) == [code]
    found = only(report, code)
    assert message in found.message
    assert (found.file, found.count, found.severity) == ("7.jpg", 1, Severity.ERROR)


@pytest.mark.parametrize(
    "options", [{}, {"progressive": True}, {"restart_marker_rows": 1}, {"subsampling": 0}, {"quality": 1}]
)
def test_picture_of_any_jpeg_is_accepted(tmp_path: Path, options: dict[str, Any]) -> None:
    grey = saved(GREY, "JPEG", **options)
    cmyk = saved(GREY.convert("CMYK"), "JPEG", **options)
    report = validate(album(tmp_path, p1=jpeg(**options), p2=grey, p3=cmyk, p4=jpeg(1, 1, **options)), photos())
    assert report.findings == ()


def test_picture_report_tells_the_file_and_no_rows(tmp_path: Path) -> None:
    data = jpeg()
    [seen] = validate(album(tmp_path, p7=data), photos()).files
    assert (seen.name, seen.schema, seen.rows) == ("7.jpg", "photo.jpg", 0)
    assert (seen.size_bytes, seen.sha256) == (len(data), hashlib.sha256(data).hexdigest())


@pytest.mark.parametrize("more", [b"\0", b"\r\n", bytes(4096), b"\xff" * 16])
def test_picture_filled_up_behind_its_end_is_accepted(tmp_path: Path, more: bytes) -> None:
    assert validate(album(tmp_path, p7=jpeg() + more), photos()).findings == ()


@pytest.mark.parametrize("more", [b"PK\x03\x04 a zip", b"<script>", jpeg()])
def test_picture_with_something_behind_its_end_is_warned_of(tmp_path: Path, more: bytes) -> None:
    found = only(validate(album(tmp_path, p7=jpeg() + more), photos()), "picture-trailing-data")
    assert found.severity is Severity.WARNING
    assert found.message.startswith(f"{len(more):,} bytes that are no part")


def test_picture_notes_never_reach_the_decoder(tmp_path: Path) -> None:
    """A broken EXIF block is nothing to refuse a portrait for; and Pillow warns of it, which would fail this test."""
    data = jpeg()
    exif = segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\xff" * 40)
    several = segment(0xE2, b"MPF\0II*\0\xff\xff\xff\xff")
    report = validate(album(tmp_path, p7=data[:2] + exif + several + data[2:]), photos())
    assert report.findings == ()
    assert b"Exif" not in outline(data[:2] + exif + data[2:]).plain


def test_picture_name_must_have_its_form(tmp_path: Path) -> None:
    dataset = photos(name=r"^[0-9]+\.jpg$")
    found = only(validate(album(tmp_path, p7=jpeg(), pclass=jpeg()), dataset), "picture-name")
    assert found.file == "class.jpg"
    assert found.message == r"the name is not of the expected form, pattern '^[0-9]+\.jpg$'"


def test_picture_name_that_takes_a_pattern_for_ever_is_refused_in_time(tmp_path: Path) -> None:
    dataset = photos(name=r"^(a+)+b\.jpg$")
    assert codes(validate(album(tmp_path, **{"a" * 40: jpeg()}), dataset)) == ["picture-name"]


def test_picture_findings_tell_hostile_names_printably(tmp_path: Path) -> None:
    where = album(tmp_path)
    Path(os.fsdecode(os.fsencode(where) + b"/\x1b[31m\xff\n.jpg")).write_bytes(b"no picture" * 20)
    report = validate(where, photos())
    assert codes(report) == ["bad-file-name", "picture-format"]
    assert all(f.file is not None and f.file.isprintable() and f.message.isprintable() for f in report.findings)


def test_picture_that_is_left_out_leaves_the_others(tmp_path: Path) -> None:
    report = validate(album(tmp_path, p7=jpeg(), p8=b"x" * 200), photos(on_error=OnError.REJECT_FILE))
    assert report.verdict is Verdict.ACCEPTED
    assert [(file.name, file.is_left_out) for file in report.files] == [("7.jpg", False), ("8.jpg", True)]


def test_pictures_that_are_all_left_out_take_no_time(tmp_path: Path) -> None:
    """Concluding on each file went through the findings of all of them."""
    many = 6_000  # then it took a minute
    where = album(tmp_path, good=jpeg(), **{f"p{i}": b"x" * 200 for i in range(many)})
    began = time.process_time()
    report = validate(where, photos(on_error=OnError.REJECT_FILE))
    assert time.process_time() - began < 20
    assert len(report.files_left_out) == len(report.findings) == many


def test_picture_that_is_none_at_all_is_told_as_any_file(tmp_path: Path) -> None:
    where = album(tmp_path)
    (where / "1.jpg").mkdir()
    (where / "2.jpg").symlink_to("/etc/passwd")
    os.mkfifo(where / "3.jpg")
    report = validate(where, photos())
    assert codes(report) == ["directory-in-epoch", "not-a-regular-file", "not-a-regular-file"]
    assert report.files == ()


def test_picture_of_too_many_scans_is_refused_at_once() -> None:
    """A decoder goes over all pixels for each scan: of thousands, a small file takes minutes."""
    data = jpeg(64, 64, progressive=True)
    at = data.rindex(b"\xff\xda")
    many = data[:at] + data[at:-2] * 2_000 + b"\xff\xd9"
    assert outline(many).scans > 2_000
    began = time.process_time()
    flaw = pictures._of_content(many, photos().files[0].schema.picture)  # type: ignore[arg-type]
    assert flaw is not None
    assert "scans, expected at most 100" in flaw.message
    assert time.process_time() - began < 10


@pytest.mark.parametrize("hostile", [b"\xff" * 5_000_000, b"\xff\x01" * 2_500_000, b"\xff\xd8\xff\xda" * 1_250_000])
def test_picture_of_markers_alone_is_refused_at_once(hostile: bytes) -> None:
    began = time.process_time()
    with suppress(MalformedError):
        assert outline(b"\xff\xd8" + hostile).end is None
    assert time.process_time() - began < 10


def test_picture_with_any_damage_is_a_finding_or_none_and_never_an_exception(tmp_path: Path) -> None:
    chance = random.Random("damage")
    data = jpeg(progressive=True)
    for i in range(300):
        broken = bytearray(data)
        for _ in range(chance.randint(1, 5)):
            broken[chance.randrange(2, len(broken))] = chance.randrange(256)
        album(tmp_path, **{f"p{i}": bytes(broken[: chance.choice((len(broken), chance.randrange(120, len(broken))))])})
    report = validate(tmp_path / "20260901-020000", photos(), jobs=2)
    assert len(report.files) == 300
    assert {"picture-damaged"} <= set(codes(report)) <= {"picture-damaged", "picture-pixels", "picture-trailing-data"}
    assert all(finding.count == 1 for finding in report.findings)


def test_pictures_are_told_in_order_whatever_the_number_of_threads(tmp_path: Path) -> None:
    where = album(tmp_path, **{f"p{i:03}": jpeg() if i % 3 else b"x" * 200 for i in range(60)})
    one, several = (validate(where, photos(), jobs=jobs) for jobs in (1, 4))
    assert one == several
    assert [file.name for file in one.files] == sorted(file.name for file in one.files)


def test_pictures_beside_other_files_are_each_judged_their_own_way(tmp_path: Path) -> None:
    where = album(tmp_path, p7=b"x" * 200)
    (where / "students.csv").write_text("id\nx\n")
    report = validate(where, photos(file_schema("students.csv", column("id", type="integer"))))
    assert sorted(codes(report)) == ["picture-format", "type"]


def test_picture_codes_may_be_tolerated(tmp_path: Path) -> None:
    dataset = replace(photos(), tolerate=(Tolerated("picture-format"),))
    assert validate(album(tmp_path, p7=b"x" * 200), dataset).verdict is Verdict.ACCEPTED


def test_picture_by_its_schema_alone_is_judged(tmp_path: Path) -> None:
    path = tmp_path / "any.jpg"
    path.write_bytes(b"x" * 200)
    assert codes(validate_file(path, photos().files[0].schema)) == ["picture-format"]


def test_picture_that_grows_while_it_is_read_is_no_larger_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its size was asked for before; never more than the limit is read at once."""
    monkeypatch.setattr(
        pictures, "_of_size", lambda size, _: None if size == 101 else pictures._Flaw("picture-size", f"{size}")
    )
    where = album(tmp_path, p7=jpeg())
    with open_source(where / "7.jpg") as source:
        source.size_bytes = 101
        found = pictures.judged_picture(source, "7.jpg", "7.jpg", photos(max_bytes=200).files[0].schema.picture)  # type: ignore[arg-type]
    assert found is not None
    assert found.message == "201"


def test_pictures_without_pillow_say_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(ConfigError, match=r"pip install 'epoch-watcher\[photos\]'"):
        validate(album(tmp_path, p7=jpeg()), photos())
    with pytest.raises(ConfigError, match="Pillow"):
        validate_file(album(tmp_path, p7=jpeg()) / "7.jpg", photos().files[0].schema)


def test_other_files_need_no_pillow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def no_pillow(name: str, *args: Any, **kwargs: Any) -> Any:
        assert name.partition(".")[0] != "PIL"
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", no_pillow)
    path = tmp_path / "a.csv"
    path.write_text("id\n1\n")
    assert validate_file(path, file_schema("a.csv", column("id"))).findings == ()


def test_what_follows_the_end_is_counted_unless_it_is_filling() -> None:
    assert [follows(b"\xff\xd8" + rest, 2) for rest in (b"", b"\0\0\n", b"\0\0abc\n")] == [0, 0, 6]


def test_picture_codes_all_have_a_case() -> None:
    had = {code for code, _, _ in WRONG.values()} | {"picture-name", "picture-trailing-data"}
    assert had == {code for code in CODES if code.startswith("picture-") and code != "picture-without-student"}
