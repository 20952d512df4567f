"""The table of alerts from outside; on the same metadata as all others. Times are ms UTC of wall time."""

import sqlalchemy as sa

from alerts.schema import metadata

#: The last that was heard of each set of labels, and the episode (finding) it belongs to. ``timed_out``: nobody gave
#: an end, ``ends_at`` is when silence counts as one. ``is_open``: the finding has not been closed.
external_alert = sa.Table(
    "external_alert",
    metadata,
    sa.Column("fingerprint", sa.Text, primary_key=True),
    sa.Column("labels", sa.Text, nullable=False),
    sa.Column("annotations", sa.Text, nullable=False),
    sa.Column("generator_url", sa.Text, nullable=False),
    sa.Column("starts_at", sa.BigInteger, nullable=False),
    sa.Column("ends_at", sa.BigInteger, nullable=False),
    sa.Column("timed_out", sa.Boolean, nullable=False),
    sa.Column("updated_at", sa.BigInteger, nullable=False),
    sa.Column("finding_id", sa.Text, nullable=False),
    sa.Column("opened", sa.BigInteger, nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("is_open", sa.Boolean, nullable=False),
    sa.Index("external_alert_open", "is_open", "ends_at"),
    sa.Index("external_alert_by_finding", "finding_id"),
)
