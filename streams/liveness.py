"""Whether a worker gets on with its work: a partition that has records and stands still must not go unseen.

That a process answers says nothing: consumers have been seen to stop without a word after a broker was away. So
the ends of the partitions are asked by a client outside the group, and held against what has been judged.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from aiokafka.errors import KafkaError

from streams.clients import close_within, lone_consumer
from topics.connection import KafkaConnection

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 5.0
#: How long one question for the ends may take before it counts as unanswered.
ANSWER_WITHIN_S = 10.0

#: The mark at the end of a transaction takes an offset, and nobody ever judges it.
MARKER = 1

#: ``topic, partition``: aiokafka's ``TopicPartition`` is one.
Place = tuple[str, int]


class Liveness:
    """Takes looks and says what is wrong; ``patience_s`` is how long a partition may stand still.

    Times are seconds of a clock that never goes back. Nothing is wrong until ``patience_s`` after ``began_s``:
    state has to be restored first.
    """

    def __init__(self, patience_s: float, began_s: float) -> None:
        self.patience_s = patience_s
        self._looked_s = began_s
        #: Where each partition with records stands, how far it goes, and since when it stands there.
        self._standing: dict[Place, tuple[int, int, float]] = {}

    def unanswered(self, now_s: float) -> None:
        """The broker did not say where the partitions end: no fault of ours, and a new start would help nothing.

        For how long a partition stood still is then not known either, so its time begins anew.
        """
        self._looked_s = now_s
        self._standing = {place: (at, end, now_s) for place, (at, end, _) in self._standing.items()}

    def look(self, now_s: float, reached: Mapping[Any, int], ends: Mapping[Any, int]) -> None:
        """``reached`` is the next offset to judge by partition, ``ends`` the offset after its last record."""
        standing: dict[Place, tuple[int, int, float]] = {}
        for place, at in reached.items():
            end = ends.get(place, at)
            if at < end - MARKER:
                before = self._standing.get(tuple(place))
                stood_s = before[2] if before is not None and before[0] == at else now_s
                standing[tuple(place)] = (at, end, stood_s)
        self._standing = standing
        self._looked_s = now_s

    def problem(self, now_s: float) -> str:
        """What is wrong in one sentence, empty if nothing is."""
        if now_s - self._looked_s > self.patience_s:
            return f"nobody has looked at the partitions for {now_s - self._looked_s:.0f} s"
        for (topic, partition), (at, end, since_s) in sorted(self._standing.items()):
            if now_s - since_s > self.patience_s:
                return f"{topic}:{partition} stands at {at} of {end} for {now_s - since_s:.0f} s"
        return ""


async def watch_progress(
    connection: KafkaConnection, liveness: Liveness, reached: Callable[[], Mapping[Any, int]]
) -> None:
    """Look until cancelled."""
    asker = lone_consumer(connection)
    try:
        await asker.start()
        while True:
            await _look(asker, liveness, dict(reached()))
            await asyncio.sleep(LOOK_EVERY_S)
    finally:
        await close_within(asker, 1.0)


async def _look(asker: Any, liveness: Liveness, reached: Mapping[Any, int]) -> None:
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            ends = await asker.end_offsets(list(reached)) if reached else {}
    except (KafkaError, TimeoutError) as error:
        log.warning("ends_unknown", error=repr(error))
        liveness.unanswered(time.monotonic())
        return
    liveness.look(time.monotonic(), reached, ends)
