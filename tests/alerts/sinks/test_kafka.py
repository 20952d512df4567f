"""The channel to a topic: key, value and what the cluster's failures mean (against a real broker in test_server.py)."""

import asyncio

import msgspec
import pytest
from aiokafka.errors import KafkaConnectionError, MessageSizeTooLargeError

from alerts.sinks.kafka import KafkaSink
from alerts.warnings.statement import Statement
from tests.alerts.warnings.test_cap import statement
from topics.errors import DeliveryError


async def test_the_key_is_the_chain_and_the_value_the_warning() -> None:
    kept: list[tuple[str, bytes, bytes]] = []

    async def publish(topic: str, key: bytes, value: bytes) -> str:
        kept.append((topic, key, value))
        return f"{topic}/0/{len(kept)}"

    receipt = await KafkaSink("warnings", publish).deliver(statement())
    ((topic, key, value),) = kept
    assert (topic, key, receipt.reference) == ("warnings", b"a1/emergency-bureau", "warnings/0/1")
    assert msgspec.json.decode(value, type=Statement) == statement()


@pytest.mark.parametrize(
    ("error", "retriable"),
    [(KafkaConnectionError("away"), True), (TimeoutError(), True), (MessageSizeTooLargeError("too large"), False)],
)
async def test_a_cluster_that_is_away_may_come_back_and_a_record_too_large_never_fits(
    error: Exception, retriable: bool
) -> None:
    async def publish(topic: str, key: bytes, value: bytes) -> str:
        raise error

    with pytest.raises(DeliveryError, match="topic warnings") as failure:
        await KafkaSink("warnings", publish).deliver(statement())
    assert failure.value.retriable is retriable


async def test_a_cluster_that_never_answers_is_given_up_after_the_timeout() -> None:
    async def publish(topic: str, key: bytes, value: bytes) -> str:
        await asyncio.Event().wait()
        return ""

    with pytest.raises(DeliveryError, match="TimeoutError") as failure:
        await KafkaSink("warnings", publish, timeout_s=0.05).deliver(statement())
    assert failure.value.retriable
