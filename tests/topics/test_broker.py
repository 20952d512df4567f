"""The embedded Kafka is a real one, keeps its data, and says plainly why it cannot start."""

import socket
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import NewTopic
from kafka.errors import KafkaTimeoutError

from topics.broker import EmbeddedKafka
from topics.errors import PartMissing

pytestmark = pytest.mark.kafka


@pytest.mark.full  # the broker mends its log for half a minute; tests/streams/sources/test_publisher.py kills one too
def test_messages_survive_a_kill_and_the_port_stays(tmp_path: Path) -> None:
    broker = EmbeddedKafka(tmp_path / "kafka")
    bootstrap = broker.start()
    try:
        admin = KafkaAdminClient(bootstrap_servers=bootstrap)
        admin.create_topics([NewTopic("kept", 1, 1)])
        admin.close()
        producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all")
        producer.send("kept", b"before the power cut").get(timeout=10)
        producer.close()
        broker.kill()
        assert broker.start() == bootstrap
        consumer = KafkaConsumer(bootstrap_servers=bootstrap, consumer_timeout_ms=15_000)
        consumer.assign([TopicPartition("kept", 0)])
        consumer.seek_to_beginning()
        assert next(consumer).value == b"before the power cut"
        consumer.close()
    finally:
        broker.stop()


def test_nothing_is_created_by_itself(kafka: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=kafka)
    try:
        assert "never-declared" not in admin.list_topics()
        producer = KafkaProducer(bootstrap_servers=kafka, max_block_ms=1_000)
        with pytest.raises(KafkaTimeoutError):
            producer.send("never-declared", b"x").get(timeout=5)
        producer.close()
        assert "never-declared" not in admin.list_topics()
    finally:
        admin.close()


def test_a_taken_port_gets_one_clear_sentence(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PartMissing, match=f"expected port {port} to be free"):
            EmbeddedKafka(tmp_path, port=port).start()
