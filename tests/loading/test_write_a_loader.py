"""The loader of docs/how-to/write-a-loader.md keeps the contract, with the very tests that the page shows."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType

_PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "write-a-loader.md"
_LOADER, _TESTS = re.findall(r"```python\n(.*?)```", _PAGE.read_text(encoding="utf-8"), re.DOTALL)

_module = ModuleType("acme_loader")
exec(compile(_LOADER, str(_PAGE), "exec"), _module.__dict__)
sys.modules[_module.__name__] = _module
exec(compile(_TESTS, str(_PAGE), "exec"), globals())


def test_the_page_names_every_option_of_the_built_in_loaders() -> None:
    from watcher.loading.registry import loader_type

    text = _PAGE.read_text(encoding="utf-8")
    for name in ("sql", "files"):
        assert f"### {name}\n" in text
        for option in loader_type(name).options_schema["properties"]:
            assert f"| `{option}` |" in text.split(f"### {name}\n")[1]
