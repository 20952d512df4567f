"""Where an alert server listens, keeps and delivers, and on what terms: what the settings say, as one object."""

from dataclasses import dataclass
from pathlib import Path

from alerts.accounts.terms import Terms
from alerts.alertmanager.parts import Rules
from alerts.kpi.desks import DutyDesks
from alerts.sinks import Addresses

#: What the product decides about silences and alerts from outside where its owner does not.
OUTSIDE = Rules()
#: Where nobody says otherwise each domain is a duty desk.
BY_DOMAIN = DutyDesks()


@dataclass(frozen=True, slots=True)
class Place:
    """Where the server listens, keeps and delivers. ``simulated``: what it sees is played, and it says so. ``terms``:
    on what people are let in; ``local_key``: what this machine's administrator shows (alerts/accounts/local_key.py).
    ``desks``: how its alarms are split among duty desks. ``channels``: where else it delivers to, and how. ``gate``:
    file of what a candidate must show before it is promoted (alerts/promotions/gate.py), ``None``: our own.
    """

    store_url: str
    bureau_url: str
    folder: Path
    sender: str
    host: str = "127.0.0.1"
    port: int = 0
    simulated: bool = False
    terms: Terms = Terms()  # noqa: RUF009  # frozen, so nobody shares a changed one
    cert_file: str = ""
    key_file: str = ""
    local_key: str | None = None
    outside: Rules = OUTSIDE
    desks: DutyDesks = BY_DOMAIN
    digest_interval_s: float = 60.0
    channels: Addresses | None = None
    gate: Path | None = None
