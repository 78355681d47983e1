"""Whatever a sender does to a file, judging it takes bounded memory: real processes, their highest resident set."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

#: A block holds hundreds of thousands of such lines; an object for each, kept for a block, would show.
FILE_BYTES = 3_000_000
GROWTH_MIB = 140
CHILD = """
import resource, sys
from tests.validation.worlds import column, file_schema
from watcher.validation import validate_file

def highest():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

schema = file_schema("a.csv", column("id"), column("name"))
validate_file(sys.argv[1], schema, jobs=2)
before = highest()
report = validate_file(sys.argv[2], schema, jobs=2)
print(highest() - before, sum(found.count for found in report.findings))
"""


@pytest.mark.parametrize("line", [b'"a"b,c\n', b'a,"b\n', b"\n", b"a\n", b"a,b\rc\n"])
def test_memory_of_a_file_wrong_in_every_line_is_bounded(tmp_path: Path, line: bytes) -> None:
    few, many = tmp_path / "few.csv", tmp_path / "many.csv"
    few.write_bytes(b"id,name\n" + line * 10)
    lines = FILE_BYTES // len(line)
    many.write_bytes(b"id,name\n" + line * lines)
    ran = subprocess.run([sys.executable, "-c", CHILD, few, many], capture_output=True, text=True, check=True)
    growth_mib, found = ran.stdout.split()
    assert int(found) >= lines
    assert float(growth_mib) < GROWTH_MIB
