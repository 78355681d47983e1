"""The demo: each drop meets the end that the narrative tells of."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

from watcher import validate_zip
from watcher.cli.demo_drops import BAD_ONEROSTER, ONEROSTER, send_zip
from watcher.schema import find_dataset


def test_demo_sees_everything_it_promises_and_leaves_it_to_look_at(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    line = [sys.executable, "-m", "watcher", "demo", "--keep", str(kept)]
    done = subprocess.run(line, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(re.findall(r"^  yes ", done.stdout, re.MULTILINE)) == 9
    assert [path.name for path in (kept / "oneroster").iterdir()] != []
    assert "the column 'familyName' is missing" in done.stdout


def test_demo_zips_are_as_the_narrative_says(tmp_path: Path) -> None:
    dataset = find_dataset("oneroster-1.1")
    send_zip(tmp_path / "good.zip", ONEROSTER)
    send_zip(tmp_path / "bad.zip", BAD_ONEROSTER)
    assert validate_zip(tmp_path / "good.zip", dataset).findings == ()
    found = {(finding.file, finding.code) for finding in validate_zip(tmp_path / "bad.zip", dataset).findings}
    assert found == {("users.csv", "missing-column"), ("users.csv", "extra-column")}
    assert len(zipfile.ZipFile(tmp_path / "good.zip").namelist()) == 7
