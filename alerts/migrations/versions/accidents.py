"""The tables of accidents."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "accident",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("firm", sa.Text(), nullable=False),
        sa.Column("district", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("occurred", sa.BigInteger(), nullable=False),
        sa.Column("known", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=True),
        sa.Column("closed", sa.BigInteger(), nullable=True),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("accident_by_occurred", "accident", ["occurred", "id"])
    op.create_index("accident_by_site", "accident", ["site", "occurred"])
    owed = sa.text("due IS NOT NULL")
    op.create_index("accident_due", "accident", ["due"], sqlite_where=owed, postgresql_where=owed)
    op.create_table(
        "accident_event",
        sa.Column("accident_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("wall", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["accident_id"], ["accident.id"]),
        sa.PrimaryKeyConstraint("accident_id", "number"),
    )
    op.create_table(
        "accident_alarm",
        sa.Column("accident_id", sa.Text(), nullable=False),
        sa.Column("alarm_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["accident_id"], ["accident.id"]),
        sa.ForeignKeyConstraint(["alarm_id"], ["alarm.id"]),
        sa.PrimaryKeyConstraint("accident_id", "alarm_id"),
    )
    op.create_index("accident_alarm_by_alarm", "accident_alarm", ["alarm_id"])


def downgrade() -> None:
    for name in ("accident_alarm", "accident_event", "accident"):
        op.drop_table(name)
