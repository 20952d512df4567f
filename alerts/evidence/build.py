"""An evidence pack put together: the finding from the store, readings from the history, neighbours by the registry."""

from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa

from alerts import schema
from alerts.city import City
from alerts.evidence.near import neighbours
from alerts.evidence.plot import svg
from alerts.evidence.raw_frames import frames_of
from alerts.evidence.sealed import Lack, Manifest, seal
from alerts.evidence.station_parts import station_parts
from alerts.evidence.tables import clock, marks_csv, readings_csv, readings_parquet
from alerts.evidence.wording import page, span_of
from alerts.ledger.chain import head_of
from alerts.queries import Queries
from alerts.store import Store
from records.history import History, Point
from topics.finding import Finding, Text
from topics.reading import SeriesId, parse_series

#: Readings before and after the finding's span: as long as it lasted, within these.
SHORTEST_MARGIN_MS = 3_600_000
LONGEST_MARGIN_MS = 24 * 3_600_000
MOST_SERIES = 12


@dataclass(frozen=True, slots=True)
class Evidence:
    """Builds packs over one store, city and history."""

    store: Store
    city: City
    history: History

    def pack(self, finding_id: str, made_ms: int) -> tuple[bytes, Manifest] | None:
        """The pack of a finding and its manifest; ``None`` where the store does not know it. ``made_ms``: wall time."""
        with self.store.read() as connection:
            table = schema.finding.c
            query = sa.select(table.body, table.alarm_id).where(table.id == finding_id).order_by(table.seq)
            rows = connection.execute(query).all()
            head = head_of(connection)
        if not rows:
            return None
        messages = [msgspec.json.decode(row.body, type=Finding) for row in rows]
        finding = messages[-1]
        start, end = span_of(finding)
        margin = min(max(SHORTEST_MARGIN_MS, end - start), LONGEST_MARGIN_MS)
        span = start - margin, end + margin
        series, lacks = self._readings(finding, span)
        near = {
            f"{each} ({km:.1f} km)": self.history.range(str(each), *span)
            for each, km in neighbours(self.city.registry, finding.site, finding.quantity)
        }
        devices = [parse_series(each).device for each in series]
        frames, of_frames = frames_of(self.history, devices, span)
        log, of_log = station_parts(self.store, finding.site, devices, span)
        lacks += self._lacks_of_neighbours(near) + of_frames + of_log
        title = self.city.site_title(finding.site)
        names, counts = {"zh": title.zh, "en": title.en}, {name: len(points) for name, points in series.items()}
        parts = {
            "report.zh.txt": page(finding, names, counts, lacks, zh=True).encode(),
            "report.en.txt": page(finding, names, counts, lacks, zh=False).encode(),
            "finding.json": _json([msgspec.to_builtins(each) for each in messages]),
            "statistics.json": _json(_statistics(finding)),
            "alarm.json": _json(Queries(self.store, self.city).story(rows[0].alarm_id)),
            "ledger.json": _json({"sequence": head.sequence, "hash": head.hash}),
            "readings.csv": readings_csv(series),
            "readings.parquet": readings_parquet(series),
            "marks.csv": marks_csv(series),
            "neighbours.csv": readings_csv(near),
            **frames,
            **log,
            "plot.svg": svg(
                series, span, (start, end), self._lines(finding, series), {each: clock(each) for each in span}
            ).encode(),
        }
        return seal(finding_id, parts, lacks, made_ms)

    def _readings(self, finding: Finding, span: tuple[int, int]) -> tuple[dict[str, list[Point]], list[Lack]]:
        """What the series of the finding showed, and which of them have nothing."""
        found = {str(each): self.history.range(str(each), *span) for each in self._series_of(finding)}
        lacks = [
            Lack(f"readings {name}", Text("该时段历史库中没有读数", "the history has no reading of that time"))
            for name, points in found.items()
            if not points
        ]
        if not found:
            lacks = [Lack("readings", Text("该发现不涉及可绘制的序列", "the finding is about no series of readings"))]
        return found, lacks

    def _series_of(self, finding: Finding) -> list[SeriesId]:
        named = [each.series for each in finding.channels]
        named = named or str(finding.facts.get("series") or finding.subject).split()
        found = []
        for each in named:
            try:
                found.append(parse_series(each))
            except ValueError:  # a yard, a group: no series of its own
                continue
        return found[:MOST_SERIES]

    def _lacks_of_neighbours(self, near: dict[str, list[Point]]) -> list[Lack]:
        if any(near.values()):
            return []
        return [Lack("neighbours", Text("10 km 内无同因子邻站读数", "no neighbour within 10 km has readings of it"))]

    def _lines(self, finding: Finding, series: dict[str, list[Point]]) -> dict[str, float]:
        """The level that was expected, on the series the finding is foremost about."""
        first = next(iter(series), None)
        return {first: finding.expected} if first is not None and finding.expected is not None else {}


def _statistics(finding: Finding) -> dict[str, Any]:
    told: dict[str, Any] = {"score": finding.score, "chance_on_healthy_data": finding.p, "unit": finding.unit}
    told |= {"value": finding.value, "expected": finding.expected}
    return told | finding.facts


def _json(value: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value))
