"""When an entry of a station's log was made and by whom, as columns, like those of the other records kept in forms."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.add_column("station_entry", sa.Column("made", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("station_entry", sa.Column("who", sa.Text(), nullable=False, server_default=""))
    _fill()


def _fill() -> None:
    """From the forms that are kept already."""
    entry = sa.table("station_entry", *(sa.column(name) for name in ("id", "number", "body", "made", "who")))
    bind = op.get_bind()
    for name, number, body in bind.execute(sa.select(entry.c.id, entry.c.number, entry.c.body)).all():
        said = json.loads(body)
        values = {"made": said["made"], "who": said.get("who", "")}
        bind.execute(sa.update(entry).where(entry.c.id == name, entry.c.number == number).values(**values))


def downgrade() -> None:
    op.drop_column("station_entry", "who")
    op.drop_column("station_entry", "made")
