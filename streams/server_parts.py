"""What the parts of the alert server stand on, and what those of one subject have in common."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from alerts.city import City
from alerts.store import Store
from records.history import History
from streams.lazy_producer import LazyProducer
from topics.connection import KafkaConnection

#: Work that goes on in the server's event loop until it is cancelled.
Work = Coroutine[Any, Any, None]


@dataclass(frozen=True, slots=True)
class Ground:
    """One store, one city, one way to the broker. ``wall_ms`` is the machine's time, ms UTC; ``prefix`` stands before
    the names of all topics.
    """

    connection: KafkaConnection
    producer: LazyProducer
    store: Store
    city: City
    history: History
    wall_ms: Callable[[], int]
    prefix: str = ""

    @property
    def put(self) -> Callable[[str, bytes, bytes], Awaitable[str]]:
        """Puts a message, by its key, on a topic (prefix included) and returns once all replicas have it."""
        return self.producer.put


class ServerParts(ABC):
    """The desks of one subject for the interface, and what goes on beside it: readers, publishers, clocks."""

    @abstractmethod
    def run(self) -> tuple[Work, ...]:
        """The work beside the interface, each until cancelled."""

    def on_time(self) -> object:
        """Let city time act on what the desks hold; called in a thread, every half second of wall time."""
        return None
