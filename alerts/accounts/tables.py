"""The tables of accounts: who there is, what proves it, and who did what. Times are wall time, ms UTC."""

import sqlalchemy as sa

from alerts.schema import Serial, metadata

#: ``name`` is what is typed at sign-in. Lists are comma-separated; ``domains`` and ``districts`` NULL = all.
#: ``password`` is an argon2 hash, NULL where nobody can sign in with one.
account = sa.Table(
    "account",
    metadata,
    sa.Column("id", Serial, primary_key=True, autoincrement=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("shown", sa.Text, nullable=False),
    sa.Column("roles", sa.Text, nullable=False),
    sa.Column("domains", sa.Text),
    sa.Column("districts", sa.Text),
    sa.Column("password", sa.Text),
    sa.Column("issuer", sa.Text),
    sa.Column("subject", sa.Text),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("signed_in", sa.BigInteger),
    sa.Column("disabled", sa.BigInteger),
    sa.UniqueConstraint("issuer", "subject", name="account_of_issuer"),
    sqlite_autoincrement=True,
)

#: A random secret that stands for an account until it expires: a session, a token or a one-time link.
#: Only its SHA-256 is kept. ``idle_ms``: it ends when unused for so long; ``ended``: used up or revoked.
credential = sa.Table(
    "credential",
    metadata,
    sa.Column("id", Serial, primary_key=True, autoincrement=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False, unique=True),
    sa.Column("account_id", Serial, sa.ForeignKey("account.id")),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("scopes", sa.Text),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.Column("seen", sa.BigInteger, nullable=False),
    sa.Column("idle_ms", sa.BigInteger),
    sa.Column("expires", sa.BigInteger, nullable=False),
    sa.Column("ended", sa.BigInteger),
    sa.Column("address", sa.Text, nullable=False),
    sa.Index("credential_by_account", "account_id", "kind"),
    sqlite_autoincrement=True,
)

#: Who did what, on what, from where, when, and what came of it. ``entry`` is the line's place in the hash chain.
audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", Serial, primary_key=True, autoincrement=True),
    sa.Column("wall", sa.BigInteger, nullable=False),
    sa.Column("account_id", sa.BigInteger),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("means", sa.Text, nullable=False),
    sa.Column("act", sa.Text, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("entry", sa.BigInteger),
    sa.Index("audit_by_who", "who", "id"),
    sa.Index("audit_by_outcome", "outcome", "id"),
    sqlite_autoincrement=True,
)
