"""What the gateway writes down of its dealings with devices, so that an inspector can see which data came only because
they were asked for.
"""

from collections.abc import Callable

import structlog

from streams.sources.base import Record
from topics.codec import encode
from topics.device_event import TOPIC, DeviceEvent, Kind
from topics.finding import Text

log = structlog.get_logger(__name__)


class Diary:
    """Each entry is a ``DeviceEvent`` on its topic and a line in the log. ``now_ms``: the wall's clock (UTC)."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self.now_ms = now_ms
        self._events: list[DeviceEvent] = []

    def say(self, mn: str, kind: Kind, text: Text, **more: object) -> None:
        """Write down something of device ``mn``; ``more`` are the event's own fields."""
        event = DeviceEvent(mn, self.now_ms(), kind, text, **more)  # type: ignore[arg-type]  # the event's own fields
        log.info(f"hj212_{kind}", mn=mn, text=text.en, command=event.command, outcome=event.outcome)
        self._events.append(event)

    def take(self) -> list[Record]:
        """What is to be published, in the order in which it was said; each entry once."""
        events, self._events = self._events, []
        return [Record(TOPIC, event.device, encode(event)) for event in events]
