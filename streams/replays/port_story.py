"""What the port night's replay is held against: which alarms, when, told to whom, how long before fire and blasts."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from alerts import schema
from alerts.store import Store
from streams.sources.simulator.script import Beat, Script
from streams.sources.simulator.script_lines import Expect, Seen, ms
from topics.finding import Text
from topics.scheme import Scheme, load_scheme

MINUTE_MS = 60_000

#: What comes within so many minutes of the fire comes with it.
WITH_MIN = 2.0


@dataclass(frozen=True, slots=True)
class Told:
    """One alarm of the story as it came. ``at`` is event time (ms UTC), ``None`` = it never came; ``recipients`` gives
    when each authority's warning was released (city time, ms UTC).
    """

    beat: Beat
    at: int | None
    recipients: dict[str, int]


@dataclass(frozen=True, slots=True)
class Story:
    """The told beats, and the moments they are held against: the first fire, then the explosions (ms UTC)."""

    told: tuple[Told, ...]
    moments: tuple[tuple[str, Text, int], ...]
    first_told: dict[str, int]
    rules_as_of: dt.date

    @property
    def fire_ms(self) -> int:
        """Event time of the first fire, ms UTC."""
        return self.moments[0][2]

    def minutes(self, told: Told) -> float | None:
        """Minutes from the alarm to the first fire: negative where it came after it, ``None`` where it never came."""
        return None if told.at is None else round((self.fire_ms - told.at) / MINUTE_MS, 1)

    def faults(self) -> list[str]:
        """Where the story was not told as it must be; a warning that comes after what it warns of is a miss."""
        return [fault for told in self.told if (fault := self._fault(told))]

    def _fault(self, told: Told) -> str:
        minutes, name = self.minutes(told), told.beat.name
        if minutes is None:
            return f"{name}: expected an alarm, got none"
        wanted = {"before": minutes > 0, "with": abs(minutes) <= WITH_MIN, "after": minutes < 0}[told.beat.when]
        if not wanted:
            return f"{name}: expected it {told.beat.when} the first fire, got it {minutes:g} minutes before"
        late = {who: self._before(at) for who, at in told.recipients.items() if at > self.fire_ms}
        if told.beat.when == "before" and late and len(late) == len(told.recipients):
            return f"{name}: expected a warning before the first fire, got {late}"
        return ""

    def figures(self) -> dict[str, Any]:
        """For ``--json``. Minutes before a moment; negative = after it."""
        return {
            "rules_as_of": self.rules_as_of.isoformat(),
            "minutes_before_first_fire": {each.beat.name: self.minutes(each) for each in self.told},
            "told": {who: self._before(at) for who, at in sorted(self.first_told.items(), key=lambda each: each[1])},
            "alerts": [
                {
                    "name": each.beat.name,
                    "title": {"zh": each.beat.title.zh, "en": each.beat.title.en},
                    "at": each.at,
                    "basis": {"published": "reported", "assumed": "assumed"}[each.beat.basis],
                    "source": each.beat.source,
                    "minutes_before": {
                        name: None if each.at is None else round((at - each.at) / MINUTE_MS, 1)
                        for name, _, at in self.moments
                    },
                    "told": {who: self._before(at) for who, at in sorted(each.recipients.items())},
                }
                for each in sorted(self.told, key=lambda each: each.at or 2**62)
            ],
            "missed": self.faults(),
        }

    def _before(self, at: int) -> float:
        return round((self.fire_ms - at) / MINUTE_MS, 1)


def read_story(script: Script, store: Store, rules_as_of: dt.date) -> Story:
    """What the store says of the scenario's story."""
    seen = sorted((line for line in script.lines if isinstance(line, Seen)), key=lambda line: (line.at, line.id))
    scheme = load_scheme()
    with store.read() as connection:
        told = tuple(_told(connection, beat, scheme) for beat in script.story)
        sites = {each.site for beat in script.story for each in beat.alarms}
        first = _first_told(connection, sites)
    return Story(told, tuple((line.id, line.title, ms(line.at)) for line in seen), first, rules_as_of)


def _told(connection: sa.Connection, beat: Beat, scheme: Scheme) -> Told:
    found = [each for expect in beat.alarms if (each := _reached(connection, expect, scheme)) is not None]
    if not found:
        return Told(beat, None, {})
    at, alarm = min(found)
    table = schema.warning.c
    asked = (
        sa.select(table.authority, sa.func.min(table.released))
        .where(table.alarm_id == alarm, table.msg_type != "Cancel", table.released >= at)
        .group_by(table.authority)
    )
    return Told(beat, at, {row[0]: row[1] for row in connection.execute(asked)})


def _reached(connection: sa.Connection, expect: Expect, scheme: Scheme) -> tuple[int, str] | None:
    """When an alarm first had this severity or a worse one, and which alarm."""
    finding, alarm = schema.finding.c, schema.alarm.c
    bad = [level.code for level in scheme.levels if level.rank >= scheme.rank(expect.severity)]
    asked = (
        sa.select(finding.time, alarm.id)
        .join_from(schema.finding, schema.alarm, finding.alarm_id == alarm.id)
        .where(alarm.site == expect.site, alarm.quantity == expect.quantity, alarm.family == expect.family)
        .where(finding.severity.in_(bad), finding.phase != "close")
        .order_by(finding.time, alarm.id)
        .limit(1)
    )
    row = connection.execute(asked).first()
    return None if row is None else (row[0], row[1])


def _first_told(connection: sa.Connection, sites: set[str]) -> dict[str, int]:
    """When each authority was first told of any alarm of these sites."""
    warning, alarm = schema.warning.c, schema.alarm.c
    asked = (
        sa.select(warning.authority, sa.func.min(warning.released))
        .join_from(schema.warning, schema.alarm, warning.alarm_id == alarm.id)
        .where(alarm.site.in_(sorted(sites)), warning.msg_type != "Cancel")
        .group_by(warning.authority)
    )
    return {row[0]: row[1] for row in connection.execute(asked)}


def in_order(story: Story) -> Sequence[str]:
    """The names of the beats that came, in the order in which they came."""
    came = [(each.at, each.beat.name) for each in story.told if each.at is not None]
    return [name for _, name in sorted(came)]
