"""One number for all wordings of a name: an EPC URI, and the GS1 Digital Link that says the same.

Until now a lot that one firm wrote in this way and another in that had two numbers, and a trace of the one did not find
the other. Of two numbers the lower stays, which was told first, and with it the wording that things are called by.
"""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from records.digital_link import one_name

revision = "0023"
down_revision = "0022"

#: Table, all its columns, and those of them that are numbers of names.
_TABLES = (
    ("custody_seen", ("element", "time", "place", "party", "event"), ("element", "place", "party")),
    ("custody_link", ("parent", "child", "time", "action", "event"), ("parent", "child")),
    ("custody_use", ("element", "side", "process", "time", "event"), ("element", "process")),
)
_AT_ONCE = 20_000


def upgrade() -> None:
    op.add_column("custody_name", sa.Column("wording", sa.Text(), nullable=False, server_default=""))
    _read_names()
    op.execute(
        "CREATE TABLE custody_same AS SELECT one.number AS old, first.number AS new FROM custody_one AS one "
        "JOIN (SELECT name, min(number) AS number FROM custody_one GROUP BY name) AS first ON first.name = one.name "
        "WHERE one.number <> first.number"
    )
    op.create_index("custody_same_by_old", "custody_same", ["old"])
    for table, columns, names in _TABLES:
        _join(table, columns, names)
    op.execute("DELETE FROM custody_name WHERE number IN (SELECT old FROM custody_same)")
    op.execute("UPDATE custody_name SET wording = name")
    op.execute(
        "UPDATE custody_name SET name = "
        "(SELECT one.name FROM custody_one AS one WHERE one.number = custody_name.number)"
    )
    _lots()
    op.drop_table("custody_same")
    op.drop_table("custody_one")


def _read_names() -> None:
    """Number → what all wordings of its name have in common."""
    one = op.create_table("custody_one", sa.Column("number", sa.BigInteger(), primary_key=True, autoincrement=False),
                          sa.Column("name", sa.Text(), nullable=False))  # fmt: skip
    connection = op.get_bind()
    for rows in _parts(connection):
        connection.execute(sa.insert(one), [{"number": number, "name": one_name(name)} for number, name in rows])
    op.create_index("custody_one_by_name", "custody_one", ["name", "number"])


def _parts(connection: sa.Connection) -> Iterator[list[tuple[int, str]]]:
    asked = sa.text("SELECT number, name FROM custody_name WHERE number > :last ORDER BY number LIMIT :most")
    last = 0
    while rows := [(number, name) for number, name in connection.execute(asked, {"last": last, "most": _AT_ONCE})]:
        yield rows
        last = rows[-1][0]


def _join(table: str, columns: tuple[str, ...], names: tuple[str, ...]) -> None:
    """Put what was told under a number that goes under the one that stays; what is there already is told once."""
    had = ", ".join(f"coalesce({each}_.new, told.{each})" if each in names else f"told.{each}" for each in columns)
    joins = " ".join(f"LEFT JOIN custody_same AS {each}_ ON {each}_.old = told.{each}" for each in names)
    some = " OR ".join(f"{each}_.old IS NOT NULL" for each in names)
    op.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {had} FROM {table} AS told {joins} WHERE {some} "
        "ON CONFLICT DO NOTHING"
    )
    gone = " OR ".join(f"{each} IN (SELECT old FROM custody_same)" for each in names)
    op.execute(f"DELETE FROM {table} WHERE {gone}")


def _lots() -> None:
    connection = op.get_bind()
    lot = sa.table("custody_lot", sa.column("lot", sa.Text), sa.column("element", sa.Text))
    rows = [
        (code, element, one_name(element)) for code, element in connection.execute(sa.select(lot.c.lot, lot.c.element))
    ]
    other = [{"code": code, "wording": element, "name": one} for code, element, one in rows if one != element]
    if other:
        connection.execute(
            sa.text("INSERT INTO custody_lot (lot, element) VALUES (:code, :name) ON CONFLICT DO NOTHING"), other
        )
        connection.execute(sa.text("DELETE FROM custody_lot WHERE lot = :code AND element = :wording"), other)
