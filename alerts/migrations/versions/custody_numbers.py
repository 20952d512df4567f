"""Numbers for the names that a trace goes over, and for events: what was told of elements is kept by these.

The numbers follow the time at which a name was told first, so that goods made and packed together lie together.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

#: Each name and when it was told first.
_NAMES = """
    SELECT element AS name, min(time) AS first FROM custody_seen GROUP BY element
    UNION ALL SELECT place, min(time) FROM custody_seen GROUP BY place
    UNION ALL SELECT party, min(time) FROM custody_seen GROUP BY party
    UNION ALL SELECT parent, min(time) FROM custody_link GROUP BY parent
    UNION ALL SELECT child, min(time) FROM custody_link GROUP BY child
    UNION ALL SELECT element, min(time) FROM custody_use GROUP BY element
    UNION ALL SELECT process, min(time) FROM custody_use GROUP BY process
"""

#: Table, its columns now, those of them that are names, and how the others are had from its row before.
_TABLES: tuple[tuple[str, tuple[str, ...], tuple[str, ...], dict[str, str]], ...] = (
    ("custody_seen", ("element", "time", "place", "party", "event"), ("element", "place", "party"), {}),
    (
        "custody_link",
        ("parent", "child", "time", "action", "event"),
        ("parent", "child"),
        {"action": "CASE old.action WHEN 'DELETE' THEN 0 WHEN 'OBSERVE' THEN 1 ELSE 2 END"},
    ),
    (
        "custody_use",
        ("element", "side", "process", "time", "event"),
        ("element", "process"),
        {"side": "CASE old.side WHEN 'in' THEN 0 ELSE 1 END"},
    ),
)

_INDEXES = (
    ("custody_seen_by_event", "custody_seen", ["event"]),
    ("custody_link_by_child", "custody_link", ["child", "parent", "time", "action"]),
    ("custody_link_by_event", "custody_link", ["event"]),
    ("custody_use_by_process", "custody_use", ["process", "side", "element", "time"]),
    ("custody_use_by_event", "custody_use", ["event"]),
)


def upgrade() -> None:
    _names()
    _events()
    for table, columns, names, others in _TABLES:
        op.execute(f"CREATE TABLE {table}_before AS SELECT * FROM {table}")
        op.drop_table(table)
        op.create_table(
            table,
            *(sa.Column(name, sa.BigInteger(), nullable=False) for name in columns),
            sa.PrimaryKeyConstraint(*columns),
            sqlite_with_rowid=False,
        )
        joins = " ".join(f"LEFT JOIN custody_name AS {name}_ ON {name}_.name = old.{name}" for name in names)
        had = {"event": "event_.number", "time": "old.time"} | others
        had |= {name: f"coalesce({name}_.number, 0)" for name in names}
        wanted = ", ".join(had[name] for name in columns)
        op.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {wanted} FROM {table}_before AS old {joins} "
            f"JOIN custody_event AS event_ ON event_.id = old.event ORDER BY {wanted}"
        )
        op.drop_table(f"{table}_before")
    for name, table, of in _INDEXES:
        op.create_index(name, table, of)


def _names() -> None:
    op.create_table(
        "custody_name",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("name"),
    )
    op.execute(
        "INSERT INTO custody_name (number, name) SELECT row_number() OVER (ORDER BY min(first), name), name "
        f"FROM ({_NAMES}) AS told WHERE name <> '' GROUP BY name"
    )


def _events() -> None:
    op.add_column("custody_event", sa.Column("number", sa.BigInteger(), nullable=False, server_default="0"))
    numbers = "row_number() OVER (ORDER BY time, id) AS number"
    op.execute(f"CREATE TABLE custody_order AS SELECT id, {numbers} FROM custody_event")
    op.create_index("custody_order_by_id", "custody_order", ["id"])
    op.execute(
        "UPDATE custody_event SET number = (SELECT number FROM custody_order WHERE custody_order.id = custody_event.id)"
    )
    op.drop_table("custody_order")
    op.create_index("custody_event_by_number", "custody_event", ["number"], unique=True)
