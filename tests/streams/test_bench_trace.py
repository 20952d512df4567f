"""The benchmark of traces at a thousandth: every kind of bad thing is asked both ways, and a filled store is kept."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from pytest import MonkeyPatch

from alerts.store import Store
from streams import bench_trace
from streams.bench_trace import CYCLE, chain
from tests.postgresql_server import PostgreSQL


@pytest.fixture
def url(tmp_path: Path) -> str:
    """The URL of an empty store."""
    return f"sqlite:///{tmp_path / 'store.db'}"


def test_each_kind_is_traced_both_ways_and_a_filled_store_is_not_filled_again(url: str) -> None:
    said: list[str] = []
    told = bench_trace.bench_trace(url, 650, 4, 2, said.append)
    for part in ("forward", "holders", "backward"):
        assert sum(each["answers"] for each in told[part]) == 4, part
    assert max(each["largest"] for each in told["forward"]) > 200  # a common lot went into everything
    assert told["by"] == "processor" and told["kept"] == (told["worst_cpu_s"] < 1.0)
    again = bench_trace.bench_trace(url, 650, 4, 2, said.append)
    assert again["fill_cpu_s"] == 0.0 and "the store has the chain already" in said


@pytest.mark.kafka
def test_of_a_postgresql_on_this_machine_its_own_processor_counts_too(postgresql: PostgreSQL) -> None:
    store = Store(postgresql.fresh())
    try:
        with store.read() as connection:
            backend = bench_trace._backend(connection)
            assert backend is not None
            busy = sa.text("SELECT count(*) FROM generate_series(1, 2000000)")
            _, timed = bench_trace._timed(lambda: connection.execute(busy).scalar_one(), backend)
            _, alone = bench_trace._timed(lambda: connection.execute(busy).scalar_one(), None)
    finally:
        store.close()
    assert timed.cpu_s > alone.cpu_s


def test_a_promise_that_is_not_kept_is_said(url: str, monkeypatch: MonkeyPatch) -> None:
    monkeypatch.setattr(bench_trace, "PROMISED_S", 0.0)
    assert not bench_trace.bench_trace(url, 130, 1, 2, print)["kept"]


def test_a_turn_of_the_chain_is_as_long_as_it_says() -> None:
    starts = [each for each in chain(4 * CYCLE, 1) if each.epcis["type"] == "TransformationEvent"]
    assert [int(each.id.removeprefix("bench-")) for each in starts] == [3 + CYCLE * turn for turn in range(4)]
