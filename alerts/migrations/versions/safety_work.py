"""The tables of safety production work."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    _records()
    _findings()


def _records() -> None:
    op.create_table(
        "safety_record",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("newest", sa.Boolean(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=True),
        sa.Column("closed", sa.BigInteger(), nullable=True),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("wall", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", "number"),
    )
    newest = sa.text("newest")
    op.create_index(
        "safety_record_by_start", "safety_record", ["kind", "start", "id"], sqlite_where=newest, postgresql_where=newest
    )
    op.create_index(
        "safety_record_by_end", "safety_record", ["kind", "end"], sqlite_where=newest, postgresql_where=newest
    )
    op.create_index("safety_record_by_site", "safety_record", ["kind", "site", "start"])
    op.create_index("safety_record_by_about", "safety_record", ["kind", "about"])


def _findings() -> None:
    op.create_table(
        "safety_finding",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("opened", sa.BigInteger(), nullable=False),
        sa.Column("closed", sa.BigInteger(), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("sent", sa.Boolean(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    still_open = sa.text("closed IS NULL")
    op.create_index(
        "safety_finding_open",
        "safety_finding",
        ["rule", "subject"],
        sqlite_where=still_open,
        postgresql_where=still_open,
    )
    op.create_index("safety_finding_by_site", "safety_finding", ["site", "opened"])
    op.create_index("safety_finding_by_opened", "safety_finding", ["opened", "id"])
    unsent = sa.text("NOT sent")
    op.create_index("safety_finding_unsent", "safety_finding", ["id"], sqlite_where=unsent, postgresql_where=unsent)


def downgrade() -> None:
    for name in ("safety_finding", "safety_record"):
        op.drop_table(name)
