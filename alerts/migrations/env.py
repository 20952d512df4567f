"""Alembic's entry: runs the steps on the connection the store hands over, in its transaction."""

from alembic import context

# Each module of tables registers itself on the metadata.
from alerts.accidents import tables as accidents  # noqa: F401
from alerts.accounts import tables as accounts  # noqa: F401
from alerts.alertmanager import tables as alertmanager  # noqa: F401
from alerts.carriage import tables as carriage  # noqa: F401
from alerts.coding import tables as coding  # noqa: F401
from alerts.custody import tables as custody  # noqa: F401
from alerts.declarations import tables as declarations  # noqa: F401
from alerts.flood import tables as flood  # noqa: F401
from alerts.judgements import tables as judgements  # noqa: F401
from alerts.kitchens import tables as kitchens  # noqa: F401
from alerts.ledger import tables  # noqa: F401
from alerts.promotions import tables as promotions  # noqa: F401
from alerts.safety import tables as safety  # noqa: F401
from alerts.schema import metadata
from alerts.silences import tables as silences  # noqa: F401
from alerts.stations import tables as stations  # noqa: F401
from alerts.tickets import tables as tickets  # noqa: F401

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
