"""The list of recalls, the youngest first, a page at a time."""

from typing import Any

import sqlalchemy as sa

from alerts.alarm_list import after, cursor_of
from alerts.custody import tables
from alerts.custody.desk import Recalls


def recall_page(recalls: Recalls, is_open: bool | None, limit: int, cursor: str | None = None) -> dict[str, Any]:
    """``{items, next, count}``: recalls with their figures, the cursor of the page after these (``None`` = none), and
    how many there are in all. Raises ``ValueError`` for a cursor that is none of ours.
    """
    table = tables.recall
    asked, counted = sa.select(table.c.id, table.c.opened), sa.select(sa.func.count()).select_from(table)
    if is_open is not None:
        stands = table.c.closed.is_(None) if is_open else table.c.closed.is_not(None)
        asked, counted = asked.where(stands), counted.where(stands)
    if cursor:
        asked = asked.where(after(cursor, table))
    with recalls.store.read() as connection:
        rows = connection.execute(asked.order_by(table.c.opened.desc(), table.c.id.desc()).limit(limit + 1)).all()
        count = connection.execute(counted).scalar_one()
    shown = rows[:limit]
    more = cursor_of(shown[-1].opened, shown[-1].id) if len(rows) > limit else None
    return {"items": recalls.listed([row.id for row in shown]), "next": more, "count": count}
