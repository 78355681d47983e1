"""Named places at which a test can end the process, as a crash would.

`EPOCH_WATCHER_FAIL_AT=claim.renamed` kills this process (SIGKILL) when it gets there; unset, reaching one costs a
comparison. The names are listed here so that a test can walk them all.
"""

from __future__ import annotations

import os
import signal

_FAIL_AT = os.environ.get("EPOCH_WATCHER_FAIL_AT")

#: In the order in which a drop's road meets them.
NAMES = (
    "claim.intended",
    "claim.envelope-made",
    "claim.moved",
    "claim.copied",
    "claim.secured",
    "claim.journaled",
    "gather.intended",
    "gather.file-moved",
    "gather.closed",
    "supersede.journaled",
    "validate.attempt-counted",
    "unzip.set-aside",
    "unzip.member-written",
    "unzip.noted",
    "unzip.member-moved",
    "validate.report-written",
    "validate.manifest-written",
    "validate.journaled",
    "load.attempt-counted",
    "load.committed",
    "load.journaled",
    "finish.journaled",
    "file-away.moved",
    "file-away.journaled",
    "deliver.written",
    "deliver.journaled",
)


def reach(name: str) -> None:
    """Die here if a test asked for it."""
    if name == _FAIL_AT:
        os.kill(os.getpid(), signal.SIGKILL)
