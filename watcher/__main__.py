"""`python -m watcher` is `epoch-watcher`."""

import sys

from watcher.cli import main

if __name__ == "__main__":  # worker processes import this module again
    sys.exit(main())
