"""What stands on the `models` topic: every bundle that a log may still name, and which of them is in force.

| key | value |
|---|---|
| `<domain>/<time>` | the bundle fitted at this event-time point (ms UTC), for replays of any log that names it |
| `<domain>` | the bundle a city was primed with |
| `<domain>/in-force` | the `~model` control that put the domain's newest bundle in force |
"""

import hashlib
from dataclasses import dataclass
from typing import Any

import msgspec
from aiokafka import TopicPartition

from detectors.models import Models, unpacked
from streams.artefacts import IN_FORCE
from streams.clients import lone_consumer
from streams.partitions import partitions_of
from topics.connection import KafkaConnection
from topics.reading import Control

MODELS = "models"


@dataclass(frozen=True, slots=True)
class Version:
    """A bundle on the topic: its key, what controls call it, and when the broker took it (ms, wall time)."""

    key: str
    ref: str
    written: int


class ModelShelf:
    """The topic as far as ``catch_up`` has read it. Bundles themselves are kept with ``bodies`` only, because they
    take megabytes each."""

    def __init__(self, connection: KafkaConnection, *, bodies: bool = False) -> None:
        self.connection = connection
        self.bodies = bodies
        self.versions: dict[str, Version] = {}
        self._in_force: dict[str, Control] = {}
        self._bodies: dict[str, bytes] = {}
        self._consumer: Any = None

    async def start(self) -> None:
        """Read the topic to its end. Raises ``PartMissing`` if it is not there."""
        self._consumer = lone_consumer(self.connection, committed_only=True)
        try:
            await self._consumer.start()
            places = await partitions_of(self._consumer, [MODELS], "models")
            self._consumer.assign(places)
            await self._consumer.seek_to_beginning(*places)
            await self.catch_up()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Close the consumer."""
        if self._consumer is not None:
            consumer, self._consumer = self._consumer, None
            await consumer.stop()

    async def catch_up(self) -> None:
        """Read what has come since."""
        place = TopicPartition(MODELS, 0)
        end = (await self._consumer.end_offsets([place]))[place]
        while await self._consumer.position(place) < end:
            for record in (await self._consumer.getmany(place, timeout_ms=200)).get(place, []):
                self._take((record.key or b"").decode(), record.value, record.timestamp)

    def in_force(self, domain: str) -> Control | None:
        """The control that put the domain's newest bundle in force, ``None`` if none ever was."""
        return self._in_force.get(domain)

    def heard(self, domain: str, word: Control) -> None:
        """This control has been written, wherever reading has come to."""
        self._in_force[domain] = word

    def version(self, domain: str, time_ms: int) -> Version | None:
        """The bundle of this point, if it has been published."""
        return self.versions.get(version_key(domain, time_ms))

    def models(self, ref: str) -> Models | None:
        """The bundle of this name, unpacked; ``None`` if it is not there or cannot be read (any more)."""
        body = self._bodies.get(ref)
        try:
            return unpacked(body) if body else None
        except ValueError:
            return None

    def outdated(self, domain: str, keep_ms: int) -> list[str]:
        """Keys of the domain's bundles that were published so long before its newest, by the broker's own stamps,
        that no log which is still kept names them. What is in force is never among them."""
        mine = [each for each in self.versions.values() if each.key.startswith(f"{domain}/")]
        newest = max((each.written for each in mine), default=0)
        held = self._in_force.get(domain)
        old = [each for each in mine if each.written < newest - keep_ms]
        return sorted(each.key for each in old if held is None or each.ref != held.ref)

    def _take(self, key: str, value: bytes | None, written: int) -> None:
        if key.endswith(IN_FORCE):
            if value:
                self._in_force[key.removesuffix(IN_FORCE)] = msgspec.json.decode(value, type=Control)
            return
        gone = self.versions.pop(key, None)
        if gone is not None:
            self._bodies.pop(gone.ref, None)
        if value:
            ref = f"{key}@{hashlib.sha256(value).hexdigest()}"
            self.versions[key] = Version(key, ref, written)
            if self.bodies:
                self._bodies[ref] = value


def version_key(domain: str, time_ms: int) -> str:
    """The key of the bundle of one point."""
    return f"{domain}/{time_ms}"
