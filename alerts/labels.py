"""An alarm as rules see it: the labels by which alarms are grouped and matched."""

import msgspec

from alerts.alarm_row import AlarmRow
from alerts.city import City


class Seen(msgspec.Struct, frozen=True):
    """Labels (``topics.handling.LABELS``), how bad it is (higher = worse) and when it opened, ms UTC."""

    labels: dict[str, str]
    rank: int
    opened: int


def seen(alarm: AlarmRow, city: City, *, severity: str = "", opened: int = 0) -> Seen:
    """The alarm as it stands; of one that is only about to open, ``severity`` and ``opened`` say how it will."""
    code = alarm.life.severity or severity
    labels = {
        "domain": alarm.domain,
        "site": alarm.site,
        "district": city.district(alarm.site),
        "group": city.group(alarm.site),
        "quantity": alarm.quantity,
        "family": alarm.family,
        "severity": code,
    }
    return Seen(labels, city.rank(alarm.domain, code), opened if alarm.life.opened is None else alarm.life.opened)
