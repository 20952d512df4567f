"""Two topics as a city has them, small: an hour of readings with ticks among them, and what a lane found in it."""

import uuid
from collections.abc import Mapping

from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic

from tests.detectors.small_pack import MINUTE, START, domain
from tests.streams.written_records import Partition
from topics.codec import encode
from topics.connection import KafkaConnection
from topics.reading import Control


def written() -> Partition:
    """Two probes each minute for an hour; the second is beyond its limit of 60 for ten minutes."""
    partition = Partition()
    for minute in range(60):
        time = START + minute * MINUTE
        partition.put(Control("~tick", time))
        partition.read(0, time, 40.0 + minute % 5)
        partition.read(1, time + 500, 66.0 + minute % 3 if 30 <= minute < 40 else 41.0 + minute % 7)
    return partition


def laid_out(brokers: str) -> Mapping[str, str]:
    """Write both topics, under names of their own; the notebook's parameters for them."""
    connection, prefix = KafkaConnection(brokers), f"n{uuid.uuid4().hex[:10]}-"
    readings, findings = prefix + "readings.trial", prefix + "findings"
    partition = written()
    found = partition.judge(partition.lane(domain())).findings
    admin = KafkaAdminClient(**connection.for_kafka_python())
    admin.create_topics([NewTopic(name, 1, 1) for name in (readings, findings)])
    admin.close()
    producer = KafkaProducer(**connection.for_kafka_python(), acks="all")
    for record in partition.records:
        producer.send(readings, record.value, key=record.key)
    for finding in found:
        producer.send(findings, encode(finding), key=finding.alarm_key.encode())
    producer.flush()
    producer.close()
    return {"brokers": brokers, "readings_topic": readings, "findings_topic": findings}
