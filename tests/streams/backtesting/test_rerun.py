"""A look back finds what the worker found: from the log, from the history, and from a CSV of the same readings."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from detectors.kernel import Kernel
from streams.backtesting.file_past import FilePast
from streams.backtesting.history_past import HistoryPast
from streams.backtesting.open_book import OpenBook
from streams.backtesting.past import Past, Place, control_of
from streams.backtesting.rerun import Plan, Replayed, Rerun
from streams.backtesting.trace import Watched
from streams.batch import Batch, decode
from streams.history_folder import HistoryFolder
from streams.lane import Lane
from streams.specs import SpecBook
from tests.streams.drifting_works import Works, table
from topics.codec import encode
from topics.errors import ConfigurationError, PartMissing
from topics.finding import Finding
from topics.reading import LATEST_MS, Control, Reading

ZONE = ZoneInfo("Asia/Shanghai")
#: What three sensors jump by.
JUMP = 600.0


class Written(Past):
    """A log in memory: records by partition, cut as a consumer might, models by ref."""

    topic = "readings.works"

    def __init__(self, works: Works, messages: list[Reading | Control], cut: int) -> None:
        self.works, self.cut = works, cut
        self.logs: list[list[Place]] = [[] for _ in range(works.domain.partitions)]
        for message in messages:
            control = isinstance(message, Control)
            for partition in range(len(self.logs)) if control else [works.partition(message.series)]:
                log = self.logs[partition]
                log.append(Place(len(log), 1, None, encode(message)))

    @property
    def partitions(self) -> int:
        return len(self.logs)

    def batches(self, partition: int) -> Iterator[Batch]:
        log = self.logs[partition]
        for first in range(0, len(log), self.cut):
            yield decode(log[first : first + self.cut])

    def expected(self) -> int:
        return sum(map(len, self.logs))

    def begins(self) -> int:
        return 0


def days(works: Works, length: float = 0.75) -> list[Reading | Control]:
    """Days with a jump of three sensors in the last one, and three that fall silent."""
    messages = list(works.days(length, silent=frozenset({11, 12, 13})))
    jump = works.now - 5 * 3_600_000
    odd = {works.names[place] for place in (0, 4, 15)}
    return [
        msgspec.structs.replace(each, value=(each.value or 0.0) + JUMP)
        if isinstance(each, Reading) and each.series in odd and jump <= each.time < jump + 3_600_000
        else each
        for each in messages
        if not (isinstance(each, Reading) and each.value != each.value)
    ]


def live(works: Works, log: Written) -> list[Finding]:
    """What a worker's lanes say, fetch by fetch."""
    found: list[Finding] = []
    for partition, records in enumerate(log.logs):
        kernel = Kernel(works.domain, log.topic, partition)
        lane = Lane(kernel, SpecBook(works.registry(), works.domain), partition, log.partitions, lambda _: None)
        for first in range(0, len(records), 61):
            found += lane.judge(decode(records[first : first + 61])).findings
    return found


def plan(works: Works, **more: Any) -> Plan:
    registry = works.registry()
    return Plan(works.domain, lambda pack: SpecBook(registry, pack), **more)


def replayed(works: Works, past: Past, **more: Any) -> Replayed:
    return Rerun(past, plan(works, **more)).play()


@pytest.fixture(scope="module")
def story() -> tuple[Works, list[Reading | Control], list[Finding]]:
    works = Works("works", 20, drift=99)
    messages = days(works)
    found = live(works, Written(works, messages, 61))
    assert {each.detector for each in found} >= {"anomaly", "missing"} and len(found) > 4
    return works, messages, found


def test_the_same_log_gives_the_same_findings_byte_for_byte(
    story: tuple[Works, list[Reading | Control], list[Finding]],
) -> None:
    works, messages, found = story
    again = replayed(works, Written(works, messages, 997))
    assert [encode(each) for each in again.findings] == [encode(each) for each in found]
    assert again.readings == sum(isinstance(each, Reading) for each in messages)
    assert set(again.sensors) == set(works.names) and not again.refused


def test_tracing_series_changes_no_finding_and_shows_what_opened_them(
    story: tuple[Works, list[Reading | Control], list[Finding]],
) -> None:
    works, messages, found = story
    watched = Watched({works.names[0]: (works.now - 6 * 3_600_000, works.now)})
    again = Rerun(Written(works, messages, 500), plan(works)).play(watched=watched)
    assert [encode(each) for each in again.findings] == [encode(each) for each in found]
    trace = watched.traces[works.names[0]]
    assert set(watched.traces) == {works.names[0]} and len(trace.time) in (36, 37)
    odd = next(each for each in found if each.subject == works.names[0] and each.detector == "anomaly")
    place = trace.time.index(odd.time)
    assert trace.value[place] == odd.value and trace.rarity[place] > trace.rarity[place - 1]
    assert trace.expected[place] == pytest.approx((odd.value or 0.0) - JUMP, abs=25.0)


def test_the_history_finds_what_the_log_found_with_the_same_places(
    story: tuple[Works, list[Reading | Control], list[Finding]], tmp_path: Path
) -> None:
    works, messages, found = story
    log = Written(works, messages, 1)
    with HistoryFolder(tmp_path / "works", works.domain.topic) as folder:
        for partition, records in enumerate(log.logs):
            batch = decode(records)
            rows = [row for row in batch.fetch.rows if not row.series.startswith("~")]
            at = [r.offset for r, row in zip(records, batch.fetch.rows, strict=True) if not row.series.startswith("~")]
            kept = table(rows, 0).to_pydict() | {"partition": [partition] * len(rows), "offset": at}
            folder.append(type(table(rows, 0)).from_pydict(kept, schema=table([], 0).schema), {})
    past = HistoryPast(tmp_path, "works", works.domain.topic, 2, 0, LATEST_MS)
    again = replayed(works, past)
    past.close()

    def rows_of(findings: list[Finding]) -> set[tuple[Any, ...]]:
        spoken = (each for each in findings if each.detector in ("limit", "range", "stuck", "anomaly"))
        return {(each.id, each.seq, each.origin.partition, each.origin.last_offset, each.text.en) for each in spoken}

    assert rows_of(again.findings) == rows_of(found) and rows_of(found)
    silent = {each.id for each in found if each.detector == "missing"}
    assert {each.id for each in again.findings if each.detector == "missing"} <= silent
    with pytest.raises(PartMissing, match="citybrain history"):
        HistoryPast(tmp_path / "nowhere", "works", works.domain.topic, 2, 0, LATEST_MS)


