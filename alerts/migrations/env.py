"""Alembic's entry: runs the steps on the connection the store hands over, in its transaction."""

from alembic import context

from alerts.ledger import tables  # noqa: F401  # each module of tables registers itself on the metadata
from alerts.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
