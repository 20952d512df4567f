"""The integrity watch: follows city time and judges each domain's day once, when its time and its readings have come.

Which day is due follows from city time and from the days that this machine remembers to have told; judging a day
again is harmless, because its messages are the same byte for byte and the alarm server takes each once.
"""

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
import structlog

from detectors.integrity.outlet import DAY_MS, HOUR_MS
from detectors.integrity.pack_facts import IntegrityFacts, integrity_facts
from detectors.rules.limits import CITY
from streams.city_follower import CityFollower
from streams.citytime import CITY_TIME
from streams.history_days import reached
from streams.integrity.look import Told, day_start, look
from streams.outlet import Outlet
from streams.registry_feed import RegistryFeed
from topics.connection import KafkaConnection
from topics.domain import Domain
from topics.errors import CityBrainError

#: Days that are judged late, after this machine was away; what lies further back is left to the command.
MOST_DAYS_LATE = 7

log = structlog.get_logger(__name__)


class IntegrityWatch(CityFollower):
    """Judges the days of every domain whose pack has integrity facts. ``root`` is the history's folder, ``memory`` the
    file in which the days that have been told are kept; ``now_ms`` gives the wall time.
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
        self.told: dict[str, int] = _remembered(memory)
        self._waiting: dict[str, int] = {}

    async def open(self) -> None:
        await self.feed.start()
        await self.outlet.start()

    async def close(self) -> None:
        await self.outlet.stop()
        await self.feed.stop()

    async def heed(self, name: str, domain: Domain) -> None:
        """Judge the domain's oldest day that is due, if there is one."""
        facts = integrity_facts(domain)
        day = self._due(name, facts) if facts is not None and self.city_time else None
        if facts is None or day is None:
            return
        end = day + DAY_MS + int(facts.grace_h * HOUR_MS)
        if not reached(self.root, name, domain.partitions, end):
            if self._waiting.get(name) != day:
                log.info("integrity_waits_for_history", domain=name, day=_date(day))
            self._waiting[name] = day
            return
        try:
            told = await asyncio.to_thread(self._look, domain, facts, day)
        except CityBrainError as error:
            log.error("integrity_look_failed", domain=name, day=_date(day), error=str(error))
            told = []
        await self._say(told)
        self.told[name] = day
        _remember(self.memory, self.told)
        log.info("integrity_day_judged", domain=name, day=_date(day), evidence=len(told))

    def _look(self, domain: Domain, facts: IntegrityFacts, day: int) -> list[Told]:
        return list(look(self.root, domain, facts, self.feed.registry, day))

    async def _say(self, told: list[Told]) -> None:
        """Put all findings on their topic; returns once they are kept."""
        try:
            for each in told:
                for finding in each.findings:
                    await self.outlet.finding(finding)
            await self.outlet.settle()
        except CityBrainError:
            await self.outlet.restart()
            raise

    def _due(self, name: str, facts: IntegrityFacts) -> int | None:
        newest = day_start(self.city_time - int(facts.grace_h * HOUR_MS)) - DAY_MS
        done = self.told.get(name)
        oldest = newest if done is None else max(done + DAY_MS, newest - MOST_DAYS_LATE * DAY_MS)
        return oldest if oldest <= newest else None


def _remembered(file: Path) -> dict[str, int]:
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, int])
    except (FileNotFoundError, msgspec.MsgspecError):
        return {}


def _remember(file: Path, told: Mapping[str, int]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_suffix(".tmp")
    fresh.write_bytes(msgspec.json.encode(told))
    fresh.rename(file)


def _date(day_ms: int) -> str:
    return dt.datetime.fromtimestamp(day_ms / 1000, CITY).date().isoformat()
