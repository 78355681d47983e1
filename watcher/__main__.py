"""`python -m watcher` is `epoch-watcher`."""

from watcher.cli import program

if __name__ == "__main__":  # worker processes import this module again
    program()
