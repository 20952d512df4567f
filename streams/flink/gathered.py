"""What a claim leads to, as rows for Flink's sink: routed by the worker's own outlet, so that both engines agree."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from streams.batch import Judged
from streams.outlet import FINDINGS, UNREGISTERED, Outlet
from topics.connection import KafkaConnection
from topics.dead_letter import TOPIC as DEAD_LETTERS
from topics.shadow import SHADOW_FINDINGS

PULSE = "pulse"

#: Every topic the job writes to.
TOPICS = (FINDINGS, DEAD_LETTERS, UNREGISTERED, SHADOW_FINDINGS, PULSE)

Headers: TypeAlias = dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Row:
    """One record to write."""

    key: bytes | None
    body: bytes | None
    topic: str
    headers: Headers


class Gathered(Outlet):
    """An outlet that keeps what it is given until ``take``: Flink's sink has the connection, and the guarantee."""

    def __init__(self, by: str, now_ms: Callable[[], int]) -> None:
        super().__init__(KafkaConnection(""), by, now_ms)
        self._rows: list[Row] = []

    async def send(
        self, topic: str, key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes]] | None = None
    ) -> None:
        self._rows.append(Row(key, value, topic, dict(headers or ())))

    async def judged(self, topic: str, partition: int, judged: Judged) -> None:
        """Everything that became of a batch."""
        await self.put(topic, partition, judged)

    def take(self) -> list[Row]:
        """What has been given since the last call."""
        rows, self._rows = self._rows, []
        return rows
