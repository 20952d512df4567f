"""The sizing model: what grows with what, and what a small city really takes beside it."""

from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from streams.__main__ import app
from streams.bench_capacity import Measure, run_city
from streams.sizing import City, Figures, judging_load, size
from topics.connection import KafkaConnection

#: The model may be wrong by so much, on a machine that others use too.
FACTOR = 4.0

FIGURES = Figures(
    reading_us=4, point_us=2, broker_us=2, log_bytes=300, state_bytes=1_000, point_bytes=4_000, history_bytes=13,
    base_mb=300, base_cores=0.0,
)  # fmt: skip


def test_a_city_of_a_million_points_that_report_once_a_minute() -> None:
    told = size(City(points=1_000_000, interval_s=60), FIGURES)
    # 16,667 readings/s of 4 us are 0.067 cores, a million points of 2 us are two; four with headroom.
    assert told.worker_load_cores == pytest.approx(2.067, abs=1e-3) and told.workers == 5
    # A million points of 1 kB in blocks of at most 256 kB, 64 a partition: 61.04, the next multiple of four.
    assert told.partitions == 64
    # Four workers have the fifth's points: 250,000 of 4 kB, and the worker itself.
    assert told.worker_memory_mb == 1_300
    assert told.log_gb == pytest.approx(1e6 / 60 * 86_400 * 7 * 300 * 3 / 1e9, abs=0.1)
    assert told.network_mb_per_s == pytest.approx(25.0)
    assert told.catch_up_h == pytest.approx(2.067 / (5 - 2.067), abs=0.01) and told.notes == []


def test_what_idle_workers_take_is_part_of_the_load() -> None:
    told = size(City(points=1_000_000, interval_s=60), msgspec.structs.replace(FIGURES, base_cores=0.1))
    # 2.067 cores with headroom over nine tenths of a core each: five; and each of them idles at a tenth.
    assert told.workers == 5 and told.worker_load_cores == pytest.approx(2.567, abs=1e-3)


def test_readings_cost_and_points_cost_each_by_itself() -> None:
    assert judging_load(0, 250_000, FIGURES) == pytest.approx(1.0)
    assert judging_load(500_000, 0, FIGURES) == pytest.approx(1.0)
    fast = size(City(points=10_000, interval_s=0.01), FIGURES)
    assert fast.worker_load_cores == pytest.approx(4.02) and fast.workers == 9 and fast.partitions == 20


def test_a_small_city_has_one_worker_and_room_to_grow() -> None:
    told = size(City(points=100, interval_s=60), FIGURES)
    assert (told.workers, told.partitions) == (1, 4)


def test_a_site_that_one_core_cannot_judge_is_named_and_one_that_keeps_others_idle_too() -> None:
    crowded = City(points=300_000, interval_s=1, largest_site=0.5)
    (note,) = size(crowded, FIGURES).notes
    assert "register that site as several" in note
    (note,) = size(City(points=150_000, interval_s=1, largest_site=0.5), FIGURES).notes
    assert "54% of the traffic: more than 1.8 workers are partly idle" in note
    assert size(City(points=60_000, interval_s=1, largest_site=0.01), FIGURES).notes == []


def test_the_command_takes_the_figures_of_ones_own_machines_and_refuses_what_are_none(tmp_path: Path) -> None:
    given = tmp_path / "capacity.json"
    given.write_bytes(msgspec.json.encode({"figures": {"reading_us": 8.0}}))
    words = ["size", "--points", "1000000", "--json", "--figures", str(given)]
    told = msgspec.json.decode(CliRunner().invoke(app, words).stdout)
    assert told["figures"]["reading_us"] == 8.0 and told["one_partition_per_s"] == 125_000
    given.write_text('{"figures": {"reading_us": "much"}}')
    refused = CliRunner().invoke(app, words)
    assert refused.exit_code != 0 and "reading_us" in str(refused.exception)


def test_a_city_is_not_watched_for_less_than_two_rounds_of_its_points() -> None:
    refused = CliRunner().invoke(app, ["bench", "capacity", "--interval-s", "60", "--seconds", "90"])
    assert refused.exit_code == 2 and "--interval-s" in refused.output


@pytest.mark.kafka
def test_a_small_city_takes_about_what_the_model_says(kafka: str, tmp_path: Path) -> None:
    """A thousandth of the example of docs/sizing.md, but ten times as often, on a real worker; the tenth and more by
    `citybrain bench capacity --points`."""
    told = run_city(KafkaConnection(kafka), tmp_path, Measure(points=1_000, interval_s=6, seconds=5.0), {})
    assert told["readings_per_s"] > 0  # the model speaks of those that came, however slow the machine was
    model = Figures().base_cores + judging_load(1_000, told["readings_per_s"], Figures())
    assert model / FACTOR < told["worker_cores"] < model * FACTOR
    # The base has room for the fetches of a backlog, which this city never has.
    assert 0 < told["worker_memory_mb"] < Figures().base_mb + 1_000 * Figures().point_bytes / 1e6
