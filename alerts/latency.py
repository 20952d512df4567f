"""How long a finding takes from its cause on the topic to the store, as a histogram of milliseconds."""

from collections.abc import Iterable
from threading import Lock

from hdrh.histogram import HdrHistogram

#: One hour; what is slower counts as this. Three digits keep the error under 0.1 %.
LONGEST_MS = 3_600_000
DIGITS = 3


class Latency:
    """Counts latencies; may be read and written from any thread."""

    def __init__(self) -> None:
        self._histogram = HdrHistogram(1, LONGEST_MS, DIGITS)
        self._lock = Lock()

    def record(self, latencies_ms: Iterable[int], times: int = 1) -> None:
        """Count each of these, ``times`` times."""
        with self._lock:
            for latency in latencies_ms:
                self._histogram.record_value(min(max(1, latency), LONGEST_MS), times)

    def at(self, *percentiles: float) -> dict[str, int | None]:
        """``{"p50": ms, …, "max": ms}``; ``None`` where nothing was counted yet."""
        with self._lock:
            counted = self._histogram.get_total_count() > 0
            found = {
                f"p{percentile:g}": int(self._histogram.get_value_at_percentile(percentile)) if counted else None
                for percentile in percentiles
            }
            return found | {"max": int(self._histogram.get_max_value()) if counted else None}
