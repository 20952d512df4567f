"""Declaring on a real broker: missing topics are made, differing ones reported and left as they are."""

import socket
import uuid

import msgspec
import pytest
from kafka import KafkaAdminClient

from topics.connection import KafkaConnection
from topics.declare import Standing, check, declare
from topics.errors import CityBrainError, ConfigurationError, PartMissing
from topics.topic import Topic

WHY = "made for a test and for nothing else, ever"


def topics_of(prefix: str) -> tuple[Topic, ...]:
    return (
        Topic(f"{prefix}.log", "site id", bytes, 3, 86_400_000, False, 1_048_588, WHY),
        Topic(f"{prefix}.table", "name", bytes, 1, -1, True, 2_097_152, WHY),
    )


@pytest.fixture
def prefix() -> str:
    return f"declare-{uuid.uuid4().hex[:8]}"


@pytest.mark.kafka
def test_missing_topics_are_reported_then_made_then_the_same(kafka: str, prefix: str) -> None:
    connection, topics = KafkaConnection(kafka), topics_of(prefix)
    assert [standing.state for standing in check(connection, topics)] == ["missing", "missing"]
    assert [standing.state for standing in declare(connection, topics)] == ["created", "created"]
    assert declare(connection, topics) == check(connection, topics) == tuple(Standing(t.name, "same") for t in topics)


@pytest.mark.kafka
def test_what_differs_is_reported_and_left(kafka: str, prefix: str) -> None:
    connection, (log, table) = KafkaConnection(kafka), topics_of(prefix)
    declare(connection, (log, table))
    other = msgspec.structs.replace(log, partitions=5, retention_ms=-1, compacted=True, max_message_bytes=99_999)
    for found in (check(connection, (other, table)), declare(connection, (other, table))):
        assert found[1].state == "same"
        assert not found[0].good
        assert found[0].differences[:4] == (
            "partitions: expected 5, got 3",
            "cleanup.policy: expected compact, got delete",
            "retention.ms: expected -1, got 86400000",
            "max.message.bytes: expected 99999, got 1048588",
        )
    assert check(connection, (log, table)) == (Standing(log.name, "same"), Standing(table.name, "same"))


@pytest.mark.kafka
def test_a_check_creates_nothing(kafka: str, prefix: str) -> None:
    check(KafkaConnection(kafka), topics_of(prefix))
    client = KafkaAdminClient(bootstrap_servers=kafka)
    try:
        assert not [name for name in client.list_topics() if name.startswith(prefix)]
    finally:
        client.close()


@pytest.mark.kafka
def test_what_the_cluster_refuses_is_told(kafka: str, prefix: str) -> None:
    with pytest.raises(CityBrainError, match=f"topic {prefix}.log: expected the cluster to create it, got: "):
        declare(KafkaConnection(kafka), topics_of(prefix), copies=3)


def test_no_broker_is_one_clear_sentence() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        brokers = f"127.0.0.1:{held.getsockname()[1]}"
        with pytest.raises(PartMissing, match=f"expected a broker that answers, got {brokers}: Connection refused"):
            check(KafkaConnection(brokers), topics_of("nobody"))


@pytest.mark.parametrize("brokers", ["", "localhost", "localhost:kafka", "127.0.0.1:1,b"])
def test_an_address_that_is_none_is_told(brokers: str) -> None:
    with pytest.raises(ConfigurationError, match=r"brokers: expected host:port\[,host:port…\], got"):
        check(KafkaConnection(brokers), topics_of("nobody"))
