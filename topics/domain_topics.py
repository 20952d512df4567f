"""The topics that one domain brings, the same for every domain: a new pack needs no code."""

from topics.domain import Domain
from topics.events import Event
from topics.reading import Control, Reading
from topics.topic import DAY_MS, FOR_EVER, ONE_MIB, Topic


def domain_topics(domain: Domain) -> tuple[Topic, ...]:
    """The topics one domain brings: readings, state and, where its pack says so, events."""
    readings = Topic(
        domain.topic,
        "site id",
        Reading | Control,
        domain.partitions,
        retention_ms=7 * DAY_MS,
        compacted=False,
        max_message_bytes=ONE_MIB,
        why="All that a site measures, and the city time it is measured in, as one ordered log: a finding "
        "depends on its partition's log alone. A week outlives any repair; the history keeps the rest.",
    )
    events = Topic(
        domain.events_topic,
        "site id",
        Event | Control,
        domain.partitions,
        retention_ms=FOR_EVER,
        compacted=False,
        max_message_bytes=ONE_MIB,
        why="What happened to a site's goods. Kept for ever, because the state of a yard is rebuilt from the "
        "beginning. As many partitions as the readings, so that one worker sees both of a site.",
    )
    state = Topic(
        f"state.{domain.name}",
        "group/block: the consumer group and a number, 0 to 63, or `shared`",
        bytes,
        domain.partitions,
        retention_ms=FOR_EVER,
        compacted=True,
        max_message_bytes=2 * ONE_MIB,
        why="Snapshots of the detectors' memory with the offsets they reflect: state and offset move together. "
        "Partition for partition as the readings. Blocks aim at 256 kB; the rest is room.",
        null="the block is empty",
    )
    return (readings, events, state) if domain.events else (readings, state)
