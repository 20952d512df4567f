"""The tables of digests: what was joined into one message, and which deliveries that was."""

import sqlalchemy as sa

from alerts.schema import Serial, metadata

#: One message that says what several warnings say. ``status``: ``open`` as long as any of its deliveries is owed,
#: ``closed`` afterwards, ``refused`` where the recipient would not have it (its deliveries then go one by one).
digest = sa.Table(
    "digest",
    metadata,
    sa.Column("id", Serial, primary_key=True, autoincrement=True),
    sa.Column("identifier", sa.Text, nullable=False, unique=True),
    sa.Column("recipient", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.Column("statement", sa.Text, nullable=False),
    sa.Index("digest_by_status", "status"),
    sqlite_autoincrement=True,
)

#: A delivery is in one digest at most.
digest_item = sa.Table(
    "digest_item",
    metadata,
    sa.Column("delivery_id", Serial, sa.ForeignKey("delivery.id"), primary_key=True, autoincrement=False),
    sa.Column("digest_id", Serial, sa.ForeignKey("digest.id"), nullable=False),
    sa.Index("digest_item_by_digest", "digest_id"),
)
