"""jsonschema without the wait for the grammar of IRIs."""

from __future__ import annotations

import subprocess
import sys

JUDGED = """
import sys
import watcher.{module}
assert "jsonschema" in sys.modules
assert not {{"lark", "rfc3987_syntax"}} & set(sys.modules), "the grammar was compiled"
from jsonschema import FormatChecker
checker = FormatChecker(["iri", "iri-reference"])
good = ["http://example.org/\u00e9", "urn:a:b"]
assert all(checker.conforms(text, "iri") for text in good)
assert not any(checker.conforms(text, "iri") for text in ["", "http://[", "a b", "/x"])
assert checker.conforms("/x", "iri-reference")
assert "lark" in sys.modules
"""


def test_iris_are_judged_as_ever_and_only_then_is_the_grammar_compiled() -> None:
    for module in ("schema", "validation", "loading.registry"):
        subprocess.run([sys.executable, "-c", JUDGED.format(module=module)], check=True, timeout=60)


def test_jsonschema_that_was_imported_before_stays_as_it_was() -> None:
    code = "import jsonschema, sys; was = sys.modules['rfc3987_syntax']; import watcher.schema; assert sys.modules['rfc3987_syntax'] is was"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
