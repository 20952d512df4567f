"""Sessions, tokens and one-time links: random secrets that stand for an account until they expire.

Only the SHA-256 of a secret is stored: 256 random bits need no slow hash, and whoever reads the store can use none
of them. A session ends when unused for a while (sliding), at the latest after a fixed time, and when revoked.
"""

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from alerts.accounts.tables import account, credential
from alerts.store import Store

Kind = Literal["session", "token", "link"]

#: Stands before each secret, so that a scanner of leaked texts knows what it has found.
PREFIXES: dict[Kind, str] = {"session": "cbs_", "token": "cbt_", "link": "cbl_"}
#: ``seen`` is written at most so often: a page that polls must not write with each call.
SEEN_EVERY_MS = 60_000


@dataclass(frozen=True, slots=True)
class Made:
    """A new credential; ``secret`` is shown once and kept nowhere. ``expires`` ms UTC."""

    id: int
    secret: str
    expires: int


class Credentials:
    """Makes, finds and ends credentials. ``wall_ms`` gives the wall time."""

    def __init__(self, store: Store, wall_ms: Callable[[], int]) -> None:
        self._store = store
        self._wall_ms = wall_ms

    def make(
        self,
        kind: Kind,
        account_id: int | None,
        lasts_ms: int,
        *,
        idle_ms: int | None = None,
        label: str = "",
        scopes: str | None = None,
        address: str = "",
    ) -> Made:
        """A new one, good for ``lasts_ms``, and where ``idle_ms`` is given no longer than that unused."""
        secret = PREFIXES[kind] + secrets.token_urlsafe(32)
        now = self._wall_ms()
        row = {
            "kind": kind, "hash": digest(secret), "account_id": account_id, "label": label, "scopes": scopes,
            "created": now, "seen": now, "idle_ms": idle_ms, "expires": now + lasts_ms, "ended": None,
            "address": address,
        }  # fmt: skip
        insert = sa.insert(credential).values(row).returning(credential.c.id)
        number = self._store.write(lambda connection: connection.execute(insert).scalar_one())
        return Made(number, secret, now + lasts_ms)

    def find(self, kind: Kind, secret: str) -> dict[str, Any] | None:
        """The credential of this secret with its account's columns (``account_…``), if both are in force.

        Using it moves its sliding end on.
        """
        columns = [column.label(f"account_{column.name}") for column in account.c if column.name != "id"]
        query = (
            sa.select(credential, *columns)
            .join(account, account.c.id == credential.c.account_id, isouter=True)
            .where(credential.c.hash == digest(secret), credential.c.kind == kind)
        )
        with self._store.read() as connection:
            row = connection.execute(query).mappings().first()
        now = self._wall_ms()
        if row is None or not in_force(dict(row), now) or row["account_disabled"] is not None:
            return None
        if kind != "link" and now - row["seen"] >= SEEN_EVERY_MS:
            change = sa.update(credential).where(credential.c.id == row["id"]).values(seen=now)
            self._store.write(lambda connection: connection.execute(change))
        return dict(row)

    def use_up(self, connection: sa.Connection, number: int) -> bool:
        """End a one-time link in the transaction that does what it is for; false where it was used already."""
        return self._end(connection, credential.c.id == number) == 1

    def revoke(self, number: int, account_id: int | None = None) -> bool:
        """End one credential, of this account where one is named; false where there is none in force."""
        which = credential.c.id == number
        if account_id is not None:
            which = which & (credential.c.account_id == account_id)
        return self._store.write(lambda connection: self._end(connection, which)) == 1

    def revoke_all(self, connection: sa.Connection, account_id: int, *, tokens: bool, but: int | None = None) -> None:
        """End all sessions and links of an account, ``tokens`` too if told; ``but`` is the session that asked."""
        which = credential.c.account_id == account_id
        if not tokens:
            which = which & (credential.c.kind != "token")
        self._end(connection, which if but is None else which & (credential.c.id != but))

    def listed(self, account_id: int) -> list[dict[str, Any]]:
        """Sessions and tokens of an account that are in force, the youngest first, without their secrets."""
        query = (
            sa.select(credential)
            .where(credential.c.account_id == account_id, credential.c.kind != "link", credential.c.ended.is_(None))
            .order_by(credential.c.id.desc())
        )
        now = self._wall_ms()
        with self._store.read() as connection:
            rows = [each for row in connection.execute(query).mappings() if in_force(each := dict(row), now)]
        return [
            {name: row[name] for name in ("id", "kind", "label", "created", "seen", "expires", "address")}
            | {"scopes": None if row["scopes"] is None else sorted(filter(None, row["scopes"].split(",")))}
            for row in rows
        ]

    def _end(self, connection: sa.Connection, which: sa.ColumnElement[bool]) -> int:
        change = sa.update(credential).where(which, credential.c.ended.is_(None)).values(ended=self._wall_ms())
        return connection.execute(change).rowcount


def digest(secret: str) -> str:
    """What is stored of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def in_force(row: Mapping[str, Any], now_ms: int) -> bool:
    """Whether a credential counts at this time: not ended, not past its end, not idle for too long."""
    if row["ended"] is not None or now_ms >= row["expires"]:
        return False
    return row["idle_ms"] is None or now_ms - row["seen"] < row["idle_ms"]
