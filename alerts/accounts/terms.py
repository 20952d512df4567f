"""The terms on which people are let in; the values come from the settings."""

from dataclasses import dataclass

from alerts.accounts.oidc_claims import Provider

MINUTE_MS = 60_000
DAY_MS = 86_400_000
#: The longest a personal token may last.
LONGEST_TOKEN_DAYS = 366


@dataclass(frozen=True, slots=True)
class Terms:
    """``open_desk``: callers of this machine need no account. ``hosts``: names under which the server may be asked
    for, beside those of loopback. ``proxies``: addresses or networks whose X-Forwarded-* headers are believed.
    """

    session_idle_ms: int = 60 * MINUTE_MS
    session_ms: int = 12 * 60 * MINUTE_MS
    link_ms: int = DAY_MS
    open_desk: bool = False
    hosts: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    provider: Provider | None = None
