"""The labels an alarm bears towards matchers, and the fingerprint of a set of labels as Alertmanager computes it."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

import msgspec
import sqlalchemy as sa

from alerts.alarm_row import AlarmRow
from alerts.alertmanager.tables import external_alert
from alerts.city import City

Labels = dict[str, str]

#: The domain under which alerts from outside become alarms.
EXTERNAL = "external"

_OFFSET, _PRIME, _SEPARATOR = 14695981039346656037, 1099511628211, 0xFF
_LABELS = msgspec.json.Decoder(Labels)


def fingerprint(labels: Mapping[str, str]) -> str:
    """FNV-1a (64 bits, 16 hexadecimal digits) over the labels in the order of their names.

    >>> fingerprint({})
    'cbf29ce484222325'
    >>> fingerprint({"alertname": "CodDaily", "domain": "pollution", "severity": "yellow"})
    'ac64bfb878fec3dc'
    """
    return _digest(tuple((name, labels[name]) for name in sorted(labels)))


@lru_cache(maxsize=1 << 16)  # a client that asks every few seconds asks for the same sets again and again
def _digest(pairs: tuple[tuple[str, str], ...]) -> str:
    digest = _OFFSET
    for text in (each for pair in pairs for each in pair):
        for byte in (*text.encode(), _SEPARATOR):
            digest = (digest ^ byte) * _PRIME & 0xFFFFFFFFFFFFFFFF
    return f"{digest:016x}"


def own_labels(city: City, domain: str, site: str, quantity: str, family: str, severity: str) -> Labels:
    """The labels of an alarm of ours; a label without a value is left out, as Alertmanager does."""
    labels = {
        "alertname": f"{quantity}-{family}",
        "domain": domain,
        "site": site,
        "district": city.district(site),
        "quantity": quantity,
        "family": family,
        "severity": severity,
    }
    return {name: value for name, value in labels.items() if value}


def labels_of_findings(connection: sa.Connection, findings: Iterable[str]) -> list[Labels]:
    """The labels with which these findings (ids) came from outside, in the order of fingerprints."""
    table = external_alert.c
    query = sa.select(table.labels).where(table.finding_id.in_(sorted(findings))).order_by(table.fingerprint)
    return [_LABELS.decode(text) for text in connection.execute(query).scalars()]


def label_sets(connection: sa.Connection, city: City, alarm: AlarmRow) -> list[Labels]:
    """The sets of labels an ``AlarmRow`` stands for: one of our own, or one for each open alert from outside."""
    if alarm.domain == EXTERNAL and (found := labels_of_findings(connection, alarm.life.findings)):
        return found
    return [own_labels(city, alarm.domain, alarm.site, alarm.quantity, alarm.family, alarm.life.severity)]
