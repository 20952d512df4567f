"""`citybrain bench evidence`: how soon all that is known of an exceedance is one sealed file, from a real history.

Stations stand some hundred metres apart, so each has neighbours; each sends one frame of four factors a minute.
"""

import datetime as dt
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from alerts.city import City
from alerts.evidence.sealed import faults_of
from alerts.judgements.board import Board
from alerts.judgements.evidence import JudgementEvidence
from alerts.stations.log import StationLog
from alerts.store import Store
from alerts.tickets.desk import Tickets
from records.registry import Device, SeriesMeta, Site, registry_of
from streams.frame_rows import FRAMES_FOLDER
from streams.frame_rows import SCHEMA as FRAMES
from streams.history_folder import SCHEMA, HistoryFolder, Place
from streams.history_reader import ParquetHistory
from streams.sources.hj212.crc import crc_text
from topics.domain import Domain
from topics.finding import Text
from topics.judgement import Judgement
from topics.mark import Mark
from topics.station_entry import StationEntry

#: Promised (acceptance row G28): one file within this.
PROMISED_MS = 1000.0
FACTORS = ("w01018", "w21003", "w21011", "w00000")
BEGIN_MS = 1_767_542_400_000
MINUTE, DAY = 60_000, 86_400_000
ROWS_A_DAY = 1440
ZONE = ZoneInfo("Asia/Shanghai")

Say = Callable[[str], None]
#: What a pack of an exceedance has where everything is there.
WHOLE = {
    "judgement.json", "readings.csv", "flags.csv", "marks.json", "neighbours.csv", "raw_frames.jsonl",
    "maintenance_log.jsonl", "pictures.jsonl", "ticket.json", "ledger.json", "plot.svg",
}  # fmt: skip


def bench_evidence(domain: Domain, stations: int, days: int, packs: int, seed: int, say: Say) -> dict[str, Any]:
    """Keep ``days`` of ``stations``, then make ``packs`` packs of an exceeding day each, of one station after the
    other. The first one reads everything for the first time; all are verified.
    """
    with tempfile.TemporaryDirectory(prefix="citybrain-bench-") as name:
        root = Path(name)
        rows = _keep(root / "history", stations, days, np.random.default_rng(seed))
        say(f"{rows:,} readings and {stations * days * ROWS_A_DAY:,} frames are kept")
        store = Store(f"sqlite:///{root / 'alerts.sqlite'}")
        history = ParquetHistory(root / "history")
        try:
            city = City([domain], registry_of(_registered(stations)))
            city.tick(BEGIN_MS + days * DAY)
            board, tickets = Board(store, city, _wall_ms), Tickets(store, city, _wall_ms)
            judged = [_judgement(each % stations, each % days) for each in range(packs)]
            _note(store, board, tickets, judged)
            return _measured(JudgementEvidence(board, tickets, history), judged) | {
                "stations": stations,
                "days": days,
                "readings": rows,
                "frames": stations * days * ROWS_A_DAY,
            }
        finally:
            history.close()
            store.close()


def _measured(evidence: JudgementEvidence, judged: list[Judgement]) -> dict[str, Any]:
    walls, cpus, sizes, faults = [], [], [], 0
    missing: set[str] = set()
    frames = 0
    for each in judged:
        wall, cpu = time.perf_counter(), time.process_time()
        made = evidence.pack(each.key, _wall_ms())
        cpus.append(1000 * (time.process_time() - cpu))
        walls.append(1000 * (time.perf_counter() - wall))
        assert made is not None, "the judgement was stored above"
        body, manifest = made
        faults += len(faults_of(body, manifest.head)[1])
        missing |= {lack.part for lack in manifest.missing} | (WHOLE - {part.name for part in manifest.parts})
        frames = max([frames, *(part.size for part in manifest.parts if part.name == "raw_frames.jsonl")])
        sizes.append(len(body))
    worst = max(walls)
    return {
        "packs": len(judged),
        "wall_ms": {"first": round(walls[0], 1), "p50": round(float(np.median(walls)), 1), "max": round(worst, 1)},
        "cpu_ms": {"first": round(cpus[0], 1), "p50": round(float(np.median(cpus)), 1), "max": round(max(cpus), 1)},
        "bytes": max(sizes),
        "raw_frames_bytes": frames,
        "faults": faults,
        "missing": sorted(missing),
        "promise_ms": PROMISED_MS,
        "promise_kept": worst < PROMISED_MS and not faults and not missing,
    }


