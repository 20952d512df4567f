"""Indexes that answer a trace by themselves, and what is sent to the holders of a recall."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

#: Name, table, columns now, columns before (none = a new index).
INDEXES = (
    ("custody_seen_by_time", "custody_seen", ["element", "time", "place", "party"], None),
    ("custody_link_by_parent", "custody_link", ["parent", "child", "time", "action"], None),
    ("custody_link_by_child", "custody_link", ["child", "parent", "time", "action"], ["child"]),
    ("custody_use_by_element", "custody_use", ["element", "side", "process", "time"], None),
    ("custody_use_by_process", "custody_use", ["process", "side", "element", "time"], ["process", "side"]),
)


def upgrade() -> None:
    for name, table, columns, before in INDEXES:
        if before is not None:
            op.drop_index(name, table)
        op.create_index(name, table, columns)
    op.create_table(
        "recall_notice",
        sa.Column("recall_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try", sa.BigInteger(), nullable=True),
        sa.Column("http_status", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("delivered", sa.BigInteger(), nullable=True),
        sa.Column("signed", sa.BigInteger(), nullable=True),
        sa.Column("signed_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["recall_id"], ["recall.id"]),
        sa.PrimaryKeyConstraint("recall_id", "number"),
        sa.UniqueConstraint("token"),
    )
    op.create_index("recall_notice_by_next_try", "recall_notice", ["next_try"])


def downgrade() -> None:
    op.drop_table("recall_notice")
    for name, table, _, before in INDEXES:
        op.drop_index(name, table)
        if before is not None:
            op.create_index(name, table, before)
