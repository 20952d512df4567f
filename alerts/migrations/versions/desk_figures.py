"""Digests: what was joined into one message while a flood lasted, and which deliveries that was."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "digest",
        sa.Column("id", SERIAL, autoincrement=True, nullable=False),
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("identifier"),
        sqlite_autoincrement=True,
    )
    op.create_index("digest_by_status", "digest", ["status"])
    op.create_table(
        "digest_item",
        sa.Column("delivery_id", SERIAL, autoincrement=False, nullable=False),
        sa.Column("digest_id", SERIAL, nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"]),
        sa.ForeignKeyConstraint(["digest_id"], ["digest.id"]),
        sa.PrimaryKeyConstraint("delivery_id"),
    )
    op.create_index("digest_item_by_digest", "digest_item", ["digest_id"])


def downgrade() -> None:
    op.drop_table("digest_item")
    op.drop_table("digest")