def _keep(root: Path, stations: int, days: int, draw: np.random.Generator) -> int:
    """Write the history as its keeper does, day by day; how many readings."""
    count = 0
    with (
        HistoryFolder(root / "pollution", "readings.pollution") as readings,
        HistoryFolder(root / FRAMES_FOLDER, "raw-frames") as frames,
    ):
        for day in range(days):
            time_ms = BEGIN_MS + day * DAY + np.arange(ROWS_A_DAY) * MINUTE
            parts, raw = [], []
            for station in range(stations):
                values = np.round(draw.uniform(20, 60, (len(FACTORS), ROWS_A_DAY)), 2)
                for place, factor in enumerate(FACTORS):
                    series = f"{_site(station)}/{_mn(station)}/{factor}/Rtd"
                    parts.append(_readings(series, time_ms, values[place], count))
                    count += ROWS_A_DAY
                raw.append(_frames(station, time_ms, values, day * stations * ROWS_A_DAY + station * ROWS_A_DAY))
            end = BEGIN_MS + (day + 1) * DAY
            readings.append(pa.concat_tables(parts), {0: Place(count, count - 1, 1, end)})
            at = (day + 1) * stations * ROWS_A_DAY
            frames.append(pa.concat_tables(raw), {0: Place(at, at - 1, 1, end)})
    return count


def _readings(series: str, time_ms: "np.ndarray[Any, Any]", values: "np.ndarray[Any, Any]", offset: int) -> pa.Table:
    rows = len(time_ms)
    columns = {
        "series": [series] * rows, "time": time_ms, "value": values, "flag": ["N"] * rows, "backfill": [False] * rows,
        "received": time_ms, "partition": np.zeros(rows, np.int32), "offset": np.arange(offset, offset + rows),
        "period": np.zeros(rows, np.int64),
    }  # fmt: skip
    return pa.table(columns, schema=SCHEMA)


def _frames(station: int, time_ms: "np.ndarray[Any, Any]", values: "np.ndarray[Any, Any]", offset: int) -> pa.Table:
    rows = len(time_ms)
    columns = {
        "series": [_mn(station)] * rows, "time": time_ms + 700, "data_time": time_ms,
        "frame": [_frame(station, int(at), values[:, row]) for row, at in enumerate(time_ms)],
        "peer": ["10.20.0.7:5012"] * rows, "partition": np.zeros(rows, np.int32),
        "offset": np.arange(offset, offset + rows),
    }  # fmt: skip
    return pa.table(columns, schema=FRAMES)


def _frame(station: int, time_ms: int, values: "np.ndarray[Any, Any]") -> bytes:
    stamp = dt.datetime.fromtimestamp(time_ms / 1000, ZONE).strftime("%Y%m%d%H%M%S")
    said = ";".join(
        f"{name}-Rtd={value:.2f},{name}-Flag=N" for name, value in zip(FACTORS, values.tolist(), strict=True)
    )
    text = f"QN={stamp}000;ST=32;CN=2011;PW=123456;MN={_mn(station)};Flag=5;CP=&&DataTime={stamp};{said}&&"
    data = text.encode()
    return b"##%04d" % len(data) + data + crc_text(data) + b"\r\n"


def _registered(stations: int) -> Iterator[Site | Device]:
    factors = {name: SeriesMeta() for name in FACTORS}
    for each in range(stations):
        title = Text(f"{each} 号排口", f"outlet {each}")
        yield Site(_site(each), "pollution", title, "Works", "120116", 39.0, 117.7 + each * 0.003)
        yield Device(_mn(each), _site(each), "hj212", factors)


def _judgement(station: int, day: int) -> Judgement:
    start = BEGIN_MS + day * DAY
    return Judgement(
        subject=f"{_site(station)}/{_mn(station)}/w01018", period="day", start=start, end=start + DAY, version=1,
        verdict="exceeds", made=start + DAY + 3_600_000, cause="first", unit="mg/L", value=48.9,
        reason=Text("超过限值", "beyond the limit"),
    )  # fmt: skip


def _note(store: Store, board: Board, tickets: Tickets, judged: list[Judgement]) -> None:
    """What people enter: marks, maintenance, pictures; and the tickets that follow."""
    board.take(list({each.key: each for each in judged}.values()))
    tickets.judged(judged)
    log = StationLog(store)
    for number, each in enumerate(judged):
        site, device, _ = each.subject.split("/")
        board.enter(Mark(f"m{number}", site, "plant", "start-up", each.start, each.start + 3_600_000, each.made))
        log.take(
            [
                StationEntry(
                    f"n{number}", site, "maintenance", each.start, each.made, device=device, work="calibration"
                ),
                StationEntry(f"p{number}", site, "picture", each.start, each.made, link="https://example.org/p.jpg"),
            ],
            each.made,
        )


def _site(number: int) -> str:
    return f"bench-{number:05d}"


def _mn(number: int) -> str:
    return f"BE9C000A8900016F{number:08X}"


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000
