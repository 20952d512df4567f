"""The tables of safety production work: every form of every record, and the findings that follow from them."""

import sqlalchemy as sa

from alerts.schema import metadata

OPEN = sa.text("closed IS NULL")
NEWEST = sa.text("newest")
UNSENT = sa.text("NOT sent")

#: One record of one ``kind`` (records/safety/forms.py) in every form it ever had: a change is one more ``number``.
#: ``about`` is what it belongs to (a visit's plan, a guarantor's hazard, a danger's visit), ``start`` and ``end``
#: bound the time it holds for, ``closed`` is when nothing more is expected of it, ``made`` the city time of the
#: form, ``wall`` that of the machine, ``entry`` its place in the hash chain.
safety_record = sa.Table(
    "safety_record",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("newest", sa.Boolean, nullable=False),
    sa.Column("site", sa.Text, nullable=False),
    sa.Column("about", sa.Text, nullable=False),
    sa.Column("start", sa.BigInteger, nullable=False),
    sa.Column("end", sa.BigInteger),
    sa.Column("closed", sa.BigInteger),
    sa.Column("made", sa.BigInteger, nullable=False),
    sa.Column("wall", sa.BigInteger, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("entry", sa.BigInteger, nullable=False),
    sa.Index("safety_record_by_start", "kind", "start", "id", sqlite_where=NEWEST, postgresql_where=NEWEST),
    sa.Index("safety_record_by_end", "kind", "end", sqlite_where=NEWEST, postgresql_where=NEWEST),
    sa.Index("safety_record_by_site", "kind", "site", "start"),
    sa.Index("safety_record_by_about", "kind", "about"),
)

#: A finding that follows from records: ``seq`` is the last message, ``body`` that message, ``sent`` whether the
#: topic has it. ``mark`` is what makes an amended message worth sending.
safety_finding = sa.Table(
    "safety_finding",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("site", sa.Text, nullable=False),
    sa.Column("opened", sa.BigInteger, nullable=False),
    sa.Column("closed", sa.BigInteger),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("severity", sa.Text, nullable=False),
    sa.Column("mark", sa.Text, nullable=False),
    sa.Column("sent", sa.Boolean, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Index("safety_finding_open", "rule", "subject", sqlite_where=OPEN, postgresql_where=OPEN),
    sa.Index("safety_finding_by_site", "site", "opened"),
    sa.Index("safety_finding_unsent", "id", sqlite_where=UNSENT, postgresql_where=UNSENT),
    sa.Index("safety_finding_by_opened", "opened", "id"),
)
