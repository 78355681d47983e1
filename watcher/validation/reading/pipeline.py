"""Does the same work on each of a row of items, on several threads, and gives the results in order.

Items are made one after the other where the results are taken, so that neither needs a lock; only the work between
them runs elsewhere. polars, numpy and the hash functions let other threads run meanwhile. Results are the same
whatever the number of threads is.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, islice
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

#: More threads than this wait for the one that makes the items.
MOST_JOBS = 8


def usual_jobs(processes: int = 1) -> int:
    """As many threads as the process may use processors, within reason, if so many processes share them."""
    return max(1, min(len(os.sched_getaffinity(0)) // processes, MOST_JOBS))


def in_order(work: Callable[[Item], Result], items: Iterator[Item], jobs: int) -> Generator[Result]:
    """`work(item)` for each item, in their order; at most `jobs` + 1 items are in memory.

    What an item or its work raises is raised here, in its turn. Closing the iterator waits for the work under way;
    Ctrl-C does not.
    """
    first = list(islice(items, 2))
    if jobs <= 1 or len(first) <= 1:  # a single item needs no threads
        yield from map(work, chain(first, items))
        return
    waiting: deque[Future[Result]] = deque()
    pool = ThreadPoolExecutor(jobs, thread_name_prefix="validation")
    waits = True
    try:
        for item in chain(first, items):
            waiting.append(pool.submit(work, item))
            del item
            if len(waiting) > jobs:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except KeyboardInterrupt:
        # Python may raise it while this thread has just taken a lock of a Future: its worker would never come back.
        waits = False
        raise
    finally:
        pool.shutdown(waits, cancel_futures=True)
