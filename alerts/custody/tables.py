"""The tables of custody and of recalls. An element is an EPC or a lot's class, called by its URI.

A trace asks for thousands of names at once, which lie anywhere in the tables, so it is answered from indexes that hold
all it needs: with the rows fetched as well it took twenty times as long wherever they were not in memory.
"""

import sqlalchemy as sa

from alerts.case_events import event_table
from alerts.schema import metadata

#: Each captured event, whole. ``retracts`` is the event it declares wrong; ``retracted`` holds for one that was.
#: ``content`` is its hash, whatever it is called.
custody_event = sa.Table(
    "custody_event",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("time", sa.BigInteger, nullable=False),
    sa.Column("site", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("retracts", sa.Text, nullable=False),
    sa.Column("retracted", sa.Boolean, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("content", sa.Text, nullable=False, server_default=""),
    sa.Index("custody_event_by_time", "time", "id"),
    sa.Index("custody_event_by_retracts", "retracts"),
    sa.Index("custody_event_by_content", "content"),
)

#: Where each element was named, by which event.
custody_seen = sa.Table(
    "custody_seen",
    metadata,
    sa.Column("element", sa.Text, primary_key=True),
    sa.Column("event", sa.Text, primary_key=True),
    sa.Column("time", sa.BigInteger, nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("party", sa.Text, nullable=False),
    sa.Index("custody_seen_by_event", "event"),
    sa.Index("custody_seen_by_time", "element", "time", "place", "party"),
)

#: One word on a parent and a child; ``child`` is empty where the parent was emptied as a whole.
custody_link = sa.Table(
    "custody_link",
    metadata,
    sa.Column("parent", sa.Text, primary_key=True),
    sa.Column("child", sa.Text, primary_key=True),
    sa.Column("event", sa.Text, primary_key=True),
    sa.Column("time", sa.BigInteger, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Index("custody_link_by_parent", "parent", "child", "time", "action"),
    sa.Index("custody_link_by_child", "child", "parent", "time", "action"),
    sa.Index("custody_link_by_event", "event"),
)

#: What went into and came out of a making; ``side`` is ``in`` or ``out``.
custody_use = sa.Table(
    "custody_use",
    metadata,
    sa.Column("element", sa.Text, primary_key=True),
    sa.Column("side", sa.Text, primary_key=True),
    sa.Column("event", sa.Text, primary_key=True),
    sa.Column("process", sa.Text, nullable=False),
    sa.Column("time", sa.BigInteger, nullable=False),
    sa.Index("custody_use_by_element", "element", "side", "process", "time"),
    sa.Index("custody_use_by_process", "process", "side", "element", "time"),
    sa.Index("custody_use_by_event", "event"),
)

#: The elements of a lot code, as printed on a pack.
custody_lot = sa.Table(
    "custody_lot",
    metadata,
    sa.Column("lot", sa.Text, primary_key=True),
    sa.Column("element", sa.Text, primary_key=True),
)

#: A recall; what it says is the fold of its events. ``due`` is when what is waited for is overdue.
recall = sa.Table(
    "recall",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("opened", sa.BigInteger, nullable=False),
    sa.Column("due", sa.BigInteger),
    sa.Column("closed", sa.BigInteger),
    sa.Index("recall_by_opened", "opened", "id"),
)

recall_event = event_table("recall")

#: A notice to a holder and what came of it: ``number`` is the event of the recall that says it, ``kind`` what that is
#: (notified, withdrawn). ``token`` is the word by which its holder signs. ``status`` is pending, retrying, delivered,
#: signed-for, dead, or unaddressed where nobody has given an address; ``next_try`` is empty where none is owed.
#: ``created`` and ``delivered`` are wall time, ``signed`` is city time.
recall_notice = sa.Table(
    "recall_notice",
    metadata,
    sa.Column("recall_id", sa.Text, sa.ForeignKey("recall.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("holder", sa.Text, nullable=False),
    sa.Column("token", sa.Text, nullable=False, unique=True),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_try", sa.BigInteger),
    sa.Column("http_status", sa.Integer),
    sa.Column("error", sa.Text, nullable=False),
    sa.Column("delivered", sa.BigInteger),
    sa.Column("signed", sa.BigInteger),
    sa.Column("signed_by", sa.Text, nullable=False),
    sa.Index("recall_notice_by_next_try", "next_try"),
)
