"""Work side by side in two processes of ours, which end with the work, whatever ends it."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

from topics.broker import die_with_parent

#: The model city is primed and audited on two cores; a larger machine gains little, four domains being unequal.
PROCESSES = 2


@contextmanager
def side_by_side() -> Iterator[ProcessPoolExecutor]:
    """A pool of fresh processes. When its block is left by an exception, what is still at work is ended at once."""
    pool = ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn"), initializer=die_with_parent)
    try:
        yield pool
    except BaseException:
        workers = list((pool._processes or {}).values())  # no public way to end a task that has begun
        pool.shutdown(wait=False, cancel_futures=True)
        for each in workers:
            each.terminate()
        raise
    pool.shutdown()
