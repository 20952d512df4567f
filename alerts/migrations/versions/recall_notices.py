"""Indexes that answer a trace by themselves."""

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


def downgrade() -> None:
    for name, table, _, before in INDEXES:
        op.drop_index(name, table)
        if before is not None:
            op.create_index(name, table, before)
