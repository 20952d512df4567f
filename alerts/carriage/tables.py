"""The tables of carriage: waybills, handovers, the containers they are of, tracks by the hour, newest positions."""

import sqlalchemy as sa

from alerts.schema import metadata

#: ``over``: when it is over, as said or, where nothing is, some hours after its planned arrival.
cargo_trip = sa.Table(
    "cargo_trip",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("carrier", sa.Text, nullable=False),
    sa.Column("site", sa.Text, nullable=False),
    sa.Column("said", sa.BigInteger, nullable=False),
    sa.Column("departs", sa.BigInteger, nullable=False),
    sa.Column("over", sa.BigInteger, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Index("cargo_trip_by_carrier", "carrier", "departs"),
    sa.Index("cargo_trip_by_over", "over"),
)

cargo_handover = sa.Table(
    "cargo_handover",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("carrier", sa.Text, nullable=False),
    sa.Column("site", sa.Text, nullable=False),
    sa.Column("time", sa.BigInteger, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)

#: What speaks of a container: ``kind`` is trip, handover or carrier, ``ref`` its id; ``first`` and ``last`` are when.
cargo_aboard = sa.Table(
    "cargo_aboard",
    metadata,
    sa.Column("container", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("ref", sa.Text, primary_key=True),
    sa.Column("first", sa.BigInteger, nullable=False),
    sa.Column("last", sa.BigInteger, nullable=False),
)

#: The positions of one hour, thinned out, as a JSON list of [time, lat, lon, speed, heading].
cargo_track = sa.Table(
    "cargo_track",
    metadata,
    sa.Column("carrier", sa.Text, primary_key=True),
    sa.Column("hour", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("points", sa.Text, nullable=False),
)

#: Each carrier's newest position.
cargo_carrier = sa.Table(
    "cargo_carrier",
    metadata,
    sa.Column("carrier", sa.Text, primary_key=True),
    sa.Column("site", sa.Text, nullable=False),
    sa.Column("domain", sa.Text, nullable=False),
    sa.Column("time", sa.BigInteger, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)
