"""The parts behind Alertmanager's routes, put together over one store."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from fastapi import Request

from alerts.accounts.acts import ROLES
from alerts.accounts.identity import PLACE, Identity
from alerts.alertmanager.external import RESOLVE_TIMEOUT_MS, External
from alerts.alertmanager.external_pack import ExternalPack
from alerts.city import City
from alerts.intake import Intake, Taken
from alerts.silences.register import LONGEST_MS, Silences
from alerts.store import Store
from topics.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Rules:
    """What the owner of the server decides: the pack for alerts from outside (a file; empty = the product's own), how
    long an alert without an end stands, how long a silence lasts at most, and the role that may silence the top
    severity (empty = none).
    """

    pack: str = ""
    resolve_timeout_ms: int = RESOLVE_TIMEOUT_MS
    longest_silence_ms: int = LONGEST_MS
    red_role: str = ""


@dataclass(frozen=True, slots=True)
class Alertmanager:
    """``on_taken`` is told in the event loop what alerts from outside did to the store, ``changed`` that silences may
    have let something go; ``red_role`` is the role that may silence the top severity.
    """

    store: Store
    city: City
    external: External
    silences: Silences
    wall_ms: Callable[[], int]
    on_taken: Callable[[Taken], None] = lambda _: None
    changed: Callable[[], None] = lambda: None
    red_role: str = ""

    def may_cover_red(self, request: Request) -> bool:
        """Whether whoever asks bears the role for it; nobody does at the open desk."""
        identity = request.scope.get(PLACE)
        return bool(self.red_role) and isinstance(identity, Identity) and self.red_role in identity.roles


def alertmanager_over(
    store: Store,
    city: City,
    *,
    intake: Intake | None = None,
    sender: str = "citybrain",
    wall_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    rules: Rules | None = None,
    on_taken: Callable[[Taken], None] = lambda _: None,
    changed: Callable[[], None] = lambda: None,
) -> Alertmanager:
    """All parts. The caller puts ``external.pack.domain`` into the city where somebody is to be told of such alarms.

    Raises ``ConfigurationError`` for a pack that cannot be used and for a role there is not.
    """
    rules = rules or Rules()
    if rules.red_role and rules.red_role not in ROLES:
        raise ConfigurationError(f"silence_red_role: expected one of {', '.join(ROLES)}, got {rules.red_role!r}")
    intake = intake or Intake(store, city, sender, wall_ms)
    external = External(store, intake, ExternalPack(rules.pack), wall_ms, rules.resolve_timeout_ms)
    silences = Silences(store, city, sender, wall_ms, rules.longest_silence_ms)
    return Alertmanager(store, city, external, silences, wall_ms, on_taken, changed, rules.red_role)
