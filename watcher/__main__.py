"""`python -m watcher` is the command `epoch-watcher`."""

from __future__ import annotations

import sys

from watcher.cli import main

if __name__ == "__main__":
    sys.exit(main())
