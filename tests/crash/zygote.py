"""A program that has imported everything and forks a fresh service for each request, so that hundreds can be killed.

Reads a line of JSON `{"config": ..., "log": ..., "gate": ..., "fail_at": ...}`, forks, answers with the child's number.
The child opens the FIFO `gate` (that is when a tracer has attached), runs the service in itself until nothing is left
to do, and ends with 0; at the failpoint `fail_at` it dies. A second line of the answer is its exit status, negative
for a signal.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from loguru import logger

import watcher.loading.files
import watcher.loading.manifest
import watcher.loading.registry
import watcher.loading.sql
import watcher.reporting
import watcher.validation  # noqa: F401 (what a worker imports when it works; nothing of it is used before the fork)
from tests.crash import inline
from watcher import failpoints
from watcher.errors import WatcherError


def main() -> None:
    gc.freeze()
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if child == 0:
            os._exit(_child(asked))
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _child(asked: dict[str, Any]) -> int:
    signal.signal(signal.SIGIO, signal.SIG_IGN)
    logger.remove()
    log = os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    logger.add(os.fdopen(log, "w", buffering=1), format="{level} {message}", diagnose=False)
    os.close(os.open(asked["gate"], os.O_RDONLY))
    failpoints._FAIL_AT = asked["fail_at"]  # what the environment says where a whole process is started for it
    try:
        with inline.begin(Path(asked["config"])) as service:
            service.finish()
    except (WatcherError, OSError) as error:  # the service could not start: said by the command line
        logger.error("{error}", error=f"{type(error).__name__} {error}")
        return 3
    except BaseException as error:  # noqa: BLE001 (a bug; the parent must not go on in a second process)
        with contextlib.suppress(BaseException):
            logger.opt(exception=error).error("bug")
        return 4
    return 0


if __name__ == "__main__":
    main()
