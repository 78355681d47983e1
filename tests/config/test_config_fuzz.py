from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from watcher.config import Settings, schema
from watcher.config.loading import from_document
from watcher.config.schema import options_of, root_schema
from watcher.errors import ConfigError
from watcher.text import printable
from watcher.yamlfile import Document

_NAMES = [*options_of(schema()), *options_of(root_schema()), "level", "format", "type", "password", "", "a\nb"]
_WORDS = ["/srv/a", "/srv/*/b", "..", "~", "/", "a/b", "[", "**", "5m", "yes", "events", "load", "x", "sqlite:///x"]
_WORDS += ["${PW}", "${GONE}", "${", "$${", "postgresql://u:hunter2@h/db", "a\x00b", "\ud83d", ""]
_scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
_values = st.recursive(
    _scalars | st.sampled_from(_WORDS) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(_NAMES), inner, max_size=5),
    max_leaves=12,
)
_root = st.fixed_dictionaries({"path": st.sampled_from(_WORDS)}, optional=dict.fromkeys(("name", "expect"), _values))
_near_sound = st.fixed_dictionaries(
    {"work_dir": st.sampled_from(_WORDS), "roots": st.lists(_root | _values, max_size=3)},
    optional={name: _values for name in options_of(schema()) if name not in {"work_dir", "roots"}},
)


@settings(deadline=None, max_examples=300)
@given(_near_sound | _values)
def test_any_data_gives_settings_or_printable_problems(data: Any) -> None:
    try:
        found: Settings | ConfigError = from_document(
            Document("c.yaml", data, {}), Path("/etc/c.yaml"), {"PW": "hunter2"}
        )
    except ConfigError as error:
        found = error
    if isinstance(found, Settings):
        shown = (
            repr(found).replace("/etc/hunter2", "").replace("postgresql:/u:hunter2", "")
        )  # as a path it is no secret
        assert "hunter2" not in shown
        return
    assert all(problem.startswith("c.yaml:1: ") and printable(problem) == problem for problem in found.problems)
    assert "hunter2" not in str(found)
