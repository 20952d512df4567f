"""Two servers on one PostgreSQL store: one writes, the other takes over once the first is gone."""

import asyncio
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from alerts.single_writer import LOCK, SingleWriter
from streams.__main__ import main
from streams.writer_lock import take_turn, watch_turn, writer_of
from tests.patience import WITHIN_S, eventually
from tests.postgresql_server import PostgreSQL
from topics.errors import PartMissing


def test_sqlite_needs_no_lock() -> None:
    assert writer_of("sqlite:///store.db") is None


@pytest.mark.kafka
async def test_a_standby_takes_over_and_the_former_writer_notices(postgresql: PostgreSQL) -> None:
    url = postgresql.fresh()
    first, second = SingleWriter(url), SingleWriter(url)
    try:
        assert take_turn(first, standby=False, stopped=lambda: False)
        with pytest.raises(PartMissing, match="another server writes it"):
            take_turn(second, standby=False, stopped=lambda: False)
        took: list[bool] = []
        asked: list[bool] = []

        def stopped() -> bool:
            asked.append(True)
            return False

        standby = threading.Thread(
            target=lambda: took.append(take_turn(second, standby=True, stopped=stopped)), daemon=True
        )
        standby.start()
        await eventually(lambda: len(asked) > 1, "it has tried once, and is asked before it tries again")
        assert not took
        assert first.held()
        with sa.create_engine(url, poolclass=NullPool).connect() as other:  # what a lost connection is to PostgreSQL
            holder = sa.text(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = :o"
            )
            other.execute(holder, {"o": LOCK})
        with pytest.raises(PartMissing, match="expected to stay its only writer"):
            await watch_turn(first)
        await asyncio.to_thread(standby.join, WITHIN_S)
        assert took == [True]
    finally:
        first.close()
        second.close()


def test_a_standby_waits_for_a_database_that_is_away_and_can_be_ended() -> None:
    nobody = SingleWriter("postgresql+psycopg://citybrain@127.0.0.1:1/none")
    with pytest.raises(PartMissing, match="does not open"):
        take_turn(nobody, standby=False, stopped=lambda: False)
    asked = iter((False, True))
    assert not take_turn(nobody, standby=True, stopped=lambda: next(asked))


def test_migrate_may_be_run_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    said = []
    for _ in range(2):
        with pytest.raises(SystemExit) as ended:
            main(["store", "migrate", "--store", url, "--json"])
        assert ended.value.code == 0
        said.append(capsys.readouterr().out)
    assert '"revision": "0' in said[0]
    assert said[0] == said[1]
