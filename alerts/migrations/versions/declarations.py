"""The tables of declarations of dangerous goods."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "declaration",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("container", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("unlawful", sa.Boolean(), nullable=False),
        sa.Column("entered", sa.BigInteger(), nullable=False),
        sa.Column("operation", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=True),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("declaration_by_entered", "declaration", ["entered", "id"])
    op.create_index("declaration_by_container", "declaration", ["container", "site"])
    waiting = sa.text("due IS NOT NULL")
    op.create_index("declaration_due", "declaration", ["due"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_table(
        "declaration_event",
        sa.Column("declaration_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("wall", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["declaration_id"], ["declaration.id"]),
        sa.PrimaryKeyConstraint("declaration_id", "number"),
    )
    op.create_table(
        "declaration_word",
        sa.Column("id", SERIAL, autoincrement=True, nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("kept", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("message"),
        sqlite_autoincrement=True,
    )
    to_say = sa.text("kept IS NULL")
    op.create_index("declaration_word_to_say", "declaration_word", ["id"], sqlite_where=to_say, postgresql_where=to_say)


def downgrade() -> None:
    for name in ("declaration_word", "declaration_event", "declaration"):
        op.drop_table(name)
