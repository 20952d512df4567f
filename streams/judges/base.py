"""The seam of judging events: one judge for each partition of an events topic."""

from typing import Protocol

from detectors.base import Outcome
from topics.events import Event


class EventJudge(Protocol):
    """Takes one partition's events and ticks in log order and says findings.

    Pure: no clock, file or wire. Its state is the log's, so the worker rebuilds it by replaying the events
    topic from the beginning, and any replay says the same findings, byte for byte.
    """

    def apply(self, event: Event, offset: int, stamp: int) -> Outcome:
        """Judge one event; ``offset`` is its place in the partition, ``stamp`` Kafka's time of it (ms UTC).

        Never raises for what the event says: what cannot be judged comes back as a reject.
        """

    def tick(self, time_ms: int, offset: int, stamp: int) -> Outcome:
        """City time has reached ``time_ms``; older ticks than the last one change nothing."""
