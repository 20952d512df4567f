"""The head of the alert server's ledger as it is published: one line that stands for everything before it."""

from typing import Annotated

import msgspec

from topics.reading import SCHEMA_VERSION, TimeMs

TOPIC = "ledger-heads"


class LedgerHead(msgspec.Struct, frozen=True, omit_defaults=True):
    """``sequence`` entries there were at wall time ``published``; ``hash`` is that of the last of them (hex)."""

    store: str
    sequence: Annotated[int, msgspec.Meta(ge=0)]
    hash: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
    published: TimeMs
    schema: Annotated[int, msgspec.Meta(ge=1)] = SCHEMA_VERSION
