"""A real Flink cluster on this machine, loopback only: one JobManager and TaskManagers as processes of ours."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from streams.flink.home import class_path, flink_home, java_options
from streams.flink.rest import FlinkRest
from streams.settings import program_environment
from topics.broker import die_with_parent
from topics.errors import PartMissing
from topics.java import find_java

JOB_MANAGER = "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint"
TASK_MANAGER = "org.apache.flink.runtime.taskexecutor.TaskManagerRunner"

START_WITHIN_S = 60.0
STOP_WITHIN_S = 10.0

#: Memory of a TaskManager, MiB. The state lies in Python and in the heap; managed memory gathers the micro-batches.
HEAP_MB, OFF_HEAP_MB, NETWORK_MB, MANAGED_MB = 1408, 192, 96, 256

#: What runs for each record is compiled well within a second even so. What runs for each claim, in gRPC and Beam, would
#: keep the second compiler busy for minutes after each start, with up to a quarter of a core, and never earn it back.
COMPILE_LATER = (
    "-XX:Tier4InvocationThreshold=50000",
    "-XX:Tier4MinInvocationThreshold=6000",
    "-XX:Tier4CompileThreshold=150000",
    "-XX:Tier4BackEdgeThreshold=400000",
)

LOGGING = """\
status = error
appender.file.type = File
appender.file.name = file
appender.file.fileName = {log}
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d %p %c{{1}}: %m%n%throwable
rootLogger.level = {level}
rootLogger.appenderRef.file.ref = file
"""


class FlinkCluster:
    """``start`` brings up a JobManager and one TaskManager with ``slots``; every file is in ``folder``.

    ``options`` are Flink's own settings by their names, over those below. Killed with its parent, like the broker.
    """

    def __init__(
        self,
        folder: Path,
        *,
        slots: int = 1,
        java_home: str | None = None,
        options: Mapping[str, Any] | None = None,
        log_level: str = "info",
    ) -> None:
        self.folder = folder
        self.slots = slots
        self.java_home = java_home
        self.options = dict(options or {})
        self.log_level = log_level
        self.port = 0
        self.job_manager: subprocess.Popen[bytes] | None = None
        self.task_managers: list[subprocess.Popen[bytes]] = []
        self._java = Path()
        self._home = Path()

    @property
    def rest(self) -> str:
        """Where the JobManager is asked."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> str:
        """Start both and return ``rest`` once all slots are there.

        Raises ``PartMissing`` in one sentence where Flink or Java is missing or a process ends early.
        """
        self._home = flink_home()
        self._java = find_java(self.java_home)
        self.port = free_port()
        self._configure(free_port())
        # It only plans and watches: compiling its code well would cost more than it brings.
        words = ["-Xmx448m", "-XX:MaxMetaspaceSize=256m", "-XX:TieredStopAtLevel=1"]
        self.job_manager = self._run(JOB_MANAGER, "jobmanager", words, [])
        self.add_task_manager()
        return self.rest

    def add_task_manager(self) -> subprocess.Popen[bytes]:
        """One TaskManager more, or a new one in place of a killed one; returns once its slots are there."""
        direct = OFF_HEAP_MB + NETWORK_MB + 128
        heap = [f"-Xmx{HEAP_MB + 128}m", f"-XX:MaxDirectMemorySize={direct}m", "-XX:MaxMetaspaceSize=384m"]
        heap += COMPILE_LATER
        number = len(self.task_managers)
        started = self._run(TASK_MANAGER, f"taskmanager-{number}", heap, ["-D", f"taskmanager.resource-id=tm-{number}"])
        self.task_managers.append(started)
        self._wait("a TaskManager's slots", lambda: FlinkRest(self.rest).has(f"tm-{number}"))
        return started

    def groups(self) -> list[int]:
        """The process groups of everything that runs."""
        return [each.pid for each in [self.job_manager, *self.task_managers] if each is not None]

    def mend(self) -> None:
        """Start a TaskManager anew that has ended by itself. Raises ``PartMissing`` where it is the JobManager."""
        if self.job_manager is not None and self.job_manager.poll() is not None:
            status = self.job_manager.returncode
            raise PartMissing(f"Flink's JobManager ended with status {status}; its log: {self._log('jobmanager')}")
        if self.task_managers and self.task_managers[-1].poll() is not None:
            _end_group(self.task_managers[-1].pid)
            self.add_task_manager()

    def stop(self) -> None:
        """End all of it, TaskManagers first."""
        for process in [*reversed(self.task_managers), self.job_manager]:
            if process is None:
                continue
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(STOP_WITHIN_S)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
            _end_group(process.pid)
        self.task_managers, self.job_manager = [], None

    def __enter__(self) -> "FlinkCluster":
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _configure(self, rpc_port: int) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in ("tmp", "logs"):
            (self.folder / name).mkdir(exist_ok=True)
        options: dict[str, Any] = {
            "jobmanager.rpc.address": "127.0.0.1",
            "jobmanager.rpc.port": rpc_port,
            "jobmanager.bind-host": "127.0.0.1",
            "rest.address": "127.0.0.1",
            "rest.bind-address": "127.0.0.1",
            "rest.port": self.port,
            "taskmanager.host": "127.0.0.1",
            "taskmanager.bind-host": "127.0.0.1",
            "taskmanager.numberOfTaskSlots": self.slots,
            "taskmanager.cpu.cores": float(self.slots),
            "taskmanager.memory.task.heap.size": f"{HEAP_MB}m",
            "taskmanager.memory.task.off-heap.size": f"{OFF_HEAP_MB}m",
            "taskmanager.memory.network.min": f"{NETWORK_MB}m",
            "taskmanager.memory.network.max": f"{NETWORK_MB}m",
            "taskmanager.memory.managed.size": f"{MANAGED_MB}m",
            "taskmanager.memory.framework.heap.size": "128m",
            "taskmanager.memory.framework.off-heap.size": "128m",
            "taskmanager.memory.jvm-metaspace.size": "384m",
            "taskmanager.memory.jvm-overhead.min": "192m",
            "taskmanager.memory.jvm-overhead.max": "192m",
            "io.tmp.dirs": str(self.folder / "tmp"),
            "env.java.opts.all": " ".join(java_options(self._home)),
            "env.log.dir": str(self.folder / "logs"),
            # A killed TaskManager is missed this fast; Flink's own 50 s would be a gap in the alarms.
            "heartbeat.interval": "1 s",
            "heartbeat.timeout": "6 s",
            "pekko.ask.timeout": "20 s",
            **self.options,
        }
        (self.folder / "config.yaml").write_text(yaml.safe_dump(options), encoding="utf-8")

    def _run(self, main: str, name: str, memory: list[str], more: list[str]) -> subprocess.Popen[bytes]:
        logging = self.folder / f"{name}.log4j.properties"
        logging.write_text(LOGGING.format(log=self._log(name), level=self.log_level), encoding="utf-8")
        words = [str(self._java), *memory, "-XX:+UseSerialGC", *java_options(self._home)]
        words += [f"-Dlog4j.configurationFile={logging}", f"-Dlog.file={self._log(name)}"]
        words += ["-cp", class_path(self._home), main, "--configDir", str(self.folder), *more]
        environment = program_environment(
            FLINK_HOME=str(self._home),
            FLINK_CONF_DIR=str(self.folder),
            FLINK_PLUGINS_DIR=str(self._home / "plugins"),
            FLINK_OPT_DIR=str(self._home / "opt"),
            FLINK_LIB_DIR=str(self._home / "lib"),
            MALLOC_ARENA_MAX="2",
        )
        with (self.folder / "logs" / f"{name}.out").open("ab") as out:
            return subprocess.Popen(
                words,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=environment,
                start_new_session=True,  # a group of its own: what a killed TaskManager leaves behind is found by it
                preexec_fn=die_with_parent,
            )

    def _log(self, name: str) -> Path:
        return self.folder / "logs" / f"{name}.log"

    def _wait(self, what: str, there: Callable[[], bool]) -> None:
        until = time.monotonic() + START_WITHIN_S
        while time.monotonic() < until:
            if there():
                return
            for process in [self.job_manager, *self.task_managers[-1:]]:
                if process is not None and process.poll() is not None:
                    raise PartMissing(f"Flink: expected {what}, got a process that ended; logs: {self.folder / 'logs'}")
            time.sleep(0.1)
        raise PartMissing(
            f"Flink: expected {what} within {START_WITHIN_S:.0f} s, got none; logs: {self.folder / 'logs'}"
        )


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _end_group(group: int) -> None:
    """End what is left of a process group of ours: Python workers outlive a TaskManager that was killed."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
