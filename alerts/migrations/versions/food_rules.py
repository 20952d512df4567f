"""The hash of what a custody event says, and the tables of first-station coding and of kitchens under cameras."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("custody_event", sa.Column("content", sa.Text(), nullable=False, server_default=""))
    op.create_index("custody_event_by_content", "custody_event", ["content"])
    op.create_table(
        "code_step",
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("lot", sa.Boolean(), nullable=False),
        sa.Column("process", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("event", "name", "role"),
    )
    op.create_index("code_step_by_code", "code_step", ["code", "time"])
    op.create_index("code_step_by_process", "code_step", ["process", "role"])
    op.create_table(
        "code_fault",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("other", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", "kind", "event"),
    )
    op.create_index("code_fault_by_time", "code_fault", ["time", "code"])
    op.create_table(
        "flow_record",
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("missing", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("event"),
    )
    op.create_index("flow_record_by_time", "flow_record", ["time", "site"])
    _kitchens()


def _kitchens() -> None:
    op.create_table(
        "kitchen_sight",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("camera", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("picture", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("kitchen_sight_by_time", "kitchen_sight", ["time", "id"])
    op.create_index("kitchen_sight_by_site", "kitchen_sight", ["site", "time"])
    op.create_table(
        "kitchen_camera",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("camera", sa.Text(), nullable=False),
        sa.Column("heard", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("site", "camera"),
    )
    op.create_table(
        "kitchen_visit",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("wall", sa.BigInteger(), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("kitchen_visit_by_site", "kitchen_visit", ["site", "time"])


def downgrade() -> None:
    for name in ("kitchen_visit", "kitchen_camera", "kitchen_sight", "flow_record", "code_fault", "code_step"):
        op.drop_table(name)
    op.drop_index("custody_event_by_content", "custody_event")
    op.drop_column("custody_event", "content")
