"""A client of a real broker whose start or end is cut short at any moment: no connection stays open."""

import asyncio
import gc
import warnings
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError

from streams.clients import fenced_producer, group_consumer, lone_consumer, sure_producer
from topics.connection import KafkaConnection

CLIENTS: dict[str, Callable[[KafkaConnection], Any]] = {
    "lone consumer": lone_consumer,
    "member of a group": lambda connection: group_consumer(connection, "tidy"),
    "sure producer": sure_producer,
    "fenced producer": lambda connection: fenced_producer(connection, "tidy"),
}
some_client = pytest.mark.parametrize("make", CLIENTS.values(), ids=CLIENTS)


@asynccontextmanager
async def nothing_is_dropped() -> AsyncIterator[None]:
    """What aiokafka says of a client or a connection that is collected while it is open is an error."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", ResourceWarning)
        yield
        gc.collect()
    assert [str(each.message) for each in said if "Unclosed" in str(each.message)] == []


async def cut_short(work: Coroutine[Any, Any, None], turns: int) -> bool:
    """Cancel it after so many turns of the loop; whether it had not ended by then."""
    task = asyncio.ensure_future(work)
    for _ in range(turns):
        await asyncio.sleep(0)
    cut = not task.done()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return cut


def later(turns: int) -> int:
    """Every moment at first, where most is begun, then in steps that grow."""
    return turns + 1 + turns // 8


@pytest.mark.kafka
@some_client
async def test_a_start_is_cut_short_at_any_moment(kafka: str, make: Callable[[KafkaConnection], Any]) -> None:
    async with nothing_is_dropped():
        turns = 1  # so that it has begun
        while await cut_short((client := make(KafkaConnection(kafka))).start(), turns):
            turns = later(turns)
        await client.stop()
    assert turns > 5, "it was cut short in the midst of it"


@pytest.mark.kafka
@some_client
async def test_an_end_is_cut_short_at_any_moment(kafka: str, make: Callable[[KafkaConnection], Any]) -> None:
    async with nothing_is_dropped():
        for turns in range(1, 12):
            client = make(KafkaConnection(kafka))
            await client.start()
            await cut_short(client.stop(), turns)


@some_client
async def test_a_start_without_a_broker_fails_and_is_closed(make: Callable[[KafkaConnection], Any]) -> None:
    async with nothing_is_dropped():
        with pytest.raises(KafkaConnectionError):
            await make(KafkaConnection("127.0.0.1:1")).start()
