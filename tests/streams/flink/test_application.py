"""The job on a cluster that others have started: by our command, and as the program that Flink's Kubernetes operator
starts, by its own PythonDriver and told all by settings. Such a cluster knows of Python only what comes along."""

import asyncio
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.flink.home import flink_home
from streams.flink.rest import FlinkRest
from streams.flink.resume import newest_point
from streams.settings import program_environment
from tests.streams.flink.city_cluster import city_cluster
from tests.streams.flink.rig import Said, need_flink
from tests.streams.flink.test_run import FlinkWorker
from tests.streams.trial import Trial
from topics.java import find_java

pytestmark = [pytest.mark.flink, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    need_flink()
    with city_cluster(tmp_path_factory.mktemp("city") / "cluster") as address:
        yield address


async def test_our_command_gives_its_job_to_the_citys_own_cluster(kafka: str, cluster: str, tmp_path: Path) -> None:
    trial = Trial(kafka, tmp_path, "citycluster", series=100)
    await trial.prepare()
    worker = FlinkWorker(trial, tmp_path, "worker")
    worker.words += ["--cluster", cluster]
    worker.start()
    try:
        await asyncio.to_thread(worker.wait_ready)
        await trial.load(1_000, 3)
        expected, said = await trial.serial(), Said(trial, {})
        await said.until(len(expected.findings), worker.check)
        assert await said.findings() == expected.findings and expected.findings
    finally:
        worker.stop()


async def test_it_judges_and_leaves_its_savepoint_where_it_looks_for_one(
    kafka: str, cluster: str, tmp_path: Path
) -> None:
    trial = Trial(kafka, tmp_path, "application", series=100)
    await trial.prepare()
    job = await asyncio.to_thread(run_program, kafka, cluster, tmp_path, trial)
    rest = FlinkRest(f"http://{cluster}")
    await trial.load(1_000, 3)
    expected, said = await trial.serial(), Said(trial, {})
    await said.until(len(expected.findings), lambda: rest.state(job))
    assert await said.findings() == expected.findings and expected.findings
    folder = tmp_path / "data" / "flink" / trial.group
    saved = await asyncio.to_thread(rest.savepoint, job, folder / "savepoints", stop=True)
    assert newest_point(folder) == saved


def run_program(kafka: str, cluster: str, folder: Path, trial: Trial) -> str:
    """`flink run` with the words of helm/citybrain/templates/flink.yaml; the job's id."""
    home = flink_home()
    words = [str(home / "bin" / "flink"), "run", "-d", "-m", cluster]
    words += ["-pyclientexec", sys.executable, "-pyexec", sys.executable, "-pym", "streams.flink.application"]
    words += [trial.group, trial.domain.name]
    environment = program_environment(
        FLINK_CONF_DIR=str(home / "conf"),
        FLINK_LOG_DIR=str(folder),
        JAVA_HOME=str(find_java(None).parent.parent),
        JVM_ARGS="-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
        CITYBRAIN_BROKERS=kafka,
        CITYBRAIN_DATA_DIR=str(folder / "data"),
    )
    done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=200, check=False)
    told = re.search(r"JobID ([0-9a-f]{32})", done.stdout)
    assert done.returncode == 0 and told is not None, done.stdout + done.stderr
    return told[1]
