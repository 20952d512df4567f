"""How a judging process keeps its memory: it makes and drops megabytes of messages many times a second."""

import contextlib
import ctypes
import gc

#: The decoded messages hold no references that could form a cycle; looking for cycles often only costs.
GC_THRESHOLDS = (50_000, 20, 50)

#: Free memory at the end of the heap, in bytes, that glibc keeps for the next fetch: handing it back and asking
#: for it again costs a page fault every 4 KiB, at 200,000 readings a second a tenth of the processor time.
KEPT_BYTES = 256 * 1_048_576

#: Single pieces up to this size come from that heap too; glibc allows no more.
PIECE_BYTES = 32 * 1_048_576

#: ``mallopt``'s names for the two (malloc.h).
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3


def settle_memory() -> None:
    """To be called once, when everything is imported. Where the C library is not glibc its part does nothing."""
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
    with contextlib.suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_MMAP_THRESHOLD, PIECE_BYTES)
        mallopt(M_TRIM_THRESHOLD, KEPT_BYTES)
