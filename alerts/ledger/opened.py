"""A store opened for reading alone: by an inspector, on a copy, with nothing brought up to date."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from topics.errors import ConfigurationError, PartMissing


@contextmanager
def opened_for_reading(url: str) -> Iterator[sa.Connection]:
    """One view of the store behind an SQLAlchemy URL.

    Raises ``ConfigurationError`` for what is no store with a ledger, ``PartMissing`` for one that does not answer.
    """
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError as error:
        raise ConfigurationError(f"store: expected an SQLAlchemy URL like sqlite:///store.db, got {url!r}") from error
    sqlite = parsed.get_backend_name() == "sqlite"
    if sqlite and not Path(parsed.database or "").is_file():
        raise ConfigurationError(f"store: expected a file, got {parsed.database!r}")
    engine = sa.create_engine(parsed) if sqlite else sa.create_engine(parsed, isolation_level="REPEATABLE READ")
    shown = parsed.render_as_string()
    try:
        with engine.connect() as connection:
            if sqlite:
                connection.exec_driver_sql("PRAGMA query_only = ON")
                connection.exec_driver_sql("BEGIN")  # the driver itself gives each query a view of its own
            if not sa.inspect(connection).has_table("ledger"):
                raise ConfigurationError(f"store: expected a table ledger in {shown}; start the server on it once")
            yield connection
    except sa.exc.OperationalError as error:
        raise PartMissing(f"store: {shown} does not open: {error.orig}") from error
    finally:
        engine.dispose()