def test_a_csv_of_them_finds_the_same_episodes_without_broker_or_registry(
    story: tuple[Works, list[Reading | Control], list[Finding]], tmp_path: Path
) -> None:
    works, messages, found = story
    readings = [each for each in messages if isinstance(each, Reading)]
    lines = [f"{each.series},{each.time},{each.value}" for each in readings]
    path = tmp_path / "readings.csv"
    path.write_text("\n".join(["series,time,value", *sorted(lines), "elsewhere/p/other/Rtd,2015-08-12,1"]))
    again = Rerun(FilePast(path, ZONE), Plan(works.domain, OpenBook)).play()
    limits = {each.id for each in found if each.detector in ("limit", "anomaly")}
    assert {each.id for each in again.findings if each.detector in ("limit", "anomaly")} == limits
    assert again.refused == {"unknown_quantity": 1} and again.findings[0].origin.topic == "readings.csv"


@pytest.mark.parametrize("kind", ["ms", "city", "utc"])
def test_a_parquet_file_gives_the_rows_that_a_csv_of_it_would(tmp_path: Path, kind: str) -> None:
    times = [1_439_334_000_250 + step * 60_000 for step in range(3)]
    column = {
        "ms": pa.array(times, pa.int64()),
        "city": pa.array([each + 8 * 3_600_000 for each in times], pa.timestamp("ms")),  # a wall clock in Shanghai
        "utc": pa.array([each * 1000 for each in times], pa.timestamp("us", "UTC")),
    }[kind]
    path = tmp_path / "readings.parquet"
    values = pa.array([0.1 + 0.2, None, float("nan")])
    table = {
        "note": ["x"] * 3,
        "value": values,
        "time": column,
        "series": ["a/b/c/Rtd"] * 3,
        "backfill": [True, False, None],
    }
    pq.write_table(pa.table(table), path)
    assert [(row.series, row.time, row.value, row.flag, row.backfill) for row in FilePast(path, ZONE).rows] == [
        ("a/b/c/Rtd", times[0], 0.1 + 0.2, "N", True),
        ("a/b/c/Rtd", times[1], None, "N", False),
        ("a/b/c/Rtd", times[2], None, "N", False),
    ]


def test_a_bad_parquet_file_is_refused_with_its_row(tmp_path: Path) -> None:
    path = tmp_path / "readings.parquet"
    path.write_text("series,time,value\n")
    with pytest.raises(ConfigurationError, match="expected a Parquet file"):
        FilePast(path, ZONE)
    pq.write_table(pa.table({"series": ["a/b/c/Rtd"] * 2, "time": ["2026-01-01", "soon"], "value": [1.0, 2.0]}), path)
    with pytest.raises(ConfigurationError, match=r"readings.parquet: row 2: time: expected ISO 8601"):
        FilePast(path, ZONE)


def test_models_learnt_from_the_first_days_are_in_force_after_them_and_nothing_is_told_before() -> None:
    works = Works("works", 60, drift=99)  # a third of the rows of the first day and a half calibrates
    messages = days(works, 2)
    until = works.now - 43_200_000
    again = replayed(works, Written(works, messages, 400), fit_until=until)
    assert again.models.startswith("works@") and again.findings and again.first_ms >= until
    assert min(each.time for each in again.findings) >= until
    odd = [each for each in again.findings if each.detector == "anomaly" or each.family == "limit"]
    assert {works.names[0], works.names[4], works.names[15]} <= {each.subject for each in odd}
    assert any(each.versions.get("models") for each in again.findings)


def test_controls_of_the_log_are_left_out_where_another_pack_is_tried(
    story: tuple[Works, list[Reading | Control], list[Finding]],
) -> None:
    works, messages, found = story
    log = Written(works, [Control("~model", works.now - 86_400_000, ref="works@gone"), *messages], 300)
    assert replayed(works, log).refused == {"schema_mismatch": 2}  # what the worker would have said too
    alone = replayed(works, log, follow_log=False)
    assert not alone.refused and {each.id for each in alone.findings} == {each.id for each in found}
    assert control_of(Control("~tick", works.now), 7).records[0].offset == 7


def test_a_candidate_that_ran_in_the_shadow_is_nothing_to_a_look_back(
    story: tuple[Works, list[Reading | Control], list[Finding]],
) -> None:
    works, messages, found = story
    log = Written(works, [Control("~shadow", works.now - 86_400_000, ref="trial/gone@1"), *messages], 300)
    again = replayed(works, log)
    assert {each.id for each in again.findings} == {each.id for each in found}
    assert again.refused == replayed(works, Written(works, messages, 300)).refused  # and nothing is said of it


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("series,value\na/b/c/d,1\n", "no time"),
        ("series,time,value\na/b/c/d,yesterday,1\n", "line 2: time: expected ISO 8601"),
        ("series,time,value\na/b/c/d,2026-01-01,much\n", "line 2: could not convert"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=said):
        FilePast(path, ZONE)
