"""The table of station logs; every form of every entry is kept."""

import sqlalchemy as sa

from alerts.schema import metadata

#: One form of one entry. ``newest`` holds for one form of each; ``made`` is when it was
#: entered, ``wall`` the machine's time at which it was kept, ``entry`` its place in the hash chain.
station_entry = sa.Table(
    "station_entry",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("newest", sa.Boolean, nullable=False),
    sa.Column("site", sa.Text, nullable=False),
    sa.Column("device", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("start", sa.BigInteger, nullable=False),
    sa.Column("end", sa.BigInteger),
    sa.Column("made", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("wall", sa.BigInteger, nullable=False),
    sa.Column("who", sa.Text, nullable=False, server_default=""),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("entry", sa.BigInteger, nullable=False),
    sa.Index("station_entry_by_site", "site", "start"),
)
