"""What one gateway allows, and the bucket that meters a device."""

import msgspec

#: The limits by name, as the metric ``citybrain_gateway_limits_total`` counts them when they bite.
LIMITS = (
    "connections", "connections_per_address", "idle", "unfinished_frame", "slow_reader", "frame_size", "frame_rate",
)  # fmt: skip

#: Seconds' worth of frames that a device may send at once: what it kept while the line was down.
BURST_S = 20.0


class Limits(msgspec.Struct, frozen=True):
    """``idle_s`` is longer than the longest interval of realtime data (3600 s); ``frame_s`` is how long an
    unfinished frame may wait for its rest, ``answer_s`` how long a device may take to accept an answer.
    ``frame_bytes`` bounds the data segment. ``frames_per_s`` is what a device may send for long: beyond it its
    line is read more slowly, so nothing is lost; 0 = as fast as it likes.
    """

    connections: int = 4_000
    per_address: int = 4_000
    idle_s: float = 4_000.0
    frame_s: float = 30.0
    answer_s: float = 10.0
    frame_bytes: int = 9_999
    frames_per_s: float = 0.0


class Bucket:
    """Tokens that come back at ``rate`` a second, up to ``BURST_S`` seconds' worth. Times in seconds of any clock.

    >>> bucket = Bucket(rate=2.0, now=0.0)
    >>> [bucket.take(0.0) for _ in range(40)][-1], bucket.take(0.0), bucket.take(10.0)
    (0.0, 0.5, 0.0)
    """

    __slots__ = ("_at", "_left", "rate")

    def __init__(self, rate: float, now: float) -> None:
        self.rate = rate
        self._left = rate * BURST_S
        self._at = now

    def would_wait(self, now: float) -> bool:
        """Whether there is none to take."""
        return min(self.rate * BURST_S, self._left + (now - self._at) * self.rate) < 1.0

    def take(self, now: float) -> float:
        """Take one; returns for how many seconds there is none to take (0 = there was)."""
        self._left = min(self.rate * BURST_S, self._left + (now - self._at) * self.rate) - 1.0
        self._at = now
        return max(0.0, -self._left / self.rate)
