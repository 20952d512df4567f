"""Messages of one warning's chain reach a recipient in their order: an Update waits for its Alert."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from alerts import schema

#: Tables under a name of their own, as a query has them.
Rows = sa.FromClause


def earlier_owed(
    mine: Rows, said: Rows, also: Callable[[Rows], sa.ColumnElement[bool]] = lambda before: sa.true()
) -> sa.Exists:
    """Whether an earlier message of the chain is still owed to the same recipient over the same channel.

    ``mine`` is the delivery and ``said`` its warning; ``also`` narrows the earlier deliveries that count.
    """
    before, earlier = schema.delivery.alias(), schema.warning.alias()
    owed: sa.Select[Any] = (
        sa.select(before.c.id)
        .join(earlier, earlier.c.id == before.c.warning_id)
        .where(
            before.c.next_try.is_not(None),
            before.c.recipient == mine.c.recipient,
            before.c.channel == mine.c.channel,
            earlier.c.alarm_id == said.c.alarm_id,
            earlier.c.authority == said.c.authority,
            earlier.c.number < said.c.number,
            also(before),
        )
    )
    return owed.exists()
