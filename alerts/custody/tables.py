"""The tables of custody and of recalls. An element is an EPC or a lot's class, called by its URI.

A trace asks for tens of thousands of names at once, so what it goes over holds a number for each name, and each event
has one too; every question is answered from an index that holds all it needs, in which what was told together lies
together. Number 0 is the empty name, which has no row.
"""

import sqlalchemy as sa

from alerts.case_events import event_table
from alerts.schema import Serial, metadata

#: The number of each name that events gave to an element, a process, a place or a party, in the order they came.
#: ``name`` is what all wordings of it have in common (records/digital_link.py), ``wording`` is the one that came first.
custody_name = sa.Table(
    "custody_name",
    metadata,
    sa.Column("number", Serial, primary_key=True, autoincrement=False),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("wording", sa.Text, nullable=False, server_default=""),
)

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
    sa.Column("number", sa.BigInteger, nullable=False, server_default="0"),
    sa.Index("custody_event_by_time", "time", "id"),
    sa.Index("custody_event_by_retracts", "retracts"),
    sa.Index("custody_event_by_content", "content"),
    sa.Index("custody_event_by_number", "number", unique=True),
)

#: Where each element was named, by which event.
custody_seen = sa.Table(
    "custody_seen",
    metadata,
    *(sa.Column(name, sa.BigInteger, primary_key=True) for name in ("element", "time", "place", "party", "event")),
    sa.Index("custody_seen_by_event", "event"),
    sqlite_with_rowid=False,
)

#: One word on a parent and a child; ``child`` is 0 where the parent was emptied as a whole. ``action`` is its rank in
#: ``records.custody.ORDER``.
custody_link = sa.Table(
    "custody_link",
    metadata,
    *(sa.Column(name, sa.BigInteger, primary_key=True) for name in ("parent", "child", "time", "action", "event")),
    sa.Index("custody_link_by_child", "child", "parent", "time", "action"),
    sa.Index("custody_link_by_event", "event"),
    sqlite_with_rowid=False,
)

#: What went into and came out of a making; ``side`` is 0 for in, 1 for out.
custody_use = sa.Table(
    "custody_use",
    metadata,
    *(sa.Column(name, sa.BigInteger, primary_key=True) for name in ("element", "side", "process", "time", "event")),
    sa.Index("custody_use_by_process", "process", "side", "element", "time"),
    sa.Index("custody_use_by_event", "event"),
    sqlite_with_rowid=False,
)
IN, OUT = 0, 1

#: The elements of a lot code, as printed on a pack, by what all wordings of an element's name have in common.
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
