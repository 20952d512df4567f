"""The catalogue: one table, complete, with a reason for each topic."""

import pytest

from topics.catalog import CITY_TOPICS, catalog
from topics.declare import configs_of
from topics.domain_file import load_domains
from topics.topic import Topic

TOPICS = catalog(load_domains())


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_each_topic_says_key_retention_and_why(topic: Topic) -> None:
    assert topic.key
    assert len(topic.why) > 40
    assert topic.partitions >= 1
    assert topic.retention_ms == -1 or topic.retention_ms >= 86_400_000
    assert not topic.compacted or topic.retention_ms == -1
    assert ("compact" in configs_of(topic)["cleanup.policy"]) == topic.compacted


def test_names_stand_once_and_are_those_agreed() -> None:
    names = [topic.name for topic in TOPICS]
    assert len(set(names)) == len(names)
    assert [topic.name for topic in CITY_TOPICS] == [
        "findings", "registry", "config", "models", "candidates", "shadow-findings", "dead-letters", "unregistered",
        "warnings", "verdicts", "alarm-events", "judgements", "marks", "station-log", "unit-states", "device-events",
        "raw-frames", "positions", "positions-state", "cargo-conditions-state", "permits", "ledger-heads",
        "city-time", "pulse",
    ]  # fmt: skip


def test_state_and_events_lie_beside_the_readings_partition_for_partition() -> None:
    by_name = {topic.name: topic for topic in TOPICS}
    for domain in load_domains():
        readings = by_name[domain.topic]
        assert by_name[f"state.{domain.name}"].partitions == readings.partitions == domain.partitions
        assert (domain.events_topic in by_name) == domain.events
        if domain.events:
            assert by_name[domain.events_topic].partitions == readings.partitions
            assert by_name[domain.events_topic].retention_ms == -1


def test_a_dead_letter_of_any_topic_has_room() -> None:
    by_name = {topic.name: topic for topic in TOPICS}
    assert by_name["dead-letters"].max_message_bytes > max(
        topic.max_message_bytes for topic in TOPICS if topic.name != "dead-letters"
    )
