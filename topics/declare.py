"""The catalogue and a broker: create what is missing, report what differs, overwrite nothing."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import msgspec
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
from kafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from topics.connection import KafkaConnection
from topics.errors import CityBrainError, PartMissing
from topics.reachable import require_broker
from topics.topic import Topic

#: Only closed segments are compacted, so those of compacted topics are kept small: a restart reads what is left.
COMPACTED_SEGMENT_BYTES = 33_554_432

#: Leave the number of copies to the cluster's own default.
CLUSTER_DEFAULT = -1

State = Literal["same", "created", "missing", "different"]


class Standing(msgspec.Struct, frozen=True):
    """How one topic of the catalogue stands on the broker; each difference says what was expected and what is."""

    topic: str
    state: State
    differences: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        """Whether the topic is as the catalogue wants it."""
        return self.state in ("same", "created")


def configs_of(topic: Topic) -> dict[str, str]:
    """The topic settings that the catalogue fixes, in Kafka's names."""
    configs = {
        "cleanup.policy": "compact" if topic.compacted else "delete",
        "retention.ms": str(topic.retention_ms),
        "max.message.bytes": str(topic.max_message_bytes),
    }
    if topic.compacted:
        configs["segment.bytes"] = str(COMPACTED_SEGMENT_BYTES)
    return configs


def check(connection: KafkaConnection, topics: Sequence[Topic]) -> tuple[Standing, ...]:
    """Compare the catalogue with the broker, changing nothing. Raises ``PartMissing`` if no broker answers."""
    with admin(connection) as client:
        return _compare(client, topics)


def declare(
    connection: KafkaConnection, topics: Sequence[Topic], copies: int = CLUSTER_DEFAULT
) -> tuple[Standing, ...]:
    """Create the missing topics with ``copies`` replicas; those that differ are reported and left as they are."""
    with admin(connection) as client:
        before = _compare(client, topics)
        missing = {standing.topic for standing in before if standing.state == "missing"}
        wanted = [topic for topic in topics if topic.name in missing]
        if wanted:
            _create(client, wanted, copies)
        return tuple(
            Standing(standing.topic, "created") if standing.topic in missing else standing for standing in before
        )


@contextmanager
def admin(connection: KafkaConnection) -> Iterator[Any]:
    """A kafka-python admin client; whatever the cluster refuses becomes one clear sentence."""
    require_broker(connection)
    try:
        client = KafkaAdminClient(**connection.for_kafka_python(), client_id="citybrain-topics")
    except KafkaError as error:
        raise PartMissing(f"Kafka at {connection.brokers}: expected a broker that answers, got: {error}") from error
    try:
        yield client
    except KafkaError as error:
        raise CityBrainError(f"Kafka at {connection.brokers} refused: {error}") from error
    finally:
        client.close()


def _create(client: Any, topics: Sequence[Topic], copies: int) -> None:
    request = {
        topic.name: {
            "num_partitions": topic.partitions,
            "replication_factor": copies,
            "configs": configs_of(topic),
        }
        for topic in topics
    }
    answer = client.create_topics(request, raise_errors=False)
    for each in answer["topics"]:
        # Losing the race against another part that declares is no error.
        if each["error_code"] not in (0, TopicAlreadyExistsError.errno):
            raise CityBrainError(f"topic {each['name']}: expected the cluster to create it, got: {_reason(each)}")
    client.wait_for_topics(list(request))


def _reason(refused: dict[str, Any]) -> str:
    return str(refused.get("error_message") or for_code(refused["error_code"]).__name__)


def _compare(client: Any, topics: Sequence[Topic]) -> tuple[Standing, ...]:
    # All names first: asking for a missing topic by name could make a careless broker create it.
    there = set(client.list_topics())
    present = [topic.name for topic in topics if topic.name in there]
    partitions, configs = _described(client, present)
    standings = []
    for topic in topics:
        if topic.name not in there:
            standings.append(Standing(topic.name, "missing"))
            continue
        differences = tuple(_differences(topic, partitions[topic.name], configs[topic.name]))
        standings.append(Standing(topic.name, "different" if differences else "same", differences))
    return tuple(standings)


def _described(client: Any, names: Sequence[str]) -> tuple[dict[str, int], dict[str, dict[str, str]]]:
    if not names:
        return {}, {}
    partitions = {each["name"]: len(each["partitions"]) for each in client.describe_topics(list(names))}
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    found = client.describe_configs(resources, config_filter="all")["topic"]
    return partitions, {name: {key: each["value"] for key, each in found[name].items()} for name in names}


def _differences(topic: Topic, partitions: int, configs: dict[str, str]) -> Iterator[str]:
    if partitions != topic.partitions:
        yield f"partitions: expected {topic.partitions}, got {partitions}"
    for key, expected in configs_of(topic).items():
        if configs.get(key) != expected:
            yield f"{key}: expected {expected}, got {configs.get(key)}"
