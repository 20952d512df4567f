"""Bringing a bundle of models into force: first published for good, then named in every partition at once.

Published first and on its own, so that whoever crashes in between finds it again and names the same bytes. The
controls of all partitions and the record that they have been written are one transaction: after a crash either all
of it is there or nothing counts, and of two fitters only the newer can finish.
"""

import hashlib
from collections.abc import Iterable

import structlog

from streams.artefacts import IN_FORCE
from streams.clients import fenced_producer, sure_producer
from streams.model_shelf import MODELS, ModelShelf, version_key
from topics.catalog import CITY_TOPICS
from topics.codec import encode
from topics.connection import KafkaConnection
from topics.domain import Domain
from topics.errors import CityBrainError
from topics.reading import Control

#: The largest bundle the `models` topic takes, less what a record costs besides.
LARGEST_BYTES = next(topic.max_message_bytes for topic in CITY_TOPICS if topic.name == MODELS) - 4_096

log = structlog.get_logger(__name__)


class BundleTooLarge(CityBrainError):
    """The bundle does not fit into one message of the `models` topic."""


async def publish(connection: KafkaConnection, domain: str, time_ms: int, body: bytes) -> str:
    """Put the bundle of this point on the topic; what controls call it. Raises ``BundleTooLarge``."""
    key = version_key(domain, time_ms)
    if len(body) > LARGEST_BYTES:
        raise BundleTooLarge(f"models {key}: expected at most {LARGEST_BYTES:,} bytes, got {len(body):,}")
    await _write(connection, [(key, body)])
    return f"{key}@{hashlib.sha256(body).hexdigest()}"


async def put_in_force(connection: KafkaConnection, shelf: ModelShelf, domain: Domain, word: Control) -> bool:
    """Write the control into every readings partition of the domain, unless this point or a later one is in force
    already; whether it was written. Raises a ``KafkaError`` if it could not be: then it is not."""
    producer = fenced_producer(connection, f"citybrain-models-{domain.name}")
    try:
        await producer.start()  # whoever was at this before is fenced, and what it left open is undone
        await shelf.catch_up()
        held = shelf.in_force(domain.name)
        if held is not None and held.time >= word.time:
            return False
        value = encode(word)
        async with producer.transaction():
            for partition in sorted(await producer.partitions_for(domain.topic)):
                await producer.send_and_wait(domain.topic, value, partition=partition)
            await producer.send_and_wait(MODELS, value, key=f"{domain.name}{IN_FORCE}".encode())
    finally:
        await producer.stop()
    shelf.heard(domain.name, word)  # readers see a transaction somewhat later than its writer
    return True


async def withdraw(connection: KafkaConnection, keys: Iterable[str]) -> None:
    """Take bundles off the topic that no log names any more."""
    await _write(connection, [(key, None) for key in keys])


async def _write(connection: KafkaConnection, records: list[tuple[str, bytes | None]]) -> None:
    producer = sure_producer(connection)
    try:
        await producer.start()
        for key, value in records:
            await producer.send_and_wait(MODELS, value, key=key.encode())
    finally:
        await producer.stop()
