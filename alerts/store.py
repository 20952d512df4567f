"""The store of what people do about findings: SQLite by default, PostgreSQL in production.

One process writes it. Readers see whole transactions only. Writers of one process queue in it (SQLite's own
way of waiting is to sleep and look again); a writer on SQLite takes the file's write lock when its
transaction begins, so that two processes queue instead of failing half-way; on PostgreSQL a transaction
that lost a race is run again from its start.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import TypeVar

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from alerts import schema
from topics.errors import ConfigurationError, PartMissing

Result = TypeVar("Result")

LOCK_WAIT_S = 30.0
ATTEMPTS = 8

#: One writer at a time, as on SQLite: each appends to the end of the hash chain (ledger/chain.py). ``about`` is one
#: row that nobody changes, so that nothing else waits for this lock. LOCK TABLE takes no view of the data yet.
LOCK_POSTGRESQL = "LOCK TABLE about IN EXCLUSIVE MODE"

#: Execution option of connections that will write.
WRITES = "citybrain_writes"


class Store:
    """The database behind ``url``, its schema brought up to date when it is opened.

    Raises ``ConfigurationError`` for a URL that is none, ``PartMissing`` for a database that does not answer.
    """

    def __init__(self, url: str) -> None:
        try:
            self.engine = _engine(url)
        except sa.exc.ArgumentError as error:
            raise ConfigurationError(
                f"store: expected an SQLAlchemy URL like sqlite:///store.db, got {url!r}"
            ) from error
        self._writing = Lock()
        self.sqlite = self.engine.dialect.name == "sqlite"
        try:
            with self._transaction(True) as connection:
                _migrate(connection)
                connection.execute(self.insert_new(schema.about), [{"name": "id", "value": secrets.token_hex(4)}])
                self.id: str = connection.execute(
                    sa.select(schema.about.c.value).where(schema.about.c.name == "id")
                ).scalar_one()
        except sa.exc.OperationalError as error:
            raise PartMissing(f"store: {self.engine.url.render_as_string()} does not open: {error.orig}") from error

    def close(self) -> None:
        """Give all connections back; the store is not to be used any more."""
        self.engine.dispose()

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection that sees one moment of the store."""
        with self._transaction(False) as connection:
            yield connection

    def write(self, work: Callable[[sa.Connection], Result]) -> Result:
        """Run ``work`` in one transaction; if the database says another writer was first, run it again.

        ``work`` must therefore have no effect beyond its connection.
        """
        lost_the_race = (sa.exc.IntegrityError, sa.exc.OperationalError)

        @retry(
            retry=retry_if_exception_type(lost_the_race),
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_random_exponential(multiplier=0.02, max=0.5),
            reraise=True,
        )
        def attempt() -> Result:
            with self._writing, self._transaction(True) as connection:
                if not self.sqlite:  # before anything is read, or this transaction's view of the chain is old
                    connection.exec_driver_sql(LOCK_POSTGRESQL)
                return work(connection)

        return attempt()

    def insert_new(self, table: sa.Table) -> sa.Insert:
        """An insert that leaves rows alone whose key is there already; ``rowcount`` says how many it made, which
        SQLAlchemy otherwise forgets on PostgreSQL (-1, which reads like "made").
        """
        insert = sqlite_insert if self.sqlite else postgresql_insert
        return insert(table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)

    def upsert(self, table: sa.Table, *, add: tuple[str, ...] = ()) -> sa.Insert:
        """An insert that replaces the row with the same primary key; columns in ``add`` are summed."""
        statement = sqlite_insert(table) if self.sqlite else postgresql_insert(table)
        key = [column.name for column in table.primary_key]
        new = {
            column.name: (
                column + statement.excluded[column.name] if column.name in add else statement.excluded[column.name]
            )
            for column in table.c
            if column.name not in key
        }
        return statement.on_conflict_do_update(index_elements=key, set_=new)

    @contextmanager
    def _transaction(self, writes: bool) -> Iterator[sa.Connection]:
        with self.engine.connect().execution_options(**{WRITES: writes}) as connection, connection.begin():
            yield connection


def _engine(url: str) -> sa.Engine:
    if not url.startswith("sqlite"):
        return sa.create_engine(url, pool_pre_ping=True, isolation_level="REPEATABLE READ")
    engine = sa.create_engine(url, connect_args={"timeout": LOCK_WAIT_S})

    @sa.event.listens_for(engine, "connect")
    def on_connect(connection: object, _: object) -> None:
        # Without this Python's driver begins transactions by itself, and too late to hold the lock.
        connection.isolation_level = None  # type: ignore[attr-defined]
        cursor = connection.cursor()  # type: ignore[attr-defined]
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def on_begin(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get(WRITES, True)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _migrate(connection: sa.Connection) -> None:
    config = Config()
    config.set_main_option("script_location", "alerts:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
