"""The first schema: finding, alarm, warning, delivery, their log, offsets and counts.

At most one open alarm per key and no reopening are the database's own rules (a partial unique index
and a trigger), because a check in the program would only hold for one writer at a time.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

REOPENED = "a closed alarm is never reopened: a new episode makes a new alarm that follows it"
REOPENS = "OLD.closed IS NOT NULL AND (NEW.closed IS NULL OR NEW.closed <> OLD.closed OR NEW.state <> OLD.state)"

NO_REOPEN_SQLITE = f"""
CREATE TRIGGER alarm_no_reopen BEFORE UPDATE ON alarm FOR EACH ROW WHEN {REOPENS}
BEGIN SELECT RAISE(ABORT, '{REOPENED}'); END
"""

NO_REOPEN_POSTGRESQL = f"""
CREATE FUNCTION alarm_no_reopen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{REOPENED}' USING ERRCODE = 'integrity_constraint_violation'; END $$;
CREATE TRIGGER alarm_no_reopen BEFORE UPDATE ON alarm FOR EACH ROW WHEN ({REOPENS})
EXECUTE FUNCTION alarm_no_reopen()
"""


def upgrade() -> None:
    _create_about()
    _create_alarm()
    _create_finding()
    _create_alarm_log()
    _create_warning()
    _create_delivery()
    _create_kafka_offset()
    _create_tally()
    postgresql = op.get_bind().dialect.name == "postgresql"
    op.execute(NO_REOPEN_POSTGRESQL if postgresql else NO_REOPEN_SQLITE)


def _create_about() -> None:
    op.create_table(
        "about",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def _create_alarm() -> None:
    op.create_table(
        "alarm",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("latched_severity", sa.Text(), nullable=False),
        sa.Column("covered_severity", sa.Text(), nullable=False),
        sa.Column("opened", sa.BigInteger(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("returned", sa.BigInteger(), nullable=True),
        sa.Column("closed", sa.BigInteger(), nullable=True),
        sa.Column("text_zh", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("expected", sa.Float(), nullable=True),
        sa.Column("acknowledged_by", sa.Text(), nullable=True),
        sa.Column("acknowledged_at", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("follows", sa.Text(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("open_findings", sa.Text(), nullable=False),
        sa.Column("stored", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(state = 'normal') = (closed IS NOT NULL)", name="alarm_closed_is_normal"),
        sa.ForeignKeyConstraint(
            ["follows"],
            ["alarm.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "alarm_open",
        "alarm",
        ["domain", "severity", "state", "quantity"],
        sqlite_where=sa.text("closed IS NULL"),
        postgresql_where=sa.text("closed IS NULL"),
    )
    op.create_index("alarm_by_key", "alarm", ["key", "opened"], unique=False)
    op.create_index("alarm_by_opened", "alarm", ["opened", "id"], unique=False)
    op.create_index(
        "alarm_one_open_per_key",
        "alarm",
        ["key"],
        unique=True,
        sqlite_where=sa.text("closed IS NULL"),
        postgresql_where=sa.text("closed IS NULL"),
    )


def _create_finding() -> None:
    op.create_table(
        "finding",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("alarm_id", sa.Text(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detector", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("opened", sa.BigInteger(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("stored", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alarm_id"],
            ["alarm.id"],
        ),
        sa.PrimaryKeyConstraint("id", "seq"),
    )
    op.create_index("finding_by_alarm", "finding", ["alarm_id"], unique=False)


def _create_alarm_log() -> None:
    op.create_table(
        "alarm_log",
        sa.Column("id", SERIAL, autoincrement=True, nullable=False),
        sa.Column("alarm_id", sa.Text(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("wall", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=False),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alarm_id"],
            ["alarm.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("alarm_log_by_alarm", "alarm_log", ["alarm_id", "id"], unique=False)


def _create_warning() -> None:
    op.create_table(
        "warning",
        sa.Column("id", SERIAL, autoincrement=True, nullable=False),
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.Column("alarm_id", sa.Text(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("msg_type", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("released", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alarm_id"],
            ["alarm.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("alarm_id", "authority", "number", name="warning_number_in_chain"),
        sa.UniqueConstraint("identifier"),
        sqlite_autoincrement=True,
    )


def _create_delivery() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", SERIAL, autoincrement=True, nullable=False),
        sa.Column("warning_id", SERIAL, nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("precedence", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("http_status", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("next_try", sa.BigInteger(), nullable=True),
        sa.Column("delivered_at", sa.BigInteger(), nullable=True),
        sa.Column("latency_ms", sa.BigInteger(), nullable=True),
        sa.Column("signed_for_by", sa.Text(), nullable=True),
        sa.Column("signed_for_at", sa.BigInteger(), nullable=True),
        sa.Column("receipt", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["warning_id"],
            ["warning.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("warning_id", "recipient", "channel", name="delivery_once_per_channel"),
        sqlite_autoincrement=True,
    )
    op.create_index("delivery_by_status", "delivery", ["status"], unique=False)
    op.create_index(
        "delivery_owed",
        "delivery",
        ["precedence", "id"],
        sqlite_where=sa.text("next_try IS NOT NULL"),
        postgresql_where=sa.text("next_try IS NOT NULL"),
    )


def _create_kafka_offset() -> None:
    op.create_table(
        "kafka_offset",
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("partition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("next_offset", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "partition"),
    )


def _create_tally() -> None:
    op.create_table(
        "tally",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
