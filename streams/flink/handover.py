"""A job that begins without a savepoint goes on where the Faust workers of its group have stopped."""

from kafka import KafkaConsumer, TopicPartition
from kafka.structs import OffsetAndMetadata

from topics.connection import KafkaConnection
from topics.errors import ConfigurationError

#: Which consumer groups of Faust workers read which topics: streams/judging.py.
SUFFIXES = {"readings.": "readings", "events.": "events"}


def hand_over(connection: KafkaConnection, group: str, topics: list[str]) -> int:
    """Commit, for ``<group>-flink``, what the group's workers have committed; the number of partitions.

    Raises ``ConfigurationError`` where a job of this group has committed before: then it had state, and what was on
    its way when it ended is in its checkpoints alone.
    """
    if _committed(connection, f"{group}-flink", topics):
        raise ConfigurationError(
            f"group {group}: expected the checkpoints of its Flink job in data_dir, got none, though it has judged "
            "before; put them back, or give another --group"
        )
    theirs: dict[TopicPartition, int] = {}
    for prefix, suffix in SUFFIXES.items():
        chosen = [topic for topic in topics if topic.startswith(prefix)]
        theirs |= _committed(connection, f"{group}-{suffix}", chosen)
    if theirs:
        consumer = KafkaConsumer(**connection.for_kafka_python(), group_id=f"{group}-flink", enable_auto_commit=False)
        try:
            consumer.assign(list(theirs))
            consumer.commit({place: OffsetAndMetadata(offset, "", -1) for place, offset in theirs.items()})
        finally:
            consumer.close()
    return len(theirs)


def _committed(connection: KafkaConnection, group: str, topics: list[str]) -> dict[TopicPartition, int]:
    consumer = KafkaConsumer(**connection.for_kafka_python(), group_id=group, enable_auto_commit=False)
    try:
        places = [
            TopicPartition(topic, number) for topic in topics for number in consumer.partitions_for_topic(topic) or ()
        ]
        told = {place: consumer.committed(place) for place in places}
    finally:
        consumer.close()
    return {place: offset for place, offset in told.items() if offset is not None}
