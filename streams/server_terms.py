"""On what terms the alert server lets people in, as the settings say; and what it says when nobody has an account."""

from alerts.accounts.access import Access
from alerts.accounts.oidc_claims import Provider, read_roles
from alerts.accounts.signing_in import new_link
from alerts.accounts.terms import MINUTE_MS, Terms
from alerts.api import LOOPBACK
from streams.settings import Settings
from topics.errors import ConfigurationError

HOUR_MS = 60 * MINUTE_MS
#: Addresses that say "on every network", under which nobody can ask for the server.
EVERYWHERE = ("0.0.0.0", "::", "")


def terms_of(settings: Settings, host: str) -> Terms:
    """The terms in force for a server that listens on ``host``. Raises ``ConfigurationError``."""
    hosts = _listed(settings.server_hosts)
    if host in EVERYWHERE and not hosts:
        raise ConfigurationError(f"server_hosts: expected the names under which browsers ask for {host!r}, got none")
    if host not in LOOPBACK and host not in EVERYWHERE:
        hosts = (*hosts, host)
    return Terms(
        session_idle_ms=settings.session_idle_min * MINUTE_MS,
        session_ms=settings.session_h * HOUR_MS,
        link_ms=settings.link_h * HOUR_MS,
        open_desk=settings.server_open,
        hosts=hosts,
        proxies=_listed(settings.server_proxies),
        provider=_provider(settings),
    )


def first_words(access: Access, address: str, to_a_person: bool) -> str:
    """What a server without accounts says at its start: a one-time link for the first administrator.

    It is told to a person's terminal only; in a log file it would lie about for others to use.
    """
    if access.terms.open_desk or access.directory.any():
        return ""
    if not to_a_person:
        return "no accounts yet: `citybrain accounts link` prints a one-time link for the first administrator"
    link = new_link(access, None, "first start")
    hours = access.terms.link_ms // HOUR_MS
    return f"no accounts yet: make the first administrator at {address}link#{link.secret} (once, within {hours} h)"


def _provider(settings: Settings) -> Provider | None:
    if not settings.oidc_issuer:
        return None
    if not settings.oidc_client_id or not settings.oidc_roles:
        raise ConfigurationError("oidc_client_id, oidc_roles: expected both where oidc_issuer is set")
    return Provider(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        role_claim=settings.oidc_role_claim,
        roles=read_roles(settings.oidc_roles),
        domain_claim=settings.oidc_domain_claim,
        district_claim=settings.oidc_district_claim,
    )


def _listed(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (each.strip() for each in text.split(","))))
