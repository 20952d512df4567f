"""The real doors: the real intake takes all that the city says; a device repeats what was not answered."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import msgspec
import pytest

from records.registry import registry_of
from streams.sources.http_intake import HttpIntake
from streams.sources.intake_messages import City
from streams.sources.memory_publisher import OneByOne
from streams.sources.simulator.edges import Edges
from streams.sources.simulator.epcis import document
from streams.sources.simulator.frames import frame
from streams.sources.simulator.simulator import readings
from tests.streams.sources.simulator.limits import PACKS
from tests.streams.sources.simulator.plays import MIDNIGHT, clock, whole_day
from topics.connection import KafkaConnection
from topics.errors import NotKept
from topics.reading import Reading

QN = re.compile(rb"QN=(\d+)")


class ListPublisher(OneByOne):
    """Keeps records in a list; the first ``failures`` are not kept."""

    def __init__(self, failures: int = 0) -> None:
        self.records: list[tuple[str, str, bytes]] = []
        self.failures = failures

    async def publish(self, topic: str, key: str, value: bytes, headers: Sequence[tuple[str, bytes]] = ()) -> None:
        if self.failures:
            self.failures -= 1
            raise NotKept("the broker is away")
        self.records.append((topic, key, value))


class Gateway:
    """Answers each frame with a line that bears its QN, except the first ``mute`` ones, after which it hangs up."""

    def __init__(self, mute: int = 0) -> None:
        self.mute = mute
        self.got: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            self.got.append(line)
            found = QN.search(line)
            if self.mute:
                self.mute -= 1
                break
            if found is not None:
                writer.write(b"##0000QN=" + found[1] + b";CN=9014\r\n")
        writer.close()


@asynccontextmanager
async def doors(publisher: ListPublisher, gateway: Gateway, broker: str = "127.0.0.1:1") -> AsyncIterator[Edges]:
    """Edges with a real intake behind them; the producer is not started unless a broker is given."""
    city = City(registry_of(whole_day().city.registry_records()), PACKS)
    intake = HttpIntake(city, lambda: MIDNIGHT, port=0)
    await intake.start(publisher)
    server = await asyncio.start_server(gateway.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        async with Edges(("127.0.0.1", port), f"http://127.0.0.1:{intake.port}", KafkaConnection(broker)) as edges:
            yield edges
    finally:
        server.close()
        await intake.stop()


@pytest.mark.kafka
async def test_the_intake_takes_all_readings_documents_and_events_of_the_city(kafka: str) -> None:
    publisher = ListPublisher()
    span = whole_day().span(clock("12:00"), clock("12:03"))
    by_http = [each for message in span.messages if message.series[0].wire == "http" for each in readings(message)]
    by_epcis = [message for message in span.messages if message.series[0].wire == "epcis"]
    events = whole_day().events_before(MIDNIGHT)[:200]
    async with doors(publisher, Gateway(), kafka) as edges:
        assert await edges.readings(by_http) == 0
        assert await edges.epcis(document(by_epcis)) == 0
        assert await edges.cargo(events) == 0
    kept = Counter(topic for topic, _, _ in publisher.records)
    values = sum(len(message.values) for message in by_epcis)
    assert kept["events.food"] == len(by_epcis) and kept["events.cargo"] == 200
    assert kept.total() == len(by_http) + len(by_epcis) + values + 200
    sent = {
        (message.series[i].id, message.time, message.values[i])
        for message in by_epcis
        for i in range(len(message.values))
    }
    arrived = [
        msgspec.json.decode(value, type=Reading) for topic, _, value in publisher.records if topic == "readings.food"
    ]
    assert sent <= {(each.series, each.time, each.value) for each in arrived}


@pytest.mark.kafka
async def test_what_the_intake_refuses_is_counted_and_what_it_cannot_keep_is_sent_again(kafka: str) -> None:
    publisher = ListPublisher(failures=1)
    good = readings(
        next(
            each for each in whole_day().span(clock("12:00"), clock("12:02")).messages if each.series[0].wire == "http"
        )
    )
    wrong = msgspec.structs.replace(good[0], unit="furlong")
    async with doors(publisher, Gateway(), kafka) as edges:
        assert await edges.readings([*good, wrong]) == 1
    assert {value for _, _, value in publisher.records} and publisher.failures == 0


@pytest.mark.kafka
async def test_a_device_repeats_what_was_not_answered(kafka: str) -> None:
    gateway = Gateway(mute=1)
    span = whole_day().span(clock("12:00"), clock("12:05"))
    said = [each for each in span.messages if each.series[0].site == "outlet-01"]
    frames = [frame(each, "32") for each in said]
    async with doors(ListPublisher(), gateway, kafka) as edges:
        again = await edges.frames(said[0].device, frames)
        assert again == len(frames)
        assert await edges.frames(said[0].device, frames[:1]) == 0
    assert set(gateway.got) == set(frames)
