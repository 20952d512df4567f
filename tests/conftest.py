"""What the whole suite shares: one real broker, and programs that may be absent on a user's machine."""

import os
import shutil
from collections.abc import Callable, Iterator

import pytest

from topics.broker import EmbeddedKafka


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """``host:port`` of a real Kafka that lives as long as the suite; use topic names of your own."""
    with EmbeddedKafka(tmp_path_factory.mktemp("kafka")) as broker:
        yield broker.bootstrap


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
