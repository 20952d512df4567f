"""The tables of the store, for SQLite and PostgreSQL alike; how they come to be is in migrations/.

Four objects, never one: a *finding* is what a detector says, an *alarm* what somebody must answer,
a *warning* what leaves the house, a *delivery* how it reached one recipient over one channel.
All times are integer milliseconds UTC; ``time``, ``opened``, ``closed`` … are event (city) time,
``stored``, ``wall``, ``created``, ``next_try`` … are wall time. Text has no length limit in the
database: what is too long is refused where it comes in, never by an insert that fails.
"""

import sqlalchemy as sa

metadata = sa.MetaData()

#: SQLite numbers rows by itself only in a column of exactly this type.
Serial = sa.BigInteger().with_variant(sa.Integer, "sqlite")

STILL_OPEN = sa.text("closed IS NULL")

alarm = sa.Table(
    "alarm",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("domain", sa.Text, nullable=False),
    sa.Column("site", sa.Text, nullable=False),
    sa.Column("quantity", sa.Text, nullable=False),
    sa.Column("family", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("severity", sa.Text, nullable=False),
    sa.Column("rank", sa.Integer, nullable=False),
    sa.Column("latched_severity", sa.Text, nullable=False),
    sa.Column("covered_severity", sa.Text, nullable=False),
    sa.Column("opened", sa.BigInteger, nullable=False),
    sa.Column("updated", sa.BigInteger, nullable=False),
    sa.Column("returned", sa.BigInteger),
    sa.Column("closed", sa.BigInteger),
    sa.Column("text_zh", sa.Text, nullable=False),
    sa.Column("text_en", sa.Text, nullable=False),
    sa.Column("value", sa.Float),
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("expected", sa.Float),
    sa.Column("acknowledged_by", sa.Text),
    sa.Column("acknowledged_at", sa.BigInteger),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("follows", sa.Text, sa.ForeignKey("alarm.id")),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("open_findings", sa.Text, nullable=False),
    sa.Column("stored", sa.BigInteger, nullable=False),
    sa.Column("group_id", sa.Text, sa.ForeignKey("alarm_group.id")),
    sa.Column("hidden_by", sa.Text),
    sa.Column("annunciated", sa.BigInteger),
    sa.Column("shelved_until", sa.BigInteger),
    sa.Column("deadline", sa.BigInteger),
    sa.Column("escalation", sa.Integer, nullable=False, server_default="0"),
    sa.Column("verdict", sa.Text),
    sa.Column("due", sa.BigInteger),
    sa.Column("more", sa.Text, nullable=False, server_default="{}"),
    sa.CheckConstraint("(state = 'normal') = (closed IS NOT NULL)", name="alarm_closed_is_normal"),
    sa.Index(
        "alarm_one_open_per_key",
        "key",
        unique=True,
        sqlite_where=STILL_OPEN,
        postgresql_where=STILL_OPEN,
    ),
    sa.Index(
        "alarm_open",
        "domain",
        "severity",
        "state",
        "quantity",
        sqlite_where=STILL_OPEN,
        postgresql_where=STILL_OPEN,
    ),
    sa.Index("alarm_by_key", "key", "opened"),
    sa.Index("alarm_by_opened", "opened", "id"),
    sa.Index("alarm_open_by_opened", "opened", "id", sqlite_where=STILL_OPEN, postgresql_where=STILL_OPEN),
    sa.Index("alarm_open_by_domain", "domain", "opened", "id", sqlite_where=STILL_OPEN, postgresql_where=STILL_OPEN),
    sa.Index(
        "alarm_open_by_severity", "severity", "opened", "id", sqlite_where=STILL_OPEN, postgresql_where=STILL_OPEN
    ),
    sa.Index("alarm_by_domain", "domain", "opened", "id"),
    sa.Index("alarm_by_quantity", "quantity", "opened", "id"),
    sa.Index("alarm_by_severity", "severity", "opened", "id"),
    sa.Index("alarm_by_site", "site", "opened", "id"),
    sa.Index("alarm_by_follows", "follows"),
    sa.Index("alarm_by_group", "group_id"),
    sa.Index(
        "alarm_hidden",
        "hidden_by",
        sqlite_where=sa.text("hidden_by IS NOT NULL"),
        postgresql_where=sa.text("hidden_by IS NOT NULL"),
    ),
    sa.Index("alarm_due", "due", sqlite_where=sa.text("due IS NOT NULL"), postgresql_where=sa.text("due IS NOT NULL")),
    sa.Index(
        "alarm_judged",
        "verdict",
        "opened",
        "id",
        sqlite_where=sa.text("verdict IS NOT NULL"),
        postgresql_where=sa.text("verdict IS NOT NULL"),
    ),
)

#: Alarms that share the labels their domain groups by; ``closed`` (event time) when the last of them closed.
alarm_group = sa.Table(
    "alarm_group",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("labels", sa.Text, nullable=False),
    sa.Column("opened", sa.BigInteger, nullable=False),
    sa.Column("closed", sa.BigInteger),
    sa.Index(
        "alarm_group_one_open_per_key",
        "key",
        unique=True,
        sqlite_where=STILL_OPEN,
        postgresql_where=STILL_OPEN,
    ),
    sa.Index("alarm_group_by_opened", "opened", "id"),
)

finding = sa.Table(
    "finding",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("alarm_id", sa.Text, sa.ForeignKey("alarm.id"), nullable=False),
    sa.Column("phase", sa.Text, nullable=False),
    sa.Column("domain", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("detector", sa.Text, nullable=False),
    sa.Column("severity", sa.Text, nullable=False),
    sa.Column("opened", sa.BigInteger, nullable=False),
    sa.Column("time", sa.BigInteger, nullable=False),
    sa.Column("late", sa.Boolean, nullable=False),
    sa.Column("stamp", sa.BigInteger, nullable=False),
    sa.Column("stored", sa.BigInteger, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Index("finding_by_alarm", "alarm_id"),
)

alarm_log = sa.Table(
    "alarm_log",
    metadata,
    sa.Column("id", Serial, primary_key=True, autoincrement=True),
    sa.Column("alarm_id", sa.Text, sa.ForeignKey("alarm.id"), nullable=False),
    sa.Column("time", sa.BigInteger, nullable=False),
    sa.Column("wall", sa.BigInteger, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("who", sa.Text),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("from_state", sa.Text, nullable=False),
    sa.Column("to_state", sa.Text, nullable=False),
    sa.Column("severity", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("entry", sa.BigInteger),  # its place in the hash chain; see ledger/chain.py
    sa.Column("rule", sa.Text, nullable=False, server_default=""),
    sa.Index("alarm_log_by_alarm", "alarm_id", "id"),
    sqlite_autoincrement=True,
)

warning = sa.Table(
    "warning",
    metadata,
    sa.Column("id", Serial, primary_key=True, autoincrement=True),
    sa.Column("identifier", sa.Text, nullable=False, unique=True),
    sa.Column("alarm_id", sa.Text, sa.ForeignKey("alarm.id"), nullable=False),
    sa.Column("authority", sa.Text, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("msg_type", sa.Text, nullable=False),
    sa.Column("severity", sa.Text, nullable=False),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("released", sa.BigInteger, nullable=False),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.Column("statement", sa.Text, nullable=False),
    sa.UniqueConstraint("alarm_id", "authority", "number", name="warning_number_in_chain"),
    sqlite_autoincrement=True,
)

#: Of what is owed (``next_try`` is set), the lowest ``precedence`` goes first: the worse, the lower.
delivery = sa.Table(
    "delivery",
    metadata,
    sa.Column("id", Serial, primary_key=True, autoincrement=True),
    sa.Column("warning_id", Serial, sa.ForeignKey("warning.id"), nullable=False),
    sa.Column("recipient", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("precedence", sa.Integer, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("http_status", sa.Integer),
    sa.Column("error", sa.Text, nullable=False),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.Column("next_try", sa.BigInteger),
    sa.Column("delivered_at", sa.BigInteger),
    sa.Column("latency_ms", sa.BigInteger),
    sa.Column("signed_for_by", sa.Text),
    sa.Column("signed_for_at", sa.BigInteger),
    sa.Column("receipt", sa.Text),
    sa.UniqueConstraint("warning_id", "recipient", "channel", name="delivery_once_per_channel"),
    sa.Index("delivery_by_status", "status"),
    sa.Index(
        "delivery_owed",
        "precedence",
        "id",
        sqlite_where=sa.text("next_try IS NOT NULL"),
        postgresql_where=sa.text("next_try IS NOT NULL"),
    ),
    sqlite_autoincrement=True,
)

#: The next offset to read; moves in the transaction that stores what the records caused.
kafka_offset = sa.Table(
    "kafka_offset",
    metadata,
    sa.Column("topic", sa.Text, primary_key=True),
    sa.Column("partition", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("next_offset", sa.BigInteger, nullable=False),
)

#: Counts that outlive a restart (``repeated``, ``refused``, ``out_of_order``).
tally = sa.Table(
    "tally",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("count", sa.BigInteger, nullable=False),
)

#: What this store is; ``id`` goes into every warning's identifier, so that two stores never share one.
about = sa.Table(
    "about",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
