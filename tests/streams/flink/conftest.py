"""One real Flink cluster for the tests that need no cluster of their own."""

from collections.abc import Iterator

import pytest

from streams.flink.cluster import FlinkCluster
from tests.streams.flink.rig import need_flink


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlinkCluster]:
    need_flink()
    with FlinkCluster(tmp_path_factory.mktemp("flink")) as running:
        # Two of one slot each: what has parallelism 2 is on two TaskManagers, as on two machines.
        running.add_task_manager()
        yield running
