"""Inhibition: while a cause is there, its consequences are hidden behind it. The rules are those of the packs.

A consequence that is hidden sounds nowhere and releases no warning, but everything about it is logged; when no cause
is left it stands for itself again. Only what is itself to be seen hides anything: a cause that is shelved, out of
service or hidden, or whose condition is over, hides nothing, so there is always something to see.
"""

from collections.abc import Callable, Iterator, Mapping

import msgspec
import sqlalchemy as sa

from alerts import schema
from alerts.alarm_row import AlarmRow
from alerts.city import City
from alerts.labels import Seen, seen
from topics.handling import Inhibition, Matcher

#: The labels that are columns of the table ``alarm``.
COLUMNS = ("domain", "site", "quantity", "family")

Load = Callable[[sa.ColumnElement[bool]], None]


class Rule(msgspec.Struct, frozen=True):
    """A rule and the domain of the pack it stands in, which its matchers mean where they name none."""

    domain: str
    said: Inhibition

    @property
    def name(self) -> str:
        """``<domain>.inhibition.<name in the pack>``."""
        return f"{self.domain}.inhibition.{self.said.name}"


def rules_of(city: City) -> list[Rule]:
    """All rules, in the order of the packs."""
    packs = sorted(city.domains.values(), key=lambda pack: (pack.order, pack.name))
    return [Rule(pack.name, said) for pack in packs for said in pack.inhibition]


def fits(matcher: Matcher, alarm: Seen, rule: Rule, city: City) -> bool:
    """Whether the alarm is one of those the matcher means."""
    allowed = {"domain": matcher.domain or (rule.domain,)} | {name: getattr(matcher, name) for name in COLUMNS[1:]}
    if any(values and alarm.labels[name] not in values for name, values in allowed.items()):
        return False
    return not matcher.min_severity or alarm.rank >= city.rank(alarm.labels["domain"], matcher.min_severity)


def hides(rule: Rule, cause: Seen, consequence: Seen, city: City) -> bool:
    """Whether by this rule the one hides the other."""
    said = rule.said
    window_ms = round(said.window_s * 1000)
    return (
        fits(said.cause, cause, rule, city)
        and fits(said.consequence, consequence, rule, city)
        and all(cause.labels[name] == consequence.labels[name] for name in said.equal)
        and (not window_ms or abs(consequence.opened - cause.opened) <= window_ms)
    )


def can_hide(alarm: AlarmRow) -> bool:
    """Whether it may stand for others: open, its condition there, and itself to be seen."""
    return alarm.life.closed is None and bool(alarm.life.findings) and not alarm.life.quiet


class Hiding:
    """Finds causes and consequences among the alarms of one write transaction, and reads those it lacks."""

    def __init__(self, city: City, alarms: Mapping[str, AlarmRow], load: Load) -> None:
        self._city = city
        self._alarms = alarms
        self._load = load
        self._rules = rules_of(city)
        self._loaded: set[tuple[str, str, tuple[str, ...]]] = set()

    def causes_of(self, alarm: AlarmRow, *, severity: str = "", opened: int = 0) -> Iterator[tuple[str, str]]:
        """The alarms that may hide this one, the oldest first, each with the rule's name.

        Of an alarm that is only about to open, ``severity`` and ``opened`` say how it will.
        """
        if not self._rules:
            return
        mine = seen(alarm, self._city, severity=severity, opened=opened)
        for rule in self._rules:
            if not fits(rule.said.consequence, mine, rule, self._city):
                continue
            self._read(rule, "cause", mine)
            others = [each for each in self._alarms.values() if each.id != alarm.id and can_hide(each)]
            for other in sorted(others, key=lambda each: (each.life.opened or 0, each.id)):
                if hides(rule, seen(other, self._city), mine, self._city):
                    yield other.id, rule.name

    def consequences_of(self, alarm: AlarmRow) -> list[str]:
        """The open alarms that this one may hide."""
        mine = seen(alarm, self._city)
        return sorted({name for rule in self._rules for name in self._consequences(rule, alarm, mine)})

    def _consequences(self, rule: Rule, alarm: AlarmRow, mine: Seen) -> Iterator[str]:
        if not fits(rule.said.cause, mine, rule, self._city):
            return
        self._read(rule, "consequence", mine)
        for other in self._alarms.values():
            if other.id == alarm.id or other.life.closed is not None or other.life.opened is None:
                continue
            if hides(rule, mine, seen(other, self._city), self._city):
                yield other.id

    def _read(self, rule: Rule, part: str, other: Seen) -> None:
        """Read the open alarms that may be the other side of this rule; once for equal labels."""
        known = rule.name, part, tuple(other.labels[name] for name in rule.said.equal)
        if known in self._loaded:
            return
        self._loaded.add(known)
        matcher: Matcher = getattr(rule.said, part)
        table = schema.alarm.c
        condition = table.closed.is_(None) & table.domain.in_(matcher.domain or (rule.domain,))
        for name in COLUMNS[1:]:
            if values := getattr(matcher, name):
                condition &= table[name].in_(values)
        for name in rule.said.equal:
            if name in COLUMNS:
                condition &= table[name] == other.labels[name]
        self._load(condition)
