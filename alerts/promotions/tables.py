"""What was tried in the shadow, promoted and rolled back, by whom, on which evidence; how far topics are written."""

import sqlalchemy as sa

from alerts.schema import Serial, metadata

#: What the hash chain calls these lines.
KIND = "promotion"

#: One line for each act: ``asked`` before anything is written to the logs, ``done`` or ``failed`` after. ``before``
#: (JSON) is what was in force, enough to bring it back; ``evidence`` (JSON) the report with the gate's rulings.
promotion = sa.Table(
    "promotion",
    metadata,
    sa.Column("id", Serial, primary_key=True, autoincrement=True),
    sa.Column("wall", sa.BigInteger, nullable=False),
    sa.Column("time", sa.BigInteger, nullable=False),
    sa.Column("domain", sa.Text, nullable=False),
    sa.Column("act", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("run", sa.Text, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("before", sa.Text, nullable=False),
    sa.Column("after", sa.Text, nullable=False),
    sa.Column("evidence", sa.Text, nullable=False),
    sa.Column("entry", sa.BigInteger),
    sa.Index("promotion_by_domain", "domain", "id"),
    sqlite_autoincrement=True,
)

#: Up to which line of the store a topic that is written from it has been written.
published = sa.Table(
    "published",
    metadata,
    sa.Column("topic", sa.Text, primary_key=True),
    sa.Column("position", sa.BigInteger, nullable=False),
)
