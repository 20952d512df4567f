"""One writer of the store among several servers: a lock that PostgreSQL holds for as long as a connection lives.

The server that has it works; one that stands by takes it when the other's connection is gone, because it ended,
was killed, or because its machine has not answered PostgreSQL for ``GONE_WITHIN_S``. Nobody has to be elected.

What it does not promise: between the moment PostgreSQL lets go of the lock and the moment the former holder notices
(``held``, asked each second) both may write. Then the store itself keeps order, as it does among the threads of one
server: each transaction locks the chain, and keys are unique. A delivery may go out twice, as after a crash.
"""

import contextlib

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from topics.errors import ConfigurationError, PartMissing

#: "citybrain" on a keypad, shortened to what fits: any number nobody else in this database uses as a lock.
LOCK = 248_927_246

#: PostgreSQL forgets a holder whose machine is silent for so long: after 5 s idle 3 questions, 2 s apart.
GONE_WITHIN_S = 11
_KEEPALIVE = "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3"


class SingleWriter:
    """The lock of the store behind ``url``, which is PostgreSQL's. Raises ``ConfigurationError`` for no URL."""

    def __init__(self, url: str) -> None:
        try:
            self.engine = sa.create_engine(
                url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args={"options": _KEEPALIVE}
            )
        except sa.exc.ArgumentError as error:
            raise ConfigurationError(
                f"store: expected an SQLAlchemy URL like sqlite:///store.db, got {url!r}"
            ) from error
        self._connection: sa.Connection | None = None

    def take(self) -> bool:
        """Try to become the writer; at once. Raises ``PartMissing`` where the database does not answer."""
        try:
            if self._connection is None:
                self._connection = self.engine.connect()
            return bool(self._connection.execute(sa.select(sa.func.pg_try_advisory_lock(LOCK))).scalar_one())
        except sa.exc.DBAPIError as error:
            self.close()
            raise PartMissing(f"store: {self.engine.url.render_as_string()} does not open: {error.orig}") from error

    def held(self) -> bool:
        """Whether the connection that holds the lock still lives."""
        if self._connection is None:
            return False
        try:
            self._connection.exec_driver_sql("SELECT 1")
        except sa.exc.DBAPIError:
            self.close()
            return False
        return True

    def close(self) -> None:
        """Let go."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(sa.exc.DBAPIError):
                connection.close()
