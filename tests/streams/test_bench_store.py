"""The bench of the store at a fiftieth of its size: it fills, every question is answered, and the figures are whole."""

from pathlib import Path

import pytest

from streams.bench_store import PROMISED_MS, Plan, bench_store
from tests.made_stores import made_store
from tests.postgresql_server import PostgreSQL

pytestmark = pytest.mark.kafka

ALARMS = 20_000


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return made_store(tmp_path)
    server: PostgreSQL = request.getfixturevalue("postgresql")
    return server.made_store()


def test_every_question_is_answered_over_thousands_of_alarms(url: str) -> None:
    said: list[str] = []
    told = bench_store(url, Plan(ALARMS, 2), said.append)
    assert told["alarms"] == ALARMS and told["database"] in url
    assert {"closed, deep", "judged by nobody", "story", "groups"} <= told["questions_ms"].keys()
    assert all(0 < at["p50"] <= at["p95"] <= at["max"] for at in told["questions_ms"].values())
    assert told["worst_p95_ms"] == max(at["p95"] for at in told["questions_ms"].values())
    assert told["promised_p95_ms"] == PROMISED_MS
    assert said[-1].startswith("groups")
    with pytest.raises(ValueError, match="expected an empty store"):
        bench_store(url, Plan(ALARMS, 1), said.append)
