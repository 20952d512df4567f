"""The tables of first-station coding. A code is the canonical form of the name that goods bear."""

import sqlalchemy as sa

from alerts.schema import metadata

#: What each event says of each code (records/coding/steps.py); ``name`` is what the event calls the goods.
code_step = sa.Table(
    "code_step",
    metadata,
    sa.Column("event", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("role", sa.Text, primary_key=True),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("time", sa.BigInteger, nullable=False),
    sa.Column("site", sa.Text, nullable=False),
    sa.Column("lot", sa.Boolean, nullable=False),
    sa.Column("process", sa.Text, nullable=False),
    sa.Index("code_step_by_code", "code", "time"),
    sa.Index("code_step_by_process", "process", "role"),
)

#: What is wrong in the life of a code, as far as is known now.
code_fault = sa.Table(
    "code_fault",
    metadata,
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("event", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("time", sa.BigInteger, nullable=False),
    sa.Column("site", sa.Text, nullable=False),
    sa.Column("other", sa.Text, nullable=False),
    sa.Index("code_fault_by_time", "time", "code"),
)

#: Each record of flow, and what it lacks of what it must have (parted by a comma; empty = well formed).
flow_record = sa.Table(
    "flow_record",
    metadata,
    sa.Column("event", sa.Text, primary_key=True),
    sa.Column("time", sa.BigInteger, nullable=False),
    sa.Column("site", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("missing", sa.Text, nullable=False),
    sa.Index("flow_record_by_time", "time", "site"),
)
