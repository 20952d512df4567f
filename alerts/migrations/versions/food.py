"""The tables of custody and recalls."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    _custody()
    _recalls()


def _custody() -> None:
    op.create_table(
        "custody_event",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("retracts", sa.Text(), nullable=False),
        sa.Column("retracted", sa.Boolean(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("custody_event_by_time", "custody_event", ["time", "id"])
    op.create_index("custody_event_by_retracts", "custody_event", ["retracts"])
    op.create_table(
        "custody_seen",
        sa.Column("element", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("element", "event"),
    )
    op.create_index("custody_seen_by_event", "custody_seen", ["event"])
    op.create_table(
        "custody_link",
        sa.Column("parent", sa.Text(), nullable=False),
        sa.Column("child", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("parent", "child", "event"),
    )
    op.create_index("custody_link_by_child", "custody_link", ["child"])
    op.create_index("custody_link_by_event", "custody_link", ["event"])
    op.create_table(
        "custody_use",
        sa.Column("element", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("element", "side", "event"),
    )
    op.create_index("custody_use_by_process", "custody_use", ["process", "side"])
    op.create_index("custody_use_by_event", "custody_use", ["event"])
    op.create_table(
        "custody_lot",
        sa.Column("lot", sa.Text(), nullable=False),
        sa.Column("element", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("lot", "element"),
    )


def _recalls() -> None:
    op.create_table(
        "recall",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("opened", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=True),
        sa.Column("closed", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("recall_by_opened", "recall", ["opened", "id"])
    op.create_table(
        "recall_event",
        sa.Column("recall_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("wall", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["recall_id"], ["recall.id"]),
        sa.PrimaryKeyConstraint("recall_id", "number"),
    )


def downgrade() -> None:
    for name in (
        "recall_event",
        "recall",
        "custody_lot",
        "custody_use",
        "custody_link",
        "custody_seen",
        "custody_event",
    ):
        op.drop_table(name)
