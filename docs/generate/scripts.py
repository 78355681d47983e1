"""The example scripts, shown on the pages of the districts exactly as they are in the folder `examples`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

_EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
#: script -> the page that shows it
PAGES = {
    "send-drop-sftp.sh": "docs/districts/sftp.md",
    "send-drop-lftp.sh": "docs/districts/lftp.md",
    "send-drop-curl.sh": "docs/districts/curl.md",
    "send_drop.py": "docs/districts/python.md",
    "send-drop.ps1": "docs/districts/powershell.md",
    "send-drop-winscp.ps1": "docs/districts/winscp.md",
    "send-drop-winscp.txt": "docs/districts/winscp.md",
    "fetch-report-winscp.txt": "docs/districts/winscp.md",
}
_LANGUAGES = {".sh": "bash", ".py": "python", ".ps1": "powershell", ".txt": "text"}


def parts() -> tuple[tuple[str, str, Callable[[], str]], ...]:
    """Page, name of the part, and what makes it, for each script."""
    return tuple((page, script, partial(shown, script)) for script, page in PAGES.items())


def shown(script: str) -> str:
    path = _EXAMPLES / script
    return f"```{_LANGUAGES[path.suffix]}\n{path.read_text(encoding='utf-8')}```\n"
