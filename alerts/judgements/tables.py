"""The tables of judgements and of the marks that firms enter; every form of either is kept."""

import sqlalchemy as sa

from alerts.schema import metadata

#: One version of one judgement. ``newest`` holds for one row of each key; ``body`` is the whole message.
judgement = sa.Table(
    "judgement",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("site", sa.Text, nullable=False),
    sa.Column("period", sa.Text, nullable=False),
    sa.Column("start", sa.BigInteger, nullable=False),
    sa.Column("verdict", sa.Text, nullable=False),
    sa.Column("made", sa.BigInteger, nullable=False),
    sa.Column("newest", sa.Boolean, nullable=False),
    sa.Column("stored", sa.BigInteger, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Index("judgement_by_site", "site", "period", "start"),
    sa.Index("judgement_by_start", "period", "start"),
)

#: One form of one mark: entered, documented, withdrawn. ``number`` counts a mark's forms from 1.
mark = sa.Table(
    "judgement_mark",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("site", sa.Text, nullable=False),
    sa.Column("start", sa.BigInteger, nullable=False),
    sa.Column("end", sa.BigInteger, nullable=False),
    sa.Column("known", sa.BigInteger, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Index("judgement_mark_by_site", "site", "start"),
)
