"""The tables of declarations: where each stands, who is awaited, every event in order, and what is still to be put on a
topic.
"""

import sqlalchemy as sa

from alerts.case_events import event_table
from alerts.schema import Serial, metadata

WAITING = sa.text("due IS NOT NULL")
TO_SAY = sa.text("kept IS NULL")

#: ``due`` is when an answer is overdue, null where none is awaited; ``unlawful``: its box came unaccepted.
declaration = sa.Table(
    "declaration",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("site", sa.Text, nullable=False),
    sa.Column("domain", sa.Text, nullable=False),
    sa.Column("container", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("unlawful", sa.Boolean, nullable=False),
    sa.Column("entered", sa.BigInteger, nullable=False),
    sa.Column("operation", sa.BigInteger, nullable=False),
    sa.Column("due", sa.BigInteger),
    sa.Column("closed", sa.Boolean, nullable=False),
    sa.Column("events", sa.Integer, nullable=False),
    sa.Index("declaration_by_entered", "entered", "id"),
    sa.Index("declaration_by_container", "container", "site"),
    sa.Index("declaration_due", "due", sqlite_where=WAITING, postgresql_where=WAITING),
)

declaration_event = event_table("declaration")

#: Whose answer each declaration waits for, so that an authority finds its own however many wait for others.
declaration_awaited = sa.Table(
    "declaration_awaited",
    metadata,
    sa.Column("declaration_id", sa.Text, sa.ForeignKey("declaration.id"), primary_key=True),
    sa.Column("authority", sa.Text, primary_key=True),
)

#: Messages in the order in which they go out; ``kept`` is the wall time at which the broker had one. ``message`` is the
#: id of an event, or the id and number of a finding.
declaration_word = sa.Table(
    "declaration_word",
    metadata,
    sa.Column("id", Serial, primary_key=True, autoincrement=True),
    sa.Column("message", sa.Text, nullable=False, unique=True),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("kept", sa.BigInteger),
    sa.Index("declaration_word_to_say", "id", sqlite_where=TO_SAY, postgresql_where=TO_SAY),
    sqlite_autoincrement=True,
)
