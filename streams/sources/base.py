"""The seam of input: a source takes data off a wire and hands it to a publisher, which keeps it.

One more source = a class like ``streams/sources/hj212/gateway.py``, a line in the table of
``streams/sources/__init__.py``, how to make it in ``streams/commands/gateway.py``, its page in docs/, and a
client for it in the contract test.
"""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Sequence
from typing import ClassVar, Protocol

import msgspec

#: Kafka record headers: names and raw values, in order.
Headers = Sequence[tuple[str, bytes]]


class Record(msgspec.Struct, frozen=True):
    """What a publisher is given, as one thing: for spools, queues and tests."""

    topic: str
    key: str
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()


class Publisher(Protocol):
    """Whatever keeps a record for good: the broker, the disk spool before it, or a list in a test."""

    def publish(self, topic: str, key: str, value: bytes, headers: Headers = ()) -> Awaitable[None]:
        """What is given back is done once the record is kept (acks=all, or fsynced on the spool).

        Records of one key are kept in the order in which the calls were *begun*, whether or not the
        earlier call is done; an implementation on the hot path gives back a future, because a task for each
        record costs more than the record. Raises ``topics.errors.NotKept`` when awaited: the record may be
        lost, send it again.
        """

    def publish_all(self, records: Sequence[Record]) -> Awaitable[None]:
        """The same for all records of one message of a sender: done once every one of them is kept.

        As if ``publish`` had been begun for each in turn; raises ``NotKept`` when awaited if any of them is not
        kept, the others may be. One future for a message costs less than one for each of its values.
        """


class Source(ABC):
    """One way in. ``name`` is its key in ``SOURCES`` and the first part of ``Reading.source``."""

    name: ClassVar[str]

    @abstractmethod
    async def start(self, publisher: Publisher) -> None:
        """Called once before anything arrives; returns when data is being taken.

        Raises ``topics.errors.PartMissing`` where the wire is not to be had (a taken port), which ends
        the gateway with that sentence. A started source must acknowledge nothing to its sender before
        ``publisher.publish`` has returned for all that the sender sent.
        """

    @abstractmethod
    async def stop(self) -> None:
        """Take nothing more, give up the wire, and return when no task of the source is left.

        Also called after a ``start`` that failed, and may be called twice; must not raise.
        """
