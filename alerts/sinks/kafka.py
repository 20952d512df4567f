"""Warnings on a Kafka topic, for programs of the city that follow them: the last word of each chain is kept.

The key is the chain, ``alarm/authority``; the value is the warning as JSON. Nobody signs for a record.
"""

import asyncio

import msgspec
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from alerts.sinks.addresses import Publish
from alerts.sinks.base import TIMEOUT_S, Receipt, Sink, require_fit
from alerts.warnings.statement import Statement
from topics.errors import DeliveryError


class KafkaSink(Sink):
    """Publishes to ``topic``; a repeat is a record with the same key and the same bytes."""

    def __init__(self, topic: str, publish: Publish | None, *, timeout_s: float = TIMEOUT_S) -> None:
        self._topic = topic
        self._publish = publish
        self._timeout_s = timeout_s

    async def deliver(self, said: Statement) -> Receipt:
        require_fit(said)
        if self._publish is None:
            raise DeliveryError("kafka: expected a cluster to publish to, got none", retriable=False)
        key = f"{said.alarm}/{said.authority}".encode()
        try:
            async with asyncio.timeout(self._timeout_s):
                place = await self._publish(self._topic, key, msgspec.json.encode(said))
        except MessageSizeTooLargeError as error:
            raise DeliveryError(f"topic {self._topic}: {error}", retriable=False) from error
        except (KafkaError, TimeoutError) as error:
            raise DeliveryError(f"topic {self._topic}: {error!r}", retriable=True) from error
        return Receipt(reference=place)
