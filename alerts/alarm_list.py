"""Which alarms a list shows, and where it goes on: conditions that the store's indexes answer in one short read."""

import base64
import binascii
from typing import Literal

import msgspec
import sqlalchemy as sa

from alerts import schema

Which = Literal["open", "closed", "all"]

#: Asks for alarms that nobody has judged yet.
UNJUDGED = "none"


class Cut(msgspec.Struct, frozen=True):
    """What is left of all alarms; ``None`` leaves all. ``since`` and ``until`` (ms UTC of event time) are of opening,
    the first within, the second without. ``text`` stands in what is said of the alarm in either language, or in
    the name of its site or quantity. ``verdict`` is a code of the vocabulary or ``none``; ``hidden`` tells those
    behind a cause from those that stand for themselves.
    """

    which: Which = "open"
    domain: str | None = None
    severity: str | None = None
    site: str | None = None
    quantity: str | None = None
    family: str | None = None
    state: str | None = None
    group: str | None = None
    verdict: str | None = None
    hidden: bool | None = None
    since: int | None = None
    until: int | None = None
    text: str | None = None

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """The conditions on rows of the table ``alarm``."""
        table = schema.alarm.c
        equal = {
            table.domain: self.domain,
            table.severity: self.severity,
            table.site: self.site,
            table.quantity: self.quantity,
            table.family: self.family,
            table.state: self.state,
            table.group_id: self.group,
            table.verdict: self.verdict if self.verdict != UNJUDGED else None,
        }
        found: list[sa.ColumnElement[bool]] = [column == value for column, value in equal.items() if value]
        if self.which != "all":
            found.append(table.closed.is_(None) if self.which == "open" else table.closed.is_not(None))
        if self.verdict == UNJUDGED:
            found.append(table.verdict.is_(None))
        if self.hidden is not None:
            found.append(table.hidden_by.is_not(None) if self.hidden else table.hidden_by.is_(None))
        if self.since is not None:
            found.append(table.opened >= self.since)
        if self.until is not None:
            found.append(table.opened < self.until)
        if self.text:
            said = (table.text_zh, table.text_en, table.site, table.quantity)
            found.append(sa.or_(*(column.icontains(self.text, autoescape=True) for column in said)))
        return found


def after(cursor: str, listed: sa.Table = schema.alarm) -> sa.ColumnElement[bool]:
    """The alarms (or groups) that come after this place in a list, the youngest first.

    Raises ``ValueError`` for a cursor that is none of ours.
    """
    opened, name = read_cursor(cursor)
    table = listed.c
    return sa.tuple_(table.opened, table.id) < sa.tuple_(sa.literal(opened), sa.literal(name))


def cursor_of(opened: int, name: str) -> str:
    """The place after this alarm, group or whatever else a list orders by a moment and a name."""
    return base64.urlsafe_b64encode(f"{opened}:{name}".encode()).decode()


def read_cursor(cursor: str) -> tuple[int, str]:
    """The moment and name that ``cursor_of`` was given. Raises ``ValueError`` for a cursor that is none of ours."""
    try:
        opened, _, name = base64.urlsafe_b64decode(cursor.encode()).decode().partition(":")
        return int(opened), name
    except (ValueError, binascii.Error) as error:
        raise ValueError(f'cursor: expected what "next" gave, got {cursor!r}') from error
