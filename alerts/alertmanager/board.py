"""What stands open, as Alertmanager shows alerts: our own alarms, and what programs outside have said."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from alerts import schema
from alerts.alertmanager.episode import Kept
from alerts.alertmanager.external import External
from alerts.alertmanager.external_pack import FAMILY
from alerts.alertmanager.labels import EXTERNAL, Labels, fingerprint, own_labels
from alerts.alertmanager.moments import write_moment
from alerts.alertmanager.receivers import receivers_of
from alerts.city import City
from alerts.silences.coverage import silencing
from alerts.silences.holding import is_top
from alerts.silences.rows import active
from alerts.silences.silence import Silence
from alerts.store import Store

#: An alarm whose on-delay still runs: nobody has been told of it, and to the standard it is none yet.
DELAYED = "delayed"
#: States in which an open alarm is kept from sounding by the desk.
QUIET = ("shelved", "suppressed", "out-of-service")


class Shown(msgspec.Struct, frozen=True):
    """One alert as it is shown: ``muted_by`` names the quiet state (shelved, suppressed …) of an alarm of ours."""

    fingerprint: str
    labels: Labels
    annotations: dict[str, str]
    starts_at: int
    ends_at: int
    updated_at: int
    generator_url: str
    receivers: list[str]
    silenced_by: list[str]
    inhibited_by: list[str]
    muted_by: list[str]
    processed: bool = True

    @property
    def state(self) -> str:
        """``unprocessed``, ``suppressed`` or ``active``, as Alertmanager's interface has it."""
        if not self.processed:
            return "unprocessed"
        return "suppressed" if self.silenced_by or self.inhibited_by or self.muted_by else "active"

    def view(self) -> dict[str, Any]:
        """A ``gettableAlert``."""
        return {
            "annotations": self.annotations,
            "endsAt": write_moment(self.ends_at),
            "fingerprint": self.fingerprint,
            "receivers": [{"name": name} for name in self.receivers],
            "startsAt": write_moment(self.starts_at),
            "status": {
                "inhibitedBy": self.inhibited_by,
                "mutedBy": self.muted_by,
                "silencedBy": self.silenced_by,
                "state": self.state,
            },
            "updatedAt": write_moment(self.updated_at),
            **({"generatorURL": self.generator_url} if self.generator_url else {}),
            "labels": self.labels,
        }


class Board:
    """Makes the list anew from the store each time it is asked."""

    def __init__(self, store: Store, city: City, external: External) -> None:
        self._store = store
        self._city = city
        self._external = external

    def alerts(self, now_ms: int, base_url: str) -> list[Shown]:
        """Everything open at ``now_ms`` of wall time, by fingerprint; links begin with ``base_url``."""
        with self._store.read() as connection:
            silences = active(connection, now_ms)
            table = schema.alarm
            query = sa.select(table).where(table.c.closed.is_(None), table.c.domain != EXTERNAL)
            rows = [dict(row) for row in connection.execute(query).mappings()]
            firing = self._external.firing(connection)
        prints = {row["id"]: fingerprint(self._labels(row)) for row in rows}
        shown = [self._own(row, prints, silences, now_ms, base_url) for row in rows]
        shown += [self._outside(kept, silences, now_ms) for kept in firing]
        return sorted(shown, key=lambda alert: alert.fingerprint)

    def _own(
        self, row: Mapping[str, Any], prints: Mapping[str, str], silences: Sequence[Silence], now_ms: int, base_url: str
    ) -> Shown:
        labels, hidden_by = self._labels(row), row.get("hidden_by")
        return Shown(
            fingerprint=prints[row["id"]],
            labels=labels,
            annotations=_annotations(row, self._city),
            starts_at=row["opened"],
            # Ours last until somebody closes them; this is how long a client may believe it without asking again.
            ends_at=now_ms + self._external.resolve_timeout_ms,
            updated_at=row["updated"],
            generator_url=f"{base_url}/alarms/{row['id']}",
            receivers=receivers_of(self._city, row["domain"], row["family"], row["severity"]),
            silenced_by=self._silenced_by(labels, row["domain"], row["severity"], silences, now_ms),
            inhibited_by=[prints.get(hidden_by, hidden_by)] if hidden_by else [],
            muted_by=[row["state"]] if row["state"] in QUIET else [],
            processed=row["state"] != DELAYED,
        )

    def _outside(self, kept: Kept, silences: Sequence[Silence], now_ms: int) -> Shown:
        severity = self._external.pack.severity(kept.labels)
        return Shown(
            fingerprint=kept.fingerprint,
            labels=kept.labels,
            annotations=kept.annotations,
            starts_at=kept.starts_at,
            ends_at=kept.ends_at,
            updated_at=kept.updated_at,
            generator_url=kept.generator_url,
            receivers=receivers_of(self._city, EXTERNAL, FAMILY, severity),
            silenced_by=self._silenced_by(kept.labels, EXTERNAL, severity, silences, now_ms),
            inhibited_by=[],
            muted_by=[],
        )

    def _labels(self, row: Mapping[str, Any]) -> Labels:
        names = ("domain", "site", "quantity", "family", "severity")
        return own_labels(self._city, **{name: row[name] for name in names})

    def _silenced_by(
        self, labels: Labels, domain: str, severity: str, silences: Iterable[Silence], now_ms: int
    ) -> list[str]:
        top = is_top(self._city, domain, self._city.rank(domain, severity))
        return [each.id for each in silencing(labels, silences, now_ms, top=top)]


def _annotations(row: Mapping[str, Any], city: City) -> dict[str, str]:
    site = city.site_title(row["site"])
    said: dict[str, Any] = {
        "summary": f"{row['text_zh']} / {row['text_en']}",
        "summary_zh": row["text_zh"],
        "summary_en": row["text_en"],
        "site_zh": site.zh,
        "site_en": site.en,
        "alarm": row["id"],
        "state": row["state"],
        "acknowledged_by": row["acknowledged_by"],
        "value": f"{row['value']:g} {row['unit']}".strip() if row["value"] is not None else None,
        "returned": write_moment(row["returned"]) if row["returned"] is not None else None,
        "simulated": "true" if city.simulated else None,
    }
    return {name: str(value) for name, value in said.items() if value}
