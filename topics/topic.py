"""What one topic is: key, type, partitions, retention, compaction and why. The topics are in ``topics/catalog.py``."""

from typing import Any

import msgspec

DAY_MS = 86_400_000
FOR_EVER = -1

#: Kafka's own default for max.message.bytes: 1 MiB and the overhead of one record batch.
ONE_MIB = 1_048_588

#: What a null value means where nothing else is said.
NO_NULL = "not allowed; goes to the dead letters"


class Topic(msgspec.Struct, frozen=True):
    """One topic. ``type`` is the message's type, or ``bytes`` where the value is not JSON of ours.

    ``retention_ms`` is -1 for ever; ``null`` is what a null value means; ``key`` is the form of the key.
    Producers of large messages must raise their own ``max_request_size`` to ``max_message_bytes``.
    """

    name: str
    key: str
    type: Any
    partitions: int
    retention_ms: int
    compacted: bool
    max_message_bytes: int
    why: str
    null: str = NO_NULL

    @property
    def page(self) -> str:
        """The topic's name on its page: topics of all domains share one, ``readings.<domain>``."""
        head, dot, _ = self.name.partition(".")
        return f"{head}.<domain>" if dot else self.name
