"""The tamper-evident ledger: the hash chain, every try of a delivery, and what recipients sent by themselves.

Lines of the log that are there already are chained in their order, so that from now on every line has an entry.
"""

import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

FIXED = "an entry of the ledger is never changed or taken out"

FIXED_SQLITE = """
CREATE TRIGGER ledger_fixed_{what} BEFORE {what} ON ledger FOR EACH ROW
BEGIN SELECT RAISE(ABORT, '{why}'); END
"""

FIXED_POSTGRESQL = f"""
CREATE FUNCTION ledger_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{FIXED}' USING ERRCODE = 'integrity_constraint_violation'; END $$;
CREATE TRIGGER ledger_fixed BEFORE UPDATE OR DELETE ON ledger FOR EACH ROW EXECUTE FUNCTION ledger_fixed()
"""

#: The columns of a line of the log that are part of its entry.
LINE = ("alarm_id", "time", "wall", "action", "who", "note", "from_state", "to_state", "severity", "body")
BATCH = 1000


def upgrade() -> None:
    _create_ledger()
    _create_delivery_try()
    _create_inbound()
    _create_gb_name()
    op.add_column("alarm_log", sa.Column("entry", sa.BigInteger(), nullable=True))
    _chain_what_is_there()
    if op.get_bind().dialect.name == "postgresql":
        op.execute(FIXED_POSTGRESQL)
    else:
        for what in ("update", "delete"):
            op.execute(FIXED_SQLITE.format(what=what, why=FIXED))


def _create_ledger() -> None:
    op.create_table(
        "ledger",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sequence"),
    )


def _create_delivery_try() -> None:
    op.create_table(
        "delivery_try",
        sa.Column("id", SERIAL, autoincrement=True, nullable=False),
        sa.Column("delivery_id", SERIAL, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("wall", sa.BigInteger(), nullable=False),
        sa.Column("took_ms", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("http_status", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("signed_for_by", sa.Text(), nullable=True),
        sa.Column("signed_for_at", sa.BigInteger(), nullable=True),
        sa.Column("receipt", sa.Text(), nullable=True),
        sa.Column("entry", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"]),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("delivery_try_by_delivery", "delivery_try", ["delivery_id", "number"], unique=False)


def _create_inbound() -> None:
    op.create_table(
        "inbound",
        sa.Column("id", SERIAL, autoincrement=True, nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.Column("msg_type", sa.Text(), nullable=False),
        sa.Column("sent", sa.BigInteger(), nullable=True),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("sender", "identifier", name="inbound_once"),
        sqlite_autoincrement=True,
    )


def _create_gb_name() -> None:
    op.create_table(
        "gb_name",
        sa.Column("slot", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("slot"),
        sa.UniqueConstraint("identifier"),
    )


def _chain_what_is_there() -> None:
    """The form of an entry as it was when this step was written; alerts/ledger/chain.py says it in words."""
    connection = op.get_bind()
    ledger = sa.table("ledger", *(sa.column(name) for name in ("sequence", "kind", "body", "previous", "hash")))
    log = sa.table("alarm_log", sa.column("id"), sa.column("entry"), *(sa.column(name) for name in LINE))
    previous, sequence, last = "0" * 64, 0, 0
    while rows := connection.execute(
        sa.select(log.c.id, *(log.c[name] for name in LINE)).where(log.c.id > last).order_by(log.c.id).limit(BATCH)
    ).all():
        entries, places = [], []
        for row in rows:
            line = {name: getattr(row, name) for name in LINE}
            body = json.dumps(line, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            sequence += 1
            found = hashlib.sha256(f"{sequence}\n{previous}\nalarm-log\n{body}".encode()).hexdigest()
            entries.append(
                {"sequence": sequence, "kind": "alarm-log", "body": body, "previous": previous, "hash": found}
            )
            places.append({"line": row.id, "place": sequence})
            previous = found
        connection.execute(sa.insert(ledger), entries)
        change = sa.update(log).where(log.c.id == sa.bindparam("line")).values(entry=sa.bindparam("place"))
        connection.execute(change, places)
        last = rows[-1].id
    # Warnings from before the chain have nobody to vouch for them; which those are is itself an entry.
    youngest = connection.execute(sa.text("SELECT max(id) FROM warning")).scalar()
    if youngest is not None:
        body, sequence = f'{{"last_warning":{youngest}}}', sequence + 1
        found = hashlib.sha256(f"{sequence}\n{previous}\nbegun\n{body}".encode()).hexdigest()
        entry = {"sequence": sequence, "kind": "begun", "body": body, "previous": previous, "hash": found}
        connection.execute(sa.insert(ledger), [entry])
