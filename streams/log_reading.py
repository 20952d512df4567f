"""Reading a low-rate topic from its beginning to its present end, for commands and for starting up.

The hot path has its own consumer; this one is for people's questions, so plain and bounded in time.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError

from topics.connection import KafkaConnection
from topics.errors import CityBrainError, NotKept, PartMissing
from topics.reachable import require_broker

#: A broker that gives nothing for this long while records are due is taken for absent.
STALL_S = 20.0

#: Room for the largest message of the catalogue (topics/catalog.py).
LARGEST_BYTES = 10_485_760


def records_until_now(connection: KafkaConnection, topic: str) -> Iterator[Any]:
    """All records (kafka-python's ``ConsumerRecord``) of a topic up to the ends of this moment.

    Partition by partition, each in log order. Raises ``PartMissing`` if the broker or the topic is not there.
    """
    with reader(connection) as consumer:
        partitions = consumer.partitions_for_topic(topic)
        if not partitions:
            raise PartMissing(f"topic {topic}: expected it on {connection.brokers}; run `citybrain topics declare`")
        for partition in sorted(partitions):
            place = TopicPartition(topic, partition)
            consumer.assign([place])
            consumer.seek_to_beginning(place)
            end = consumer.end_offsets([place])[place]
            yield from until(consumer, place, end)


def record_at(connection: KafkaConnection, topic: str, partition: int, offset: int) -> Any | None:
    """The record at this very place, ``None`` if there is none (no longer, or not yet)."""
    with reader(connection) as consumer:
        place = TopicPartition(topic, partition)
        if partition not in (consumer.partitions_for_topic(topic) or ()):
            return None
        consumer.assign([place])
        if not consumer.beginning_offsets([place])[place] <= offset < consumer.end_offsets([place])[place]:
            return None
        consumer.seek(place, offset)
        found = next(until(consumer, place, offset + 1), None)
        return found if found is not None and found.offset == offset else None


def records_between(connection: KafkaConnection, topic: str, partition: int, first: int, last: int) -> Iterator[Any]:
    """The records of a partition with offsets from ``first`` to ``last`` that are still kept, in order.

    Raises ``PartMissing`` if the broker or the partition is not there.
    """
    with reader(connection) as consumer:
        place = TopicPartition(topic, partition)
        if partition not in (consumer.partitions_for_topic(topic) or ()):
            raise PartMissing(f"topic {topic}: expected a partition {partition} on {connection.brokers}, got none")
        consumer.assign([place])
        begin = max(first, consumer.beginning_offsets([place])[place])
        end = min(last + 1, consumer.end_offsets([place])[place])
        consumer.seek(place, begin)
        yield from until(consumer, place, end)


@contextmanager
def reader(connection: KafkaConnection) -> Iterator[Any]:
    """A consumer outside any group. Raises ``PartMissing`` if no broker answers."""
    require_broker(connection)
    try:
        consumer = KafkaConsumer(
            **connection.for_kafka_python(),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=LARGEST_BYTES,
        )
    except KafkaError as error:
        raise PartMissing(f"Kafka at {connection.brokers}: expected a broker that answers, got: {error}") from error
    try:
        yield consumer
    finally:
        consumer.close()


@contextmanager
def writer(connection: KafkaConnection) -> Iterator[Any]:
    """A producer whose every acknowledgement is that of all copies. Raises ``PartMissing`` if no broker answers."""
    require_broker(connection)
    try:
        producer = KafkaProducer(**connection.for_kafka_python(), acks="all", max_request_size=LARGEST_BYTES)
    except KafkaError as error:
        raise PartMissing(f"Kafka at {connection.brokers}: expected a broker that answers, got: {error}") from error
    try:
        yield producer
    finally:
        producer.close()


def put(producer: Any, topic: str, **record: Any) -> Any:
    """Send one record and wait until it is kept; raises ``NotKept`` if it is not."""
    try:
        return producer.send(topic, **record).get(timeout=STALL_S)
    except KafkaError as error:
        raise NotKept(f"topic {topic}: expected the broker to keep a record, got: {error}") from error


def until(consumer: Any, place: TopicPartition, end: int) -> Iterator[Any]:
    """Records of the assigned place below offset ``end``; gaps (compaction, transactions) are passed over."""
    deadline = time.monotonic() + STALL_S
    while consumer.position(place) < end:
        records = consumer.poll(timeout_ms=500).get(place, [])
        if records:
            deadline = time.monotonic() + STALL_S
        elif time.monotonic() > deadline:
            raise CityBrainError(
                f"{place.topic}:{place.partition}: expected records up to {end}, got none in {STALL_S} s"
            )
        yield from (record for record in records if record.offset < end)
