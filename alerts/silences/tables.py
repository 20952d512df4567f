"""The tables of silences; on the same metadata as all others. Times are ms UTC of wall time."""

import sqlalchemy as sa

from alerts.schema import metadata

#: ``settled``: the silence has ended and the alarms it held back have been looked at again.
silence = sa.Table(
    "silence",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("matchers", sa.Text, nullable=False),
    sa.Column("starts_at", sa.BigInteger, nullable=False),
    sa.Column("ends_at", sa.BigInteger, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("comment", sa.Text, nullable=False),
    sa.Column("updated_at", sa.BigInteger, nullable=False),
    sa.Column("may_cover_top", sa.Boolean, nullable=False),
    sa.Column("annotations", sa.Text, nullable=False),
    sa.Column("settled", sa.Boolean, nullable=False),
    sa.Index("silence_by_end", "settled", "ends_at"),
)

#: Which silence has kept which alarm from being announced, and since when.
silence_hold = sa.Table(
    "silence_hold",
    metadata,
    sa.Column("silence_id", sa.Text, sa.ForeignKey("silence.id"), primary_key=True),
    sa.Column("alarm_id", sa.Text, sa.ForeignKey("alarm.id"), primary_key=True),
    sa.Column("since", sa.BigInteger, nullable=False),
    sa.Index("silence_hold_by_alarm", "alarm_id"),
)
