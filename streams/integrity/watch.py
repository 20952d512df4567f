"""The integrity watch: follows city time and looks at each domain's day, at the end of each hour by the rules that need
no whole day, and by all of them when its time and its readings have come; again when readings came later still.

What is due follows from city time and from what this machine remembers to have told; telling it again is harmless,
because the messages are the same byte for byte and the alarm server takes each once.
"""

import asyncio
import datetime as dt
import time
from collections.abc import Callable
from pathlib import Path

import structlog

from detectors.integrity.judge import prompt
from detectors.integrity.outlet import DAY_MS, HOUR_MS, MINUTE_MS
from detectors.integrity.pack_facts import IntegrityFacts, integrity_facts
from detectors.rules.limits import CITY
from streams.city_follower import CityFollower
from streams.citytime import CITY_TIME
from streams.history_days import kept_until, reached
from streams.history_folder import read_manifest
from streams.integrity.findings import Told
from streams.integrity.look import look
from streams.integrity.memory import Remembered, remember, remembered
from streams.integrity.telling import messages
from streams.outlet import Outlet
from streams.registry_feed import RegistryFeed
from topics.city_zone import day_start
from topics.connection import KafkaConnection
from topics.domain import Domain
from topics.errors import CityBrainError
from topics.finding import Finding

#: Days that are judged late, after this machine was away, or again, after readings came late; what lies further back
#: is left to the command.
MOST_DAYS_LATE = 7

#: Of the time that a look at an hour or at late readings took, how many times as long none follows: in a replay city
#: time runs faster than anybody can look, and the newest hour tells what the others would have told.
REST = 9

log = structlog.get_logger(__name__)


