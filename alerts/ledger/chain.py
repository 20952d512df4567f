"""The hash chain: every line of the log, every try of a delivery and every act of administration, each bound to the
one before it, so that no line can be changed, slipped in or taken out without a trace.

An entry is ``sequence`` (1, 2, 3 …), ``kind``, ``body``, ``previous`` and ``hash``. The body is canonical JSON: keys
sorted, no blanks, UTF-8. The hash is SHA-256 (hex) over the UTF-8 bytes of

    sequence LF previous LF kind LF body

where ``previous`` is the hash of the entry before, 64 zeros for the first. What the chain alone cannot show, a tail
cut off or made anew by somebody who may write the database, the published heads show (heads.py).

Entries are appended in the transaction that writes what they tell of. On SQLite that transaction holds the file's
write lock from its beginning, on PostgreSQL a lock on a table; whoever still came too late meets the primary key,
and ``Store.write`` runs its work again.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from alerts import schema
from alerts.ledger.tables import ledger
from alerts.store import LOCK_POSTGRESQL

#: What stands for the hash before the first entry.
GENESIS = "0" * 64

#: How the two drivers mark a value.
MARK = {"sqlite": "?", "postgresql": "%s"}

Body = Mapping[str, Any]


class Head(msgspec.Struct, frozen=True):
    """The youngest entry: how many there are and the hash that stands for them all."""

    sequence: int = 0
    hash: str = GENESIS

    def __str__(self) -> str:
        """``sequence:hash``, as warnings carry it."""
        return f"{self.sequence}:{self.hash}"


def read_head(text: str) -> Head:
    """The head written as ``sequence:hash``. Raises ``ValueError`` for anything else."""
    number, colon, digest = text.strip().partition(":")
    if not colon or not number.isdecimal() or len(digest) != 64 or set(digest) - set("0123456789abcdef"):
        raise ValueError(f"ledger head: expected sequence:hash (64 hexadecimal digits), got {text[:100]!r}")
    return Head(int(number), digest)


def canonical(body: Body) -> str:
    """The one way to write a body down. Raises ``TypeError`` for a value JSON does not have."""
    return msgspec.json.encode(body, order="sorted").decode()


def digest(sequence: int, previous: str, kind: str, body: str) -> str:
    """The hash of an entry with this canonical body."""
    return hashlib.sha256(f"{sequence}\n{previous}\n{kind}\n{body}".encode()).hexdigest()


def append(connection: sa.Connection, kind: str, body: Body) -> Head:
    """Put one line at the end of the chain, in the caller's transaction, and give the head after it.

    ``kind`` names what sort of line it is (``audit``, …), without line breaks; ``body`` holds plain JSON values.
    """
    return append_all(connection, [(kind, body)])[-1]


def append_all(connection: sa.Connection, lines: Iterable[tuple[str, Body]]) -> list[Head]:
    """Put lines at the end of the chain in this order; the head after each of them."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(LOCK_POSTGRESQL)
    head, rows, heads = head_of(connection), [], []
    for kind, body in lines:
        text, number = canonical(body), head.sequence + 1
        after = Head(number, digest(number, head.hash, kind, text))
        rows.append((number, kind, text, head.hash, after.hash))
        heads.append(after)
        head = after
    if rows:
        _insert(connection, ledger, ("sequence", "kind", "body", "previous", "hash"), rows)
    return heads


def head_of(connection: sa.Connection) -> Head:
    """The chain's head as this transaction sees it."""
    query = sa.select(ledger.c.sequence, ledger.c.hash).order_by(ledger.c.sequence.desc()).limit(1)
    row = connection.execute(query).first()
    return Head(row.sequence, row.hash) if row is not None else Head()


#: The kinds whose lines stand in a table of their own too, whose column ``entry`` gives the place in the chain.
LOG, TRY, INBOUND = "alarm-log", "delivery-try", "inbound"

#: Written once by the migration of a store that is older than its chain: the last warning nobody vouches for.
BEGUN = "begun"


def vouched(row: Mapping[str, Any]) -> dict[str, str]:
    """What the line that tells of a release has beyond its columns: the name and the SHA-256 of the warning's text."""
    sha = hashlib.sha256(row["statement"].encode()).hexdigest()
    return {"identifier": row["identifier"], "statement_sha256": sha}


def write_log(
    connection: sa.Connection, rows: Sequence[Mapping[str, Any]], more: Mapping[int, Body] | None = None
) -> None:
    """Write lines of the alarm's log (``alerts.log`` makes them) and chain them.

    ``more`` is what the entry of the line at this place holds beyond the line's columns. There is no other way into
    ``alarm_log``: verification finds any line without its entry.
    """
    write_chained(connection, schema.alarm_log, LOG, rows, more)


def write_chained(
    connection: sa.Connection,
    table: sa.Table,
    kind: str,
    rows: Sequence[Mapping[str, Any]],
    more: Mapping[int, Body] | None = None,
) -> None:
    """Insert rows, all with the same keys in the same order, into a table that has a column ``entry``; chain each."""
    if not rows:
        return
    extra = more or {}
    bodies = [{**row, **extra[place]} if place in extra else row for place, row in enumerate(rows)]
    heads = append_all(connection, [(kind, body) for body in bodies])
    columns = (*rows[0], "entry")
    values = [(*row.values(), head.sequence) for row, head in zip(rows, heads, strict=True)]
    _insert(connection, table, columns, values)


def _insert(connection: sa.Connection, table: sa.Table, columns: Sequence[str], rows: list[tuple[Any, ...]]) -> None:
    """Past SQLAlchemy's own work on each row, which is a third of the cost: this is on the way of every finding."""
    marks = ", ".join([MARK[connection.dialect.name]] * len(columns))
    connection.exec_driver_sql(f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({marks})", rows)
