"""The door: everything that is needed to know who asks, and to let them in or out. One for each server."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import cast

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import Scope

from alerts.accounts.acts import Act
from alerts.accounts.audit import AuditLog
from alerts.accounts.credentials import Credentials
from alerts.accounts.directory import Directory, from_row
from alerts.accounts.identity import DESK, KEEPER, Identity
from alerts.accounts.passwords import Passwords
from alerts.accounts.refusal import GONE, Refused
from alerts.accounts.terms import Terms
from alerts.accounts.throttle import Throttle
from alerts.store import Store

SESSION_COOKIE = "citybrain_session"
#: Headers that say a request came through somebody else's hands.
PASSED_ON = ("forwarded", "x-forwarded-for", "x-real-ip")


def wall_clock_ms() -> int:
    """Milliseconds UTC of this machine's clock."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Asking:
    """What one request shows of who is asking. ``at_this_machine``: straight from loopback, through nobody."""

    address: str
    at_this_machine: bool
    secure: bool
    bearer: str | None
    session: str | None


class Access:
    """``local_key`` is the secret of this machine's administrator (local_key.py), ``None`` where there is none."""

    def __init__(
        self,
        store: Store,
        terms: Terms | None = None,
        *,
        passwords: Passwords | None = None,
        wall_ms: Callable[[], int] = wall_clock_ms,
        local_key: str | None = None,
    ) -> None:
        self.store = store
        self.terms = terms or Terms()
        self.wall_ms = wall_ms
        self.directory = Directory(store, wall_ms)
        self.credentials = Credentials(store, wall_ms)
        self.audit = AuditLog(store, wall_ms)
        self.passwords = passwords or Passwords()
        self.by_account = Throttle()
        #: Many sit behind one address: it is slowed down later, but for longer.
        self.by_address = Throttle(free=20, longest_ms=900_000)
        self._local_key = local_key

    def who(self, asking: Asking) -> Identity | None:
        """Who asks; ``None`` for somebody unknown. Raises ``Refused`` (401) for a token that is none.

        A wrong token is never taken for somebody who has shown nothing, a wrong session is: its cookie may be old.
        """
        if asking.bearer is not None:
            return self._of_bearer(asking)
        if asking.session is not None and (found := self.credentials.find("session", asking.session)) is not None:
            account = from_row(found, "account_")
            return Identity(
                "session", account.name, account.id, account.shown, account.roles, account.jurisdiction,
                credential=found["id"],
            )  # fmt: skip
        return DESK if self.is_open(asking) else None

    def is_open(self, asking: Asking) -> bool:
        """Whether this caller needs no account: at this machine, and there are none or the server is meant so."""
        return asking.at_this_machine and (self.terms.open_desk or not self.directory.any())

    def _of_bearer(self, asking: Asking) -> Identity:
        bearer = asking.bearer or ""
        if self._local_key and asking.at_this_machine and secrets.compare_digest(bearer, self._local_key):
            return KEEPER
        found = self.credentials.find("token", bearer)
        if found is None:
            raise Refused(401, GONE, "bad-token")
        account = from_row(found, "account_")
        scopes = frozenset(cast(Act, each) for each in (found["scopes"] or "").split(",") if each)
        return Identity(
            "token", account.name, account.id, account.shown, account.roles, account.jurisdiction, scopes, found["id"],
        )  # fmt: skip


def asking_of(scope: Scope) -> Asking:
    """What the request of this ASGI scope shows."""
    headers = Headers(scope=scope)
    address = scope["client"][0] if scope.get("client") else ""
    kind, _, bearer = headers.get("authorization", "").partition(" ")
    cookies = cookie_parser(headers.get("cookie", ""))
    return Asking(
        address=address,
        at_this_machine=_is_loopback(address) and not any(name in headers for name in PASSED_ON),
        secure=scope.get("scheme") == "https",
        bearer=bearer.strip() if kind.casefold() == "bearer" else None,
        session=cookies.get(SESSION_COOKIE),
    )


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
