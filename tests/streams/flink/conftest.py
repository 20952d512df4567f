"""One real Flink cluster for the tests that need no cluster of their own."""

from collections.abc import Iterator

import pytest

from streams.flink.cluster import FlinkCluster
from tests.streams.flink.rig import need_flink


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlinkCluster]:
    need_flink()
    with FlinkCluster(tmp_path_factory.mktemp("flink"), slots=2) as running:
        yield running
