"""The evidence of one judgement, for an officer who decides without going there: one sealed file.

Readings, all versions, marks, tickets, neighbours and the head of the ledger; what it lacks is named in its manifest
(alerts/evidence/sealed.py says how anyone verifies it without us).
"""

from dataclasses import dataclass
from typing import Any

import msgspec

from alerts.evidence.near import neighbours
from alerts.evidence.plot import svg
from alerts.evidence.raw_frames import frames_of
from alerts.evidence.sealed import Lack, Manifest, seal
from alerts.evidence.station_parts import station_parts
from alerts.evidence.tables import clock, marks_csv, readings_csv
from alerts.judgements.board import Board
from alerts.ledger.chain import head_of
from alerts.tickets.desk import Tickets, ticket_id
from records.history import History, Point
from topics.finding import Text
from topics.judgement import Judgement, LimitUsed
from topics.sources import source_text

#: Before and after the period, so that one sees how it came and went.
MARGIN_MS = 3_600_000

STATISTICS = ("Rtd", "ZsRtd", "Avg", "ZsAvg")
#: What helps to judge: oxygen, flows, water temperature.
HELPERS = ("a19001", "a00000", "w00000", "w01010")


@dataclass(frozen=True, slots=True)
class JudgementEvidence:
    """Builds packs over one board, its tickets and the history."""

    board: Board
    tickets: Tickets
    history: History

    def pack(self, key: str, made_ms: int) -> tuple[bytes, Manifest] | None:
        """The pack of a judgement in its newest version; ``None`` where there is none. ``made_ms``: wall time."""
        versions = self.board.all_versions(key)
        if not versions:
            return None
        judged = versions[0]
        span = judged.start - MARGIN_MS, judged.end + MARGIN_MS
        series = self._readings(judged, span)
        near = {
            f"{each} ({km:.1f} km)": self.history.range(str(each), *span)
            for each, km in neighbours(self.board.city.registry, judged.site, judged.quantity)
        }
        marks = self.board.marks(judged.site, *span)
        ticket = self._ticket(judged)
        devices = [judged.subject.split("/")[1]]
        frames, of_frames = frames_of(self.history, devices, span)
        log, of_log = station_parts(self.board.store, judged.site, devices, span)
        lacks = _lacks(series, near, bool(marks), ticket is not None) + of_frames + of_log
        with self.board.store.read() as connection:
            head = head_of(connection)
        first = next(iter(series), None)
        lines = {first: judged.limit.value} if first is not None and judged.limit is not None else {}
        shaded = (judged.start, judged.end)
        parts = {
            "judgement.json": _json([self.board.view(each) for each in versions]),
            "report.txt": _report(self.board, judged, lacks).encode(),
            "readings.csv": readings_csv(series),
            "flags.csv": marks_csv(series),
            "marks.json": _json([msgspec.to_builtins(each) for each in marks]),
            "neighbours.csv": readings_csv(near),
            **frames,
            **log,
            "ticket.json": _json(ticket),
            "ledger.json": _json({"sequence": head.sequence, "hash": head.hash}),
            "plot.svg": svg(series, span, shaded, lines, {each: clock(each) for each in span}).encode(),
        }
        return seal(key, parts, lacks, made_ms)

    def _readings(self, judged: Judgement, span: tuple[int, int]) -> dict[str, list[Point]]:
        device = judged.subject.rpartition("/")[0]
        names = [f"{judged.subject}/{each}" for each in STATISTICS]
        names += [f"{device}/{code}/Rtd" for code in HELPERS]
        found = {name: self.history.range(name, *span) for name in names}
        return {name: points for name, points in found.items() if points}

    def _ticket(self, judged: Judgement) -> dict[str, Any] | None:
        try:
            return self.tickets.view(ticket_id(judged))
        except LookupError:
            return None


def _lacks(series: dict[str, Any], near: dict[str, Any], marks: bool, ticket: bool) -> list[Lack]:
    missing = []
    if not series:
        missing.append(Lack("readings", Text("历史库中没有该时段读数", "the history has no reading of that time")))
    if not any(near.values()):
        missing.append(
            Lack("neighbours", Text("10 km 内无同因子邻站读数", "no neighbour within 10 km has readings of it"))
        )
    if not marks:
        missing.append(Lack("marks", Text("企业未作标记", "the firm has entered no mark")))
    if not ticket:
        missing.append(Lack("ticket", Text("没有督办单", "there is no supervision ticket")))
    return missing


def _report(board: Board, judged: Judgement, lacks: list[Lack]) -> str:
    site, limit = board.city.site_title(judged.site), judged.limit
    confirmed = "" if limit is None or limit.confirmed else " （限值未经核实 / limit not confirmed）"
    lines = [
        f"{site.zh} / {site.en}  {judged.subject}",
        f"{clock(judged.start)} – {clock(judged.end)} (UTC+8)",
        f"{judged.verdict}  {judged.value} {judged.unit}  第 {judged.version} 版 / version {judged.version}{confirmed}",
        judged.reason.zh,
        judged.reason.en,
        *(_basis(limit) if limit is not None else []),
        "",
        "缺失部分 / missing parts:",
        *(f"  {each.part}: {each.why.zh} / {each.why.en}" for each in lacks),
        "",
    ]
    return "\n".join(lines)


def _basis(limit: LimitUsed) -> list[str]:
    said = [source_text(each) for each in (limit.source, limit.standard, limit.edition, limit.clause)]
    return ["{} · {} {} {}".format(*(each.zh for each in said)), "{} · {} {} {}".format(*(each.en for each in said))]


def _json(value: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value))
