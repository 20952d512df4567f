"""The ledger's tables: the hash chain, every try of a delivery, and what recipients sent us by themselves."""

import sqlalchemy as sa

from alerts.schema import Serial, metadata

#: The hash chain; see chain.py. ``sequence`` counts from 1 without gaps. A trigger refuses changes and removals.
ledger = sa.Table(
    "ledger",
    metadata,
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("previous", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
)

#: One try of one delivery: ``http_status`` is what was really answered, ``took_ms`` how long the try itself took.
#: ``entry`` is its place in the chain.
delivery_try = sa.Table(
    "delivery_try",
    metadata,
    sa.Column("id", Serial, primary_key=True, autoincrement=True),
    sa.Column("delivery_id", Serial, sa.ForeignKey("delivery.id"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("wall", sa.BigInteger, nullable=False),
    sa.Column("took_ms", sa.BigInteger),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("http_status", sa.Integer),
    sa.Column("error", sa.Text, nullable=False),
    sa.Column("signed_for_by", sa.Text),
    sa.Column("signed_for_at", sa.BigInteger),
    sa.Column("receipt", sa.Text),
    sa.Column("entry", sa.BigInteger),
    sa.Index("delivery_try_by_delivery", "delivery_id", "number"),
    sqlite_autoincrement=True,
)

#: A CAP message somebody sent us. ``outcome`` says what it did; one that comes again changes nothing.
inbound = sa.Table(
    "inbound",
    metadata,
    sa.Column("id", Serial, primary_key=True, autoincrement=True),
    sa.Column("sender", sa.Text, nullable=False),
    sa.Column("identifier", sa.Text, nullable=False),
    sa.Column("msg_type", sa.Text, nullable=False),
    sa.Column("sent", sa.BigInteger),
    sa.Column("received", sa.BigInteger, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("entry", sa.BigInteger),
    sa.UniqueConstraint("sender", "identifier", name="inbound_once"),
    sqlite_autoincrement=True,
)

#: The name of a warning in the form of GB/T 35965; see gb_names.py. ``slot`` is seconds UTC x 10 and a digit.
gb_name = sa.Table(
    "gb_name",
    metadata,
    sa.Column("slot", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("identifier", sa.Text, nullable=False, unique=True),
)
