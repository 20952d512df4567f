"""The tables of accidents: where each case stands, every event in order, and the alarms it is about."""

import sqlalchemy as sa

from alerts.schema import metadata

OWED = sa.text("due IS NOT NULL")

#: ``due`` is after which moment (city time) something new lapses; ``grade`` is empty before the first report.
accident = sa.Table(
    "accident",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("domain", sa.Text, nullable=False),
    sa.Column("site", sa.Text, nullable=False),
    sa.Column("firm", sa.Text, nullable=False),
    sa.Column("district", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("grade", sa.Text, nullable=False),
    sa.Column("occurred", sa.BigInteger, nullable=False),
    sa.Column("known", sa.BigInteger, nullable=False),
    sa.Column("due", sa.BigInteger),
    sa.Column("closed", sa.BigInteger),
    sa.Column("events", sa.Integer, nullable=False),
    sa.Index("accident_by_occurred", "occurred", "id"),
    sa.Index("accident_by_site", "site", "occurred"),
    sa.Index("accident_due", "due", sqlite_where=OWED, postgresql_where=OWED),
)

#: ``entry`` is its place in the hash chain.
accident_event = sa.Table(
    "accident_event",
    metadata,
    sa.Column("accident_id", sa.Text, sa.ForeignKey("accident.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("time", sa.BigInteger, nullable=False),
    sa.Column("wall", sa.BigInteger, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("entry", sa.BigInteger, nullable=False),
)

accident_alarm = sa.Table(
    "accident_alarm",
    metadata,
    sa.Column("accident_id", sa.Text, sa.ForeignKey("accident.id"), primary_key=True),
    sa.Column("alarm_id", sa.Text, sa.ForeignKey("alarm.id"), primary_key=True),
    sa.Index("accident_alarm_by_alarm", "alarm_id"),
)
