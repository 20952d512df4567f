"""What a request for alerts asks: matchers, receiver, and which states are wanted; answered as groups or as a list."""

from collections.abc import Iterable, Mapping
from functools import cmp_to_key
from typing import Any

import msgspec

from alerts.alertmanager.board import Shown
from alerts.alertmanager.receivers import GROUP_BY
from alerts.silences.matcher import Matcher, anchored, parse_matcher

#: What Alertmanager's own server takes for true; everything else is false.
TRUE = ("true", "1", "yes", "ok", "y", "on", "selected", "checked", "t", "enabled")


class Asked(msgspec.Struct, frozen=True):
    """A wish as Alertmanager reads it; ``receiver`` is a compiled expression or ``None``."""

    matchers: tuple[Matcher, ...]
    receiver: Any
    active: bool
    silenced: bool
    inhibited: bool
    muted: bool
    unprocessed: bool

    def receivers(self, alert: Shown) -> list[str]:
        """The receivers of an alert that are asked for."""
        return [name for name in alert.receivers if self.receiver is None or self.receiver.fullmatch(name)]

    def wants(self, alert: Shown) -> bool:
        """Whether this alert is asked for."""
        if not self.receivers(alert):
            return False
        if (alert.state == "active" and not self.active) or (alert.state == "unprocessed" and not self.unprocessed):
            return False
        hidden = (
            (alert.silenced_by and not self.silenced)
            or (alert.inhibited_by and not self.inhibited)
            or (alert.muted_by and not self.muted)
        )
        return not hidden and all(each.matches(alert.labels) for each in self.matchers)


def read_asked(filters: Iterable[str], query: Mapping[str, str]) -> Asked:
    """Raises ``ValueError`` in Alertmanager's words."""
    matchers = tuple(parse_matcher(text) for text in filters)
    receiver = None
    if pattern := query.get("receiver"):
        try:
            receiver = anchored(pattern)
        except ValueError as error:
            raise ValueError(f"failed to parse receiver param: {error}") from error
    # An alarm that is shelved or suppressed at the desk is shown with the inhibited ones to those who cannot say muted.
    inhibited = _said(query, "inhibited", True)
    return Asked(
        matchers,
        receiver,
        active=_said(query, "active", True),
        silenced=_said(query, "silenced", True),
        inhibited=inhibited,
        muted=_said(query, "muted", inhibited),
        unprocessed=_said(query, "unprocessed", False),
    )


def groups(alerts: Iterable[Shown], asked: Asked) -> list[dict[str, Any]]:
    """The alerts asked for, gathered for each receiver by the labels in ``GROUP_BY`` that they have."""
    gathered: dict[tuple[tuple[tuple[str, str], ...], str], list[Shown]] = {}
    for alert in alerts:
        if not asked.wants(alert):
            continue
        labels = tuple((name, alert.labels[name]) for name in sorted(GROUP_BY) if name in alert.labels)
        for receiver in asked.receivers(alert):
            gathered.setdefault((labels, receiver), []).append(alert)
    return [
        {
            "alerts": [alert.view() for alert in sorted(members, key=_member)],
            "labels": dict(labels),
            "receiver": {"name": receiver},
            "routeLabels": {},
        }
        for (labels, receiver), members in sorted(gathered.items(), key=_group)
    ]


def _before(one: Mapping[str, str], other: Mapping[str, str]) -> int:
    """Alertmanager's order of sets of labels: the smaller first, then the one that lacks a name, then by values."""
    if len(one) != len(other):
        return len(one) - len(other)
    for name in sorted({*one, *other}):
        if one.get(name) != other.get(name):
            return -1 if name not in one or (name in other and one[name] < other[name]) else 1
    return 0


_by_labels = cmp_to_key(_before)


def _group(gathered: tuple[tuple[tuple[tuple[str, str], ...], str], list[Shown]]) -> Any:
    (labels, receiver), _ = gathered
    return _by_labels(dict(labels)), receiver


def _member(alert: Shown) -> Any:
    """Within a group by job and instance first, those that have none last."""
    job, instance = (alert.labels.get(name) for name in ("job", "instance"))
    return (job is None, job or "", instance is None, instance or "", _by_labels(alert.labels))


def _said(query: Mapping[str, str], name: str, default: bool) -> bool:
    text = query.get(name)
    return text.lower() in TRUE if text else default
