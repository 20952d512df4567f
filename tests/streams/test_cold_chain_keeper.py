"""The cold chain on a real broker: a breach is said once over a restart, to the desk and to the lots' record."""

import asyncio
import uuid

import msgspec
import pytest
from kafka.admin import KafkaAdminClient, NewTopic

from records.recall_cause import cause_of
from streams.clients import sure_producer
from streams.cold_chain_keeper import ColdChainKeeper
from streams.log_reading import records_until_now
from tests.streams.judges.test_cold_chain import CARRIER, MINUTE, T0, VAN, pack
from topics.codec import encode
from topics.connection import KafkaConnection
from topics.events import Custody
from topics.finding import Finding
from topics.published_pack import publish_form
from topics.reading import Control, Reading


def course() -> list[bytes]:
    """Well, forty minutes too warm, well again."""
    values = [4.0] * 12 + [12.0] * 8 + [5.0] * 12
    return [
        encode(each)
        for place, value in enumerate(values)
        for each in (Reading(VAN, T0 + place * 5 * MINUTE, value), Control("~tick", T0 + place * 5 * MINUTE + 1))
    ]


@pytest.mark.kafka
async def test_a_breach_is_said_once_over_a_restart(kafka: str) -> None:
    connection, prefix = KafkaConnection(kafka), f"t{uuid.uuid4().hex[:8]}-"
    admin = KafkaAdminClient(bootstrap_servers=kafka)
    names = ("config", "findings", "readings.food", "events.food")
    admin.create_topics([NewTopic(prefix + name, 1, 1) for name in names])
    admin.close()
    producer = sure_producer(connection)
    await producer.start()
    await producer.send_and_wait(prefix + "config", encode(publish_form(pack(), T0)), key=b"domain/food")
    messages = course()
    try:
        for part in (messages[:36], messages[36:], [messages[-1]]):  # the first process ends amid the excursion
            for value in part:
                await producer.send(prefix + "readings.food", value, partition=0)
            await producer.flush()
            await run_to_the_end(ColdChainKeeper(connection, group=prefix + "cold", prefix=prefix))
    finally:
        await producer.stop()
    found = await asyncio.to_thread(lambda: list(records_until_now(connection, prefix + "findings")))
    said = [msgspec.json.decode(record.value, type=Finding) for record in found]
    assert [each.seq for each in said] == list(range(len(said)))
    assert (said[0].phase, said[-1].phase, {each.id for each in said}) == ("open", "close", {said[0].id})
    (record,) = await asyncio.to_thread(lambda: list(records_until_now(connection, prefix + "events.food")))
    cause = cause_of(msgspec.json.decode(record.value, type=Custody))
    assert cause is not None
    (source,) = cause.sources
    assert (source.name, source.start, source.end) == (CARRIER, T0 + 60 * MINUTE, T0 + 100 * MINUTE)


async def run_to_the_end(keeper: ColdChainKeeper) -> None:
    await keeper.start()
    try:
        ((place, lane),) = keeper.lanes.items()
        end = (await keeper._consumer.end_offsets([place]))[place]
        while lane.next_offset < end:
            await keeper.step()
    finally:
        await keeper.stop()
