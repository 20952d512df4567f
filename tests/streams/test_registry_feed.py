"""The registry over a real broker: published, loaded, followed; what is broken is counted and left out."""

import asyncio
import uuid

import msgspec
import pytest
from aiokafka import AIOKafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic

from records.registry import Device, Site
from streams.registry_feed import RegistryFeed, load_registry, publish_records
from tests.patience import WITHIN_S
from topics.connection import KafkaConnection
from topics.errors import PartMissing
from topics.finding import Text

pytestmark = pytest.mark.kafka

SITE = Site("s1", "pollution", Text("一号", "One"), "firm", "120116", 39.0, 117.7)
DEVICE = Device("MN1", "s1", "hj212")


@pytest.fixture
def topic(kafka: str) -> str:
    name = f"registry-{uuid.uuid4().hex}"
    admin = KafkaAdminClient(bootstrap_servers=kafka)
    admin.create_topics([NewTopic(name, 1, 1, topic_configs={"cleanup.policy": "compact"})])
    admin.close()
    return name


async def test_what_is_published_is_loaded(kafka: str, topic: str) -> None:
    connection = KafkaConnection(kafka)
    assert (await load_registry(connection, topic=topic)).to_messages() == []
    assert await publish_records(connection, [SITE, DEVICE], topic=topic) == 2
    registry = await load_registry(connection, topic=topic)
    assert registry.site("s1") == SITE
    assert registry.device("MN1") == DEVICE


async def test_a_follower_sees_changes_removals_and_counts_what_is_broken(kafka: str, topic: str) -> None:
    connection = KafkaConnection(kafka)
    changed: list[str] = []
    heard = asyncio.Event()

    def hear(key: str) -> None:
        changed.append(key)
        heard.set()

    async with RegistryFeed(connection, topic=topic, on_change=hear) as feed:
        await publish_records(connection, [SITE, DEVICE], topic=topic)
        async with asyncio.timeout(WITHIN_S):
            while feed.revision < 2:
                heard.clear()
                await heard.wait()
        assert feed.registry.knows("s1/MN1/x/Rtd") not in ("unknown_site", "unknown_device")

        producer = AIOKafkaProducer(bootstrap_servers=kafka)
        await producer.start()
        await producer.send_and_wait(topic, b"{", key=b"site/s2")
        await producer.send_and_wait(topic, None, key=b"device/MN1")
        await producer.stop()
        moved = msgspec.structs.replace(SITE, group="north")
        await publish_records(connection, [moved], topic=topic)
        async with asyncio.timeout(WITHIN_S):
            while feed.revision < 4:
                heard.clear()
                await heard.wait()
        assert feed.bad == 1
        assert feed.registry.device("MN1") is None
        assert feed.registry.site("s1") == moved
    assert changed == ["site/s1", "device/MN1", "device/MN1", "site/s1"]


async def test_a_missing_topic_is_told(kafka: str) -> None:
    with pytest.raises(PartMissing, match="declare them first"):
        await load_registry(KafkaConnection(kafka), topic=f"no-{uuid.uuid4().hex}")
