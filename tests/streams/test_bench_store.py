"""The bench of the store at a tenth of its size: it fills, every question is answered, and the figures are whole."""

from pathlib import Path

import pytest

from streams.bench_store import PROMISED_MS, Plan, bench_store
from tests.postgresql_server import PostgreSQL

pytestmark = pytest.mark.kafka

TENTH = 100_000


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    server: PostgreSQL = request.getfixturevalue("postgresql")
    return server.fresh()


@pytest.mark.timeout(300)
def test_every_question_is_answered_over_a_hundred_thousand_alarms(url: str) -> None:
    said: list[str] = []
    told = bench_store(url, Plan(TENTH, 2), said.append)
    assert told["alarms"] == TENTH and told["database"] in url
    assert {"closed, deep", "judged by nobody", "story", "groups"} <= told["questions_ms"].keys()
    assert all(0 < at["p50"] <= at["p95"] <= at["max"] for at in told["questions_ms"].values())
    assert told["worst_p95_ms"] == max(at["p95"] for at in told["questions_ms"].values())
    assert told["promised_p95_ms"] == PROMISED_MS
    assert said[-1].startswith("groups")
    with pytest.raises(ValueError, match="expected an empty store"):
        bench_store(url, Plan(TENTH, 1), said.append)
