"""Stores whose schema is made already. Making it takes longer than most tests do, so each process makes it once, and
each test that does not test the making gets a copy; the copy takes a name of its own (``Store.id``) when it is opened.
"""

import tempfile
from functools import cache
from pathlib import Path

import sqlalchemy as sa

from alerts import schema
from alerts.store import Store


def made_store(folder: Path, name: str = "store.db") -> str:
    """The URL of a new SQLite store in ``folder`` that holds nothing yet."""
    path = folder / name
    path.write_bytes(_file())
    return f"sqlite:///{path}"


def make(url: str) -> None:
    """Make the schema in an empty database, as a store that nobody has opened yet."""
    store = Store(url)
    store.write(lambda connection: connection.execute(sa.delete(schema.about)))
    if store.sqlite:
        with store.read() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()


@cache
def _file() -> bytes:
    with tempfile.TemporaryDirectory(prefix="citybrain-store-") as folder:
        make(f"sqlite:///{Path(folder) / 'store.db'}")
        return (Path(folder) / "store.db").read_bytes()
