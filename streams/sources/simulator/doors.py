"""The doors through which the simulator sends, as a protocol: a test gives a list, a play the real edges."""

from collections.abc import Sequence
from typing import Any, Protocol

from topics.events import Event
from topics.kitchen_events import Kitchen
from topics.positions import Position, Told
from topics.reading import Reading


class Doors(Protocol):
    """Each method returns once everything is kept for good (answered 9014, HTTP answer, acks=all).

    A door tries again by itself while that makes sense and raises ``topics.errors.NotKept`` when it does not.
    """

    async def frames(self, device: str, frames: Sequence[bytes]) -> int:
        """Send HJ 212 frames over the device's own connection; returns how many were sent again."""

    async def bad_frame(self, device: str, frame: bytes) -> None:
        """Send a frame that nobody will answer; returns once it is on the wire."""

    async def readings(self, readings: Sequence[Reading]) -> int:
        """Send readings to the HTTP intake; returns how many it refused."""

    async def cargo(self, events: Sequence[Event]) -> int:
        """Send cargo events, in their order, to the HTTP intake; returns how many it refused."""

    async def positions(self, told: Sequence[Told]) -> int:
        """Send what vehicles and their firms tell to the HTTP intake; returns how many it refused."""

    async def terminal(self, phone: str, told: Sequence[Position]) -> int:
        """Send positions of one vehicle as its JT/T 808 terminal does; returns how often it had to begin anew."""

    async def kitchens(self, words: Sequence[Kitchen]) -> int:
        """Send what kitchens' cameras say to the HTTP intake; returns how many it refused."""

    async def epcis(self, document: dict[str, Any]) -> int:
        """Send an EPCIS 2.0 document; returns how many of its events were refused."""

    async def publish(self, topic: str, records: Sequence[tuple[str, bytes]]) -> None:
        """Put (key, value) records straight on a topic."""
