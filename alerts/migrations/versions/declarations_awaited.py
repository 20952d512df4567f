"""Whose answer each declaration waits for, as a table that can be asked: the list was cut before it was looked at."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0020"


def upgrade() -> None:
    op.create_table(
        "declaration_awaited",
        sa.Column("declaration_id", sa.Text(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["declaration_id"], ["declaration.id"]),
        sa.PrimaryKeyConstraint("declaration_id", "authority"),
    )
    _fill()


def _fill() -> None:
    """From the events of those that wait now: who was asked by the newest version and has not signed it. What has left
    waits for nobody any more.
    """
    declaration = sa.table("declaration", sa.column("id"), sa.column("due"), sa.column("closed"))
    event = sa.table("declaration_event", *(sa.column(name) for name in ("declaration_id", "number", "body")))
    awaited = sa.table("declaration_awaited", sa.column("declaration_id"), sa.column("authority"))
    bind = op.get_bind()
    bind.execute(sa.update(declaration).where(declaration.c.closed).values(due=None))
    waiting = bind.execute(sa.select(declaration.c.id).where(declaration.c.due.is_not(None))).scalars().all()
    for name in waiting:
        asked: list[str] = []
        bodies = sa.select(event.c.body).where(event.c.declaration_id == name).order_by(event.c.number)
        for body in bind.execute(bodies).scalars():
            said = json.loads(body)
            if said["type"] in ("entered", "amended"):
                asked = list(said["asked"])
            elif said["type"] == "signed":
                asked.remove(said["authority"])
        rows = [{"declaration_id": name, "authority": each} for each in asked]
        if rows:
            bind.execute(sa.insert(awaited), rows)


def downgrade() -> None:
    op.drop_table("declaration_awaited")
