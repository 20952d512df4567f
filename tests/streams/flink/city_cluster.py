"""A cluster as Flink's own scripts start it, with nothing of ours on its class path."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import yaml

from streams.flink.cluster import free_port
from streams.flink.home import flink_home
from streams.settings import program_environment
from tests.patience import at_last
from topics.java import find_java

STARTED_WITHIN_S = 60.0


@contextlib.contextmanager
def city_cluster(folder: Path) -> Iterator[str]:
    """JobManager and TaskManager by ``jobmanager.sh`` and ``taskmanager.sh``, with Flink's configuration but for its
    ports; where the JobManager is asked, host and port."""
    home, port = flink_home(), free_port()
    conf = folder / "conf"
    conf.mkdir(parents=True)
    for each in (home / "conf").iterdir():
        (conf / each.name).write_bytes(each.read_bytes())
    options = yaml.safe_load((conf / "config.yaml").read_text(encoding="utf-8"))
    options["rest"]["port"] = port
    options["jobmanager"]["rpc"]["port"] = free_port()
    options["io.tmp.dirs"] = str(folder / "tmp")
    (conf / "config.yaml").write_text(yaml.safe_dump(options), encoding="utf-8")
    (folder / "tmp").mkdir()
    environment = program_environment(
        FLINK_HOME=str(home),
        FLINK_CONF_DIR=str(conf),
        FLINK_LOG_DIR=str(folder),
        FLINK_PID_DIR=str(folder),
        JAVA_HOME=str(find_java(None).parent.parent),
    )
    started = []
    try:
        for script in ("jobmanager.sh", "taskmanager.sh"):
            with (folder / f"{script}.log").open("wb") as log:
                words = [str(home / "bin" / script), "start-foreground"]
                started.append(
                    subprocess.Popen(
                        words, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
                    )
                )
        at_last(lambda: slots(port), "a slot of its TaskManager", within_s=STARTED_WITHIN_S)
        yield f"127.0.0.1:{port}"
    finally:
        for process in reversed(started):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def slots(port: int) -> int:
    """How many the JobManager knows of, 0 while it does not answer."""
    try:
        return int(httpx.get(f"http://127.0.0.1:{port}/overview").json()["slots-total"])
    except (httpx.HTTPError, ValueError):
        return 0
