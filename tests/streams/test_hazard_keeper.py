"""The hazard watch on a real broker: what the day must say stands on findings, once, over a restart."""

import asyncio
import uuid

import msgspec
import pytest
from kafka.admin import KafkaAdminClient, NewTopic

from streams.clients import sure_producer
from streams.hazard_keeper import HazardKeeper
from streams.log_reading import records_until_now
from streams.replays.hazard import replay_hazard_day
from streams.replays.hazard_day import START_MS, hazard_day, hazard_pack
from topics.codec import encode
from topics.connection import KafkaConnection
from topics.domain import publish_form
from topics.finding import Finding

#: Up to here the first process lives, in messages: in the midst of the discrepancy.
HALF = 4000


@pytest.mark.kafka
async def test_the_day_is_said_once_over_a_restart(kafka: str) -> None:
    connection, prefix = KafkaConnection(kafka), f"t{uuid.uuid4().hex[:8]}-"
    admin = KafkaAdminClient(bootstrap_servers=kafka)
    admin.create_topics([NewTopic(prefix + name, 1, 1) for name in ("config", "findings", "readings.safety")])
    admin.close()
    producer = sure_producer(connection)
    await producer.start()
    pack = publish_form(hazard_pack(), START_MS)
    await producer.send_and_wait(prefix + "config", encode(pack), key=b"domain/safety")
    messages = [encode(each) for each in hazard_day()]
    try:
        for part in (messages[:HALF], messages[HALF:]):
            for value in part:
                await producer.send(prefix + "readings.safety", value, partition=0)
            await producer.flush()
            await run_to_the_end(HazardKeeper(connection, group=prefix + "hazard", prefix=prefix))
    finally:
        await producer.stop()
    records = await asyncio.to_thread(lambda: list(records_until_now(connection, prefix + "findings")))
    said = [msgspec.json.decode(record.value, type=Finding) for record in records]
    assert len({(each.id, each.seq) for each in said}) == len(said), "nothing twice"
    wanted = replay_hazard_day().findings
    assert {(each.id, each.seq) for each in said} == {(each.id, each.seq) for each in wanted}


async def run_to_the_end(keeper: HazardKeeper) -> None:
    await keeper.start()
    try:
        (lane,) = keeper.lanes.values()
        (place,) = keeper.lanes
        end = (await keeper._consumer.end_offsets([place]))[place]
        while lane.next_offset < end:
            await keeper.step()
    finally:
        await keeper.stop()
