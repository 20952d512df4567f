"""One look back, from what was asked for to its figures, findings and page."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from records.registry import Registry
from streams.backtesting.file_past import FilePast
from streams.backtesting.history_past import HistoryPast
from streams.backtesting.labels import Labels, labels_from_csv
from streams.backtesting.open_book import OpenBook
from streams.backtesting.past import Past
from streams.backtesting.report import cases, report, watched_for
from streams.backtesting.rerun import Plan, Replayed, Rerun
from streams.backtesting.score import by_detector, episodes, figures, judge
from streams.backtesting.times import moment
from streams.backtesting.topic_past import TopicPast
from streams.backtesting.verdicts import labels_of_desk
from streams.packs import domains_of, load_packs, read_packs
from streams.registry_feed import load_registry
from streams.server_client import ServerClient
from streams.settings import Settings
from streams.specs import SpecBook
from topics.domain import Domain
from topics.errors import ConfigurationError
from topics.published_pack import content_hash
from topics.reading import EARLIEST_MS, LATEST_MS

DAY_MS = 86_400_000

#: How many records have been judged, of how many (0 = unknown).
Watcher = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of the command, unread; ``own_packs``: a folder of packs was given, not the log's."""

    domain: str
    file: Path | None = None
    history: bool = False
    topic: bool = False
    start: str | None = None
    end: str | None = None
    from_offset: int | None = None
    labels: Path | None = None
    verdicts: bool = False
    registry: bool = False
    models: Path | None = None
    fit_days: float = 0.0
    rate: float = 0.004
    tick_s: int = 60
    operators: int = 1
    page: bool = False
    plots: int = 20
    own_packs: bool = False


@dataclass(frozen=True, slots=True)
class LookedBack:
    """``figures`` as ``--json`` prints them, ``findings`` as they travel, ``page`` the report (empty if not asked)."""

    figures: dict[str, Any]
    findings: list[Any]
    page: str


@dataclass(slots=True)
class LookBack:
    """Everything that is needed, opened; close it."""

    asked: Asked
    settings: Settings
    past: Past
    plan: Plan
    labels: Labels | None

    def run(self, watcher: Watcher = lambda judged, total: None) -> LookedBack:
        """Judge, hold against the labels, and draw."""
        total, judged = self.past.expected(), [0]

        def progress(records: int) -> None:
            judged[0] += records
            watcher(judged[0], max(total, judged[0]) if total else 0)

        rerun = Rerun(self.past, self.plan)
        found = rerun.play(progress)
        told = episodes(found.findings, found.last_ms)
        labels = None
        if self.labels is not None:
            labels = self.labels.within(found.first_ms, found.last_ms + 1).of(found.sensors)
        numbers = (
            self._figures(found)
            | figures(told, labels, found.days, len(found.sensors), self.asked.operators)
            | {"by_detector": by_detector(told, labels)}
        )
        page = ""
        if self.asked.page:
            chosen = cases(told, judge(told, labels) if labels else None, found.sensors, self.asked.plots)
            watched = watched_for(chosen)
            judged[0] = 0
            rerun.play(progress, watched)  # what the plots show: the same once more, with the chosen series traced
            zone = ZoneInfo(self.settings.zone)
            page = report(numbers, chosen, watched.traces, told, labels, found.sensors, zone)
        return LookedBack(numbers, msgspec.to_builtins(found.findings), page)

    def close(self) -> None:
        """Let go of what the past is read from."""
        self.past.close()

    def _figures(self, found: Replayed) -> dict[str, Any]:
        return {
            "domain": self.plan.domain.name,
            "source": self.past.topic,
            "pack": content_hash(self.plan.domain)[:16],
            "models": found.models.rpartition("@")[2][:16],
            "rate": self.plan.rate,
            "from": found.first_ms,
            "to": found.last_ms,
            "readings": found.readings,
            "sensors": len(found.sensors),
            "late_readings": found.late,
            "duplicate_readings": found.duplicate,
            "unregistered": found.unregistered,
            "refused": dict(found.refused),
            "cpu_s": round(found.cpu_s, 3),
            "readings_per_cpu_s": found.readings / found.cpu_s if found.cpu_s else 0.0,
            "operators": self.asked.operators,
        }


def look_back(settings: Settings, asked: Asked) -> LookBack:
    """Open what was asked for. Raises ``ConfigurationError`` for options that do not go together."""
    if [asked.file is not None, asked.history, asked.topic].count(True) != 1:
        raise ConfigurationError("readings: expected one of --csv FILE, --parquet FILE, --history and --topic")
    if asked.labels is not None and asked.verdicts:
        raise ConfigurationError("truth: expected --labels or --verdicts, got both")
    zone = ZoneInfo(settings.zone)
    domain = _pack(settings, asked)
    past = _past(settings, asked, domain, zone)
    try:
        past.tick_ms = asked.tick_s * 1000
        labels = labels_from_csv(asked.labels, zone) if asked.labels else None
        if asked.verdicts:
            labels = labels_of_desk(ServerClient(settings), domain.name)
        return LookBack(asked, settings, past, _plan(settings, asked, domain, past), labels)
    except BaseException:
        past.close()
        raise


def _pack(settings: Settings, asked: Asked) -> Domain:
    """The log's own pack where the cluster is asked anyhow and no other was given."""
    own = asked.own_packs or not (asked.topic or asked.registry)
    packs = load_packs(settings.domains) if own else domains_of(read_packs(settings.kafka))
    for pack in packs:
        if pack.name == asked.domain:
            return pack
    raise ConfigurationError(f"--domain: expected one of {sorted(pack.name for pack in packs)}, got {asked.domain!r}")


def _past(settings: Settings, asked: Asked, domain: Domain, zone: ZoneInfo) -> Past:
    try:
        start = moment(asked.start, zone) if asked.start else None
        end = moment(asked.end, zone) if asked.end else LATEST_MS
    except ValueError as error:
        raise ConfigurationError(f"--from, --to: {error}") from error
    if asked.file is not None:
        return FilePast(asked.file, zone, start or EARLIEST_MS, end)
    if asked.history:
        root = settings.data / "history"
        return HistoryPast(root, domain.name, domain.topic, domain.partitions, start or EARLIEST_MS, end)
    return TopicPast(settings.kafka, domain.topic, from_offset=asked.from_offset or 0, from_stamp_ms=start)


def _plan(settings: Settings, asked: Asked, domain: Domain, past: Past) -> Plan:
    registry: Registry | None = None
    if asked.topic or asked.registry:
        registry = asyncio.run(load_registry(settings.kafka))
    known = registry

    def book(pack: Domain) -> SpecBook:
        return OpenBook(pack) if known is None else SpecBook(known, pack)

    models = asked.models.read_bytes() if asked.models else None
    fit_until = past.begins() + int(asked.fit_days * DAY_MS) if asked.fit_days else None
    follow = not (asked.own_packs or asked.models or asked.fit_days)
    return Plan(domain, book, asked.rate, models, fit_until, follow)
