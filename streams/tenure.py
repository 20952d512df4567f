"""Which assignment of a consumer group holds, as the two judging paths see it."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiokafka import ConsumerRebalanceListener


class Tenure(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka ships no types
    """Counts the changes of an assignment: what was fetched under one ``epoch`` is not judged under another.

    ``let_go`` is awaited when the group takes the partitions away. That they are assigned is only noted:
    the reader takes them over before its next fetch, while heartbeats go on.
    """

    def __init__(self, let_go: Callable[[], Awaitable[None]]) -> None:
        self.epoch = 0
        self._let_go = let_go
        self._ready = -1
        self._assigned = False

    @property
    def due(self) -> bool:
        """Whether there is an assignment that has not been taken over."""
        return self._assigned and self._ready != self.epoch

    def holds(self, epoch: int) -> bool:
        """Whether the partitions taken over under this epoch are still ours."""
        return self._ready == self.epoch == epoch

    def taken(self, epoch: int) -> None:
        """Everything that was assigned under this epoch is taken over."""
        self._ready = epoch

    def lost(self) -> None:
        """The partitions are not ours any more."""
        self.epoch += 1
        self._assigned = False

    def again(self) -> None:
        """The partitions are ours, but must be taken over anew."""
        self.epoch += 1

    async def on_partitions_revoked(self, revoked: Any) -> None:
        await self._let_go()

    async def on_partitions_assigned(self, assigned: Any) -> None:
        self.epoch += 1
        self._assigned = True
