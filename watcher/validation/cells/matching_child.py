"""A process that matches patterns, so that one which would take for ever can be ended. Standard library only.

Read from standard input, a JSON line a batch: `{"pattern": "a+", "full": false, "seconds": 1.0, "texts": ["a", "b"]}`.
Written to standard output: for each text, as soon as it is judged, `1` (found), `0` (not found) or `?` (out of
memory). A text that takes more than so many seconds of processor time ends the process.
"""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import sys
from contextlib import suppress

_MEMORY_BYTES = 1 << 30


def main() -> None:
    """Judge batches until the input ends."""
    _limit_memory()
    # Whoever started the service may have set both aside.
    signal.signal(signal.SIGVTALRM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGVTALRM])
    for line in sys.stdin.buffer:
        batch = json.loads(line)
        compiled = re.compile(batch["pattern"])
        match = compiled.fullmatch if batch["full"] else compiled.search
        for text in batch["texts"]:
            # The signal's default action ends the process; the clock is that of the processor, not of the wall.
            signal.setitimer(signal.ITIMER_VIRTUAL, batch["seconds"])
            try:
                answer = b"1" if match(text) else b"0"
            except MemoryError:
                answer = b"?"
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            os.write(1, answer)


def _limit_memory() -> None:
    """Where limits may not be set, or are lower already, they stay."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    soft = _MEMORY_BYTES if hard == resource.RLIM_INFINITY else min(_MEMORY_BYTES, hard)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


if __name__ == "__main__":
    main()
