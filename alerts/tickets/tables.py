"""The tables of tickets: where each stands, every event in order, and the files that came with answers."""

import sqlalchemy as sa

from alerts.case_events import event_table
from alerts.schema import metadata

OPEN = sa.text("closed IS NULL")

#: ``due`` is when the side that is waited for is overdue; ``about`` the key of the judgement.
ticket = sa.Table(
    "ticket",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("site", sa.Text, nullable=False),
    sa.Column("domain", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("about", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("waiting", sa.Text),
    sa.Column("issued", sa.BigInteger, nullable=False),
    sa.Column("due", sa.BigInteger),
    sa.Column("closed", sa.BigInteger),
    sa.Column("events", sa.Integer, nullable=False),
    sa.Index("ticket_by_issued", "issued", "id"),
    sa.Index("ticket_by_site", "site", "issued"),
    sa.Index("ticket_by_about", "about"),
    sa.Index("ticket_due", "due", sqlite_where=OPEN, postgresql_where=OPEN),
)

ticket_event = event_table("ticket")

ticket_file = sa.Table(
    "ticket_file",
    metadata,
    sa.Column("ticket_id", sa.Text, sa.ForeignKey("ticket.id"), primary_key=True),
    sa.Column("sha256", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
)
