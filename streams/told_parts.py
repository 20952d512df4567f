"""What the alert server tells topics of its store: the ledger's head, verdicts, what became of alarms, marks."""

from streams.alarm_event_publisher import AlarmEventPublisher
from streams.ledger_heads import HeadsPublisher
from streams.server_parts import Ground, ServerParts, Work
from streams.verdict_publisher import VerdictPublisher
from topics.alarm_event import TOPIC as ALARM_EVENTS
from topics.codec import encode
from topics.ledger_head import TOPIC as HEADS
from topics.mark import TOPIC as MARKS
from topics.mark import Mark
from topics.verdict import TOPIC as VERDICTS


class ToldParts(ServerParts):
    """A publisher for each topic; marks go out when they are made."""

    def __init__(self, ground: Ground) -> None:
        store, put, prefix = ground.store, ground.put, ground.prefix
        self._heads = HeadsPublisher(store, put, ground.wall_ms, topic=prefix + HEADS)
        self._verdicts = VerdictPublisher(store, put, topic=prefix + VERDICTS)
        self._alarm_events = AlarmEventPublisher(store, put, topic=prefix + ALARM_EVENTS)
        self._put = put
        self._marks = prefix + MARKS

    def run(self) -> tuple[Work, ...]:
        """The three publishers."""
        return self._heads.run(), self._verdicts.run(), self._alarm_events.run()

    async def send_mark(self, mark: Mark) -> None:
        """Bring a mark to the judges; returns once all replicas have it. Raises ``KafkaError``."""
        await self._put(self._marks, mark.id.encode(), encode(mark))
