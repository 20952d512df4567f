"""The dead letters as people look at them: find, explain, and put back where they came from."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from streams.log_reading import put, record_at, records_until_now, writer
from topics.codec import decode_fetch
from topics.connection import KafkaConnection
from topics.dead_letter import REPLAYED_HEADER, TOPIC, DeadLetter, from_headers
from topics.errors import CityBrainError


@dataclass(frozen=True, slots=True)
class Kept:
    """One dead letter at its place on the topic; ``letter`` is ``None`` if its headers cannot be read (``problem``)."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    letter: DeadLetter | None
    problem: str = ""

    @property
    def place(self) -> str:
        """``partition:offset`` on the topic of dead letters."""
        return f"{self.partition}:{self.offset}"


@dataclass(frozen=True, slots=True)
class Filter:
    """Which letters are meant: all that are given must hold. ``since_ms`` is wall time, ms UTC."""

    reason: str | None = None
    topic: str | None = None
    since_ms: int | None = None

    def takes(self, kept: Kept) -> bool:
        """Whether a letter is wanted; one without readable headers only where all are."""
        if kept.letter is None:
            return self.reason is None and self.topic is None and self.since_ms is None
        return (
            (self.reason is None or kept.letter.reason == self.reason)
            and (self.topic is None or kept.letter.topic == self.topic)
            and (self.since_ms is None or kept.letter.time >= self.since_ms)
        )

    @property
    def empty(self) -> bool:
        """Whether it takes every letter."""
        return self.reason is None and self.topic is None and self.since_ms is None


def letters(connection: KafkaConnection, chosen: Filter) -> Iterator[Kept]:
    """All dead letters that the filter takes, oldest first."""
    return filter(chosen.takes, map(_kept, records_until_now(connection, TOPIC)))


def letter_at(connection: KafkaConnection, place: str) -> Kept:
    """The dead letter at ``partition:offset``. Raises ``CityBrainError`` if there is none there."""
    partition, _, offset = place.partition(":")
    if not (partition.isdecimal() and offset.isdecimal()):
        raise CityBrainError(f'dead letter: expected "partition:offset" as in 0:17, got {place!r}')
    record = record_at(connection, TOPIC, int(partition), int(offset))
    if record is None:
        raise CityBrainError(
            f"dead letter {place}: expected one there, got nothing (never written, or kept too long ago)"
        )
    return _kept(record)


def refusal(kept: Kept) -> str | None:
    """Why a letter cannot be put back, ``None`` if it can."""
    if kept.letter is None:
        return f"{kept.place}: expected headers that say where it came from, got: {kept.problem}"
    if not kept.letter.replayable:
        return (
            f"{kept.place}: expected a message that came from a topic, got a frame of {kept.letter.topic}: "
            "the device must send it again"
        )
    return None


def replay(connection: KafkaConnection, chosen: list[Kept], done: Callable[[Kept, Any], None]) -> None:
    """Put letters back on their topics with their own key and bytes and a header that says so.

    ``done`` is called with each letter and its new place as soon as the broker keeps it. A keyed message goes
    to its key's partition, one without a key to the partition it had.
    """
    with writer(connection) as producer:
        for kept in chosen:
            letter = kept.letter
            if letter is None or refusal(kept):
                raise CityBrainError(refusal(kept) or kept.place)
            headers = [(REPLAYED_HEADER, kept.place.encode())]
            partition = {} if kept.key else {"partition": letter.partition}
            done(kept, put(producer, letter.topic, key=kept.key, value=kept.value, headers=headers, **partition))


def verdict_now(kept: Kept) -> str:
    """What today's code says of the original bytes, for readings; empty where that cannot be said."""
    if kept.letter is None or not kept.letter.topic.startswith("readings."):
        return ""
    refused = decode_fetch([kept.value]).refused
    return f"{refused[0].reason}: {refused[0].detail}" if refused else "its bytes fit the schema"


def _kept(record: Any) -> Kept:
    try:
        letter, problem = from_headers(record.headers), ""
    except ValueError as error:
        letter, problem = None, str(error)
    return Kept(record.partition, record.offset, record.key, record.value, letter, problem)
