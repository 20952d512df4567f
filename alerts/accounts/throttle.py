"""Slowing down whoever guesses: each failure after the first few doubles the wait. Never a lock-out for good.

Pure: the time is passed in. Kept in memory, in one process, which is the only one that signs people in.
"""

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

#: Keys remembered; the longest unused is forgotten first.
REMEMBERED = 20_000


@dataclass(slots=True)
class _Tries:
    failures: int = 0
    until: int = 0


class Throttle:
    """``free`` failures cost nothing; then ``first_ms`` of waiting, doubling up to ``longest_ms``.

    Failures are forgotten after twice the longest wait without a try.
    """

    def __init__(self, free: int = 5, first_ms: int = 1_000, longest_ms: int = 300_000) -> None:
        self._free = free
        self._first_ms = first_ms
        self._longest_ms = longest_ms
        self._tries: OrderedDict[str, tuple[int, _Tries]] = OrderedDict()
        self._lock = Lock()

    def begin(self, key: str, now_ms: int) -> int:
        """Count a try as failed before its answer is known, so that many at once gain nothing.

        Returns 0 where it may go on, else the milliseconds to wait; a try that has to wait is not counted.
        """
        with self._lock:
            seen, tries = self._tries.pop(key, (now_ms, _Tries()))
            if now_ms - max(seen, tries.until) > 2 * self._longest_ms:
                tries = _Tries()
            wait = max(0, tries.until - now_ms)
            if not wait:
                tries.failures += 1
                tries.until = now_ms + self._pause(tries.failures)
            self._tries[key] = (now_ms, tries)
            while len(self._tries) > REMEMBERED:
                self._tries.popitem(last=False)
            return wait

    def succeeded(self, key: str) -> None:
        """The password was right: forget the failures."""
        with self._lock:
            self._tries.pop(key, None)

    def take_back(self, key: str) -> None:
        """The try was none: uncount it, but not those before it."""
        with self._lock:
            if key in self._tries:
                _, tries = self._tries[key]
                tries.failures = max(0, tries.failures - 1)
                tries.until = 0

    def _pause(self, failures: int) -> int:
        over = failures - self._free
        return 0 if over < 0 else min(self._longest_ms, self._first_ms << min(over, 40))
