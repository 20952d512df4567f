"""The tables of accidents: where each case stands, every event in order, and the alarms it is about."""

import sqlalchemy as sa

from alerts.case_events import event_table
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

accident_event = event_table("accident")

accident_alarm = sa.Table(
    "accident_alarm",
    metadata,
    sa.Column("accident_id", sa.Text, sa.ForeignKey("accident.id"), primary_key=True),
    sa.Column("alarm_id", sa.Text, sa.ForeignKey("alarm.id"), primary_key=True),
    sa.Index("accident_alarm_by_alarm", "alarm_id"),
)
