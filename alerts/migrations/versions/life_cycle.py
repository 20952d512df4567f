"""The life cycle's further states, groups, and the indexes that long lists need.

Every alarm of the first schema sounded at once and knew neither delays, shelving nor deadlines, so its row is
complete with ``more`` empty and ``annunciated`` at the first ``raised`` of its log. There is no way back: states that
the first schema does not know have no place in it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

#: Columns of ``alarm`` as both databases take them in ALTER TABLE; SQLite takes a foreign key only like this.
COLUMNS = (
    "group_id TEXT REFERENCES alarm_group (id)",
    "hidden_by TEXT",
    "annunciated BIGINT",
    "shelved_until BIGINT",
    "deadline BIGINT",
    "escalation INTEGER DEFAULT '0' NOT NULL",
    "verdict TEXT",
    "due BIGINT",
    "more TEXT DEFAULT '{}' NOT NULL",
)

INDEXES = {
    "alarm_by_domain": ("domain", "opened", "id"),
    "alarm_by_quantity": ("quantity", "opened", "id"),
    "alarm_by_severity": ("severity", "opened", "id"),
    "alarm_by_site": ("site", "opened", "id"),
    "alarm_by_follows": ("follows",),
    "alarm_by_group": ("group_id",),
}

#: name: (columns, condition)
PARTIAL_INDEXES = {
    # Few of very many are open: their lists must not walk over all that are closed.
    "alarm_open_by_opened": (("opened", "id"), "closed IS NULL"),
    "alarm_open_by_domain": (("domain", "opened", "id"), "closed IS NULL"),
    "alarm_open_by_severity": (("severity", "opened", "id"), "closed IS NULL"),
    "alarm_due": (("due",), "due IS NOT NULL"),
    "alarm_judged": (("verdict", "opened", "id"), "verdict IS NOT NULL"),
    "alarm_hidden": (("hidden_by",), "hidden_by IS NOT NULL"),
}

SOUNDED = """
UPDATE alarm SET annunciated = (
    SELECT log.time FROM alarm_log AS log WHERE log.alarm_id = alarm.id AND log.action = 'raised'
    ORDER BY log.id LIMIT 1
)
"""


def upgrade() -> None:
    _create_alarm_group()
    for column in COLUMNS:
        op.execute(f"ALTER TABLE alarm ADD COLUMN {column}")
    op.execute("ALTER TABLE alarm_log ADD COLUMN rule TEXT DEFAULT '' NOT NULL")
    op.execute(SOUNDED)
    for name, columns in INDEXES.items():
        op.create_index(name, "alarm", list(columns))
    for name, (some, condition) in PARTIAL_INDEXES.items():
        where = sa.text(condition)
        op.create_index(name, "alarm", list(some), sqlite_where=where, postgresql_where=where)


def _create_alarm_group() -> None:
    op.create_table(
        "alarm_group",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("labels", sa.Text(), nullable=False),
        sa.Column("opened", sa.BigInteger(), nullable=False),
        sa.Column("closed", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    still_open = sa.text("closed IS NULL")
    op.create_index(
        "alarm_group_one_open_per_key",
        "alarm_group",
        ["key"],
        unique=True,
        sqlite_where=still_open,
        postgresql_where=still_open,
    )
    op.create_index("alarm_group_by_opened", "alarm_group", ["opened", "id"])
