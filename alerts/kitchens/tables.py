"""The tables of kitchens under cameras."""

import sqlalchemy as sa

from alerts.schema import metadata

#: Everything a camera's analysis saw, sure enough or not.
kitchen_sight = sa.Table(
    "kitchen_sight",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("site", sa.Text, nullable=False),
    sa.Column("time", sa.BigInteger, nullable=False),
    sa.Column("camera", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("confidence", sa.Float),
    sa.Column("picture", sa.Text, nullable=False),
    sa.Index("kitchen_sight_by_time", "time", "id"),
    sa.Index("kitchen_sight_by_site", "site", "time"),
)

#: The last word of each camera: ``state`` since ``since``.
kitchen_camera = sa.Table(
    "kitchen_camera",
    metadata,
    sa.Column("site", sa.Text, primary_key=True),
    sa.Column("camera", sa.Text, primary_key=True),
    sa.Column("heard", sa.BigInteger, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("since", sa.BigInteger, nullable=False),
    sa.Column("first", sa.BigInteger, nullable=False),
)

#: Visits to kitchens; ``entry`` is each one's place in the hash chain.
kitchen_visit = sa.Table(
    "kitchen_visit",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("site", sa.Text, nullable=False),
    sa.Column("time", sa.BigInteger, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("score", sa.Float, nullable=False),
    sa.Column("wall", sa.BigInteger, nullable=False),
    sa.Column("entry", sa.BigInteger, nullable=False),
    sa.Index("kitchen_visit_by_site", "site", "time"),
)
