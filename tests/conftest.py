"""What the whole suite shares: a real broker, a real PostgreSQL, and programs that may be absent on the machine."""

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
import structlog
from hypothesis import HealthCheck, settings

from tests.brief_kafka import BriefKafka
from tests.postgresql_server import PostgreSQL, find_initdb

# How long one example takes says more about what else the machine is doing than about us; speed is for benchmarks.
# Where nobody may be skipped the examples are drawn from the tests themselves, so that a change is refused for what it
# does and never for its luck; everywhere else they are new ones at each run, which find what nobody thought of.
settings.register_profile(
    "citybrain",
    deadline=None,
    derandomize=bool(os.environ.get("CITYBRAIN_NO_SKIP")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("citybrain")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """kafka-python 3.0 forgets a socket where a client is closed with a request still in its buffer
    (``KafkaTCPTransport.close``); it is found whenever the collector runs, in whatever test that is."""
    forgotten = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
    for item in items:
        if any(item.get_closest_marker(name) for name in ("kafka", "flink", "demo")):
            item.add_marker(forgotten)


@pytest.fixture(autouse=True)
def _logs_of_its_own() -> Iterator[None]:
    """A command run in a test writes its log where that test captured it; the next test cannot write there."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """``host:port`` of a real Kafka that lives as long as the suite; use topic names of your own."""
    with BriefKafka(tmp_path_factory.mktemp("kafka")) as broker:
        yield broker.bootstrap
        broker.kill()  # nobody reads it again, and in good order it would take half a minute over so many topics


@pytest.fixture(scope="session")
def program() -> Callable[[str], str]:
    """Path of an optional program; skips with its name where it is absent, fails where skips are forbidden."""

    def find(name: str) -> str:
        path = shutil.which(name)
        if path is None:
            missing = f"{name} is not on this machine; install it to run this test"
            if os.environ.get("CITYBRAIN_NO_SKIP"):
                pytest.fail(missing)
            pytest.skip(missing)
        return path

    return find


@pytest.fixture(scope="session")
def postgresql(program: Callable[[str], str]) -> Iterator[PostgreSQL]:
    """A real PostgreSQL that lives as long as the suite."""
    server = PostgreSQL(find_initdb(program))
    yield server
    server.stop()