class IntegrityWatch(CityFollower):
    """Judges the days of every domain whose pack has integrity facts. ``root`` is the history's folder, ``memory`` the
    file in which what has been told is kept; ``now_ms`` gives the wall time.
    """

    name = "integrity"

    def __init__(
        self,
        connection: KafkaConnection,
        root: Path,
        memory: Path,
        now_ms: Callable[[], int],
        *,
        city_topic: str = CITY_TIME,
    ) -> None:
        super().__init__(connection, city_topic=city_topic)
        self.root = root
        self.memory = memory
        self.feed = RegistryFeed(connection)
        self.outlet = Outlet(connection, "integrity", now_ms)
        self.told = remembered(memory)
        self._waiting: dict[str, int] = {}
        self._rest_until = 0.0

    async def open(self) -> None:
        await self.feed.start()
        await self.outlet.start()

    async def close(self) -> None:
        await self.outlet.stop()
        await self.feed.stop()

    async def heed(self, name: str, domain: Domain) -> None:
        """Judge the domain's oldest day that is due; where there is none, the hour that is over, or a day again."""
        facts = integrity_facts(domain)
        if facts is None or not self.city_time:
            return
        mine = self.told.setdefault(name, Remembered())
        if (day := self._day_due(mine, facts)) is not None:
            await self._judge_day(domain, facts, mine, day)
        elif time.monotonic() >= self._rest_until:
            begun = time.monotonic()
            if (hour := self._hour_due(domain, mine, facts)) is not None:
                await self._look_at_hour(domain, facts, mine, hour)
            if (late := self._grown(domain, mine)) is not None:
                await self._judge_again(domain, facts, mine, late)
            self._rest_until = time.monotonic() + REST * (time.monotonic() - begun)

    async def _judge_day(self, domain: Domain, facts: IntegrityFacts, mine: Remembered, day: int) -> None:
        """All rules over the whole day: what lasts is closed, what is new is told."""
        end = day + DAY_MS + int(facts.grace_h * HOUR_MS)
        if not reached(self.root, domain.name, domain.partitions, end):
            if self._waiting.get(domain.name) != day:
                log.info("integrity_waits_for_history", domain=domain.name, day=_date(day))
            self._waiting[domain.name] = day
            return
        rows = self._rows(domain.name, day)
        said = await self._looked(domain, facts, mine, day, None)
        mine.day, mine.rows[day] = day, rows
        mine.forget(day - MOST_DAYS_LATE * DAY_MS)
        remember(self.memory, self.told)
        log.info("integrity_day_judged", domain=domain.name, day=_date(day), messages=len(said))

    async def _look_at_hour(self, domain: Domain, facts: IntegrityFacts, mine: Remembered, hour: int) -> None:
        """The prompt rules over the day up to the end of this hour."""
        said = await self._looked(domain, facts, mine, day_start(hour - 1), hour)
        mine.hour = hour
        remember(self.memory, self.told)
        if said:
            log.info("integrity_hour_told", domain=domain.name, until=_clock(hour), messages=len(said))

    async def _judge_again(self, domain: Domain, facts: IntegrityFacts, mine: Remembered, day: int) -> None:
        """All rules over a day of which readings have come since it was judged."""
        rows = self._rows(domain.name, day)
        said = await self._looked(domain, facts, mine, day, None)
        mine.rows[day] = rows
        remember(self.memory, self.told)
        log.info("integrity_day_judged_again", domain=domain.name, day=_date(day), messages=len(said))

    async def _looked(
        self, domain: Domain, facts: IntegrityFacts, mine: Remembered, day: int, until: int | None
    ) -> list[Finding]:
        """Look, and tell what is to be told; what has been told, once it is kept."""
        try:
            found = await asyncio.to_thread(self._look, domain, facts, day, until)
        except CityBrainError as error:
            log.error("integrity_look_failed", domain=domain.name, day=_date(day), error=str(error))
            return []
        asked = {rule.name for rule in (facts.rules if until is None else prompt(facts.rules))}
        said = messages(mine.known(day), found, asked, day, until)
        await self._say(said)
        mine.note(day, said)
        return said

    def _look(self, domain: Domain, facts: IntegrityFacts, day: int, until: int | None) -> list[Told]:
        return list(look(self.root, domain, facts, self.feed.registry, day, until))

    async def _say(self, said: list[Finding]) -> None:
        """Put all findings on their topic; returns once they are kept."""
        try:
            for finding in said:
                await self.outlet.finding(finding)
            await self.outlet.settle()
        except CityBrainError:
            await self.outlet.restart()
            raise

    def _day_due(self, mine: Remembered, facts: IntegrityFacts) -> int | None:
        newest = day_start(self.city_time - int(facts.grace_h * HOUR_MS)) - DAY_MS
        oldest = newest if not mine.day else max(mine.day + DAY_MS, newest - MOST_DAYS_LATE * DAY_MS)
        return oldest if oldest <= newest else None

    def _hour_due(self, domain: Domain, mine: Remembered, facts: IntegrityFacts) -> int | None:
        """The end of the newest hour that is over and kept, where it was not looked at; of hours passed by only the
        newest is due, because it is looked at with all before it.
        """
        if not prompt(facts.rules):
            return None
        grace = int(facts.hour_grace_min * MINUTE_MS)
        # Where city time runs faster than the history is written, the newest hour by the clock is never kept in time.
        known = min(self.city_time, kept_until(self.root, domain.name, domain.partitions))
        hour = (known - grace) // HOUR_MS * HOUR_MS
        return hour if hour > mine.hour and day_start(hour - 1) > mine.day else None

    def _grown(self, domain: Domain, mine: Remembered) -> int | None:
        """The oldest judged day that has more readings than when it was judged."""
        return next((day for day in sorted(mine.rows) if self._rows(domain.name, day) > mine.rows[day]), None)

    def _rows(self, domain: str, day: int) -> int:
        manifest = read_manifest(self.root / domain)
        files = manifest.files if manifest is not None else ()
        return sum(each.rows for each in files if each.first_time < day + DAY_MS and each.last_time >= day)


def _date(day_ms: int) -> str:
    return dt.datetime.fromtimestamp(day_ms / 1000, CITY).date().isoformat()


def _clock(time_ms: int) -> str:
    return dt.datetime.fromtimestamp(time_ms / 1000, CITY).strftime("%Y-%m-%d %H:%M")
