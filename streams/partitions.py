"""Which partitions a topic has now, asked of the broker through a client that is assigned by hand."""

from collections.abc import Iterable
from typing import Any

from aiokafka import TopicPartition

from topics.errors import PartMissing


async def partitions_of(consumer: Any, topics: Iterable[str], who: str) -> list[TopicPartition]:
    """All partitions of these topics, in order. Raises ``PartMissing``, in the name of ``who``, if one is not there."""
    # A consumer knows the partitions of subscribed topics only; its client knows how to ask for all.
    cluster = await consumer._client.fetch_all_metadata()
    wanted = list(topics)
    if missing := sorted(set(wanted) - cluster.topics()):
        raise PartMissing(f"{who}: expected topics {missing}, got none; declare them first (citybrain topics declare)")
    return [TopicPartition(topic, number) for topic in wanted for number in sorted(cluster.partitions_for_topic(topic))]
