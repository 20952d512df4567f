"""A real Apache Kafka (KRaft, one node) as a child process, for one machine and for tests."""

import contextlib
import ctypes
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from topics.errors import PartMissing
from topics.jars import jars
from topics.java import find_java

START_WITHIN_S = 60.0
STOP_WITHIN_S = 20.0

#: One node that is broker and controller. Nothing is created by itself: topics are declared (topics/declare.py).
CONFIG = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=8
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=8
group.initial.rebalance.delay.ms=0
num.network.threads=2
num.io.threads=4
num.recovery.threads.per.data.dir=2
log.cleaner.dedupe.buffer.size=16777216
"""

LOGGING = """\
status = error
appender.file.type = File
appender.file.name = file
appender.file.fileName = {log}
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d %p %c{{1}}: %m%n
rootLogger.level = warn
rootLogger.appenderRef.file.ref = file
"""


class EmbeddedKafka:
    """One Kafka node in ``folder``, which keeps its data from one start to the next.

    ``port`` 0 takes a free one, and keeps it over restarts of this object. ``heap_mb`` bounds the JVM.
    """

    start_within_s = START_WITHIN_S

    def __init__(
        self,
        folder: Path,
        *,
        port: int = 0,
        java_home: str | None = None,
        heap_mb: int = 512,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.folder = folder
        self.port = port
        self.java_home = java_home
        self.heap_mb = heap_mb
        self.say = say
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """``host:port`` for clients."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> str:
        """Start the broker and return ``bootstrap`` once it answers.

        Raises ``PartMissing`` in one sentence where Java, a jar or the port is missing or the broker ends early.
        """
        if self.process is not None:
            return self.bootstrap
        java = find_java(self.java_home)
        class_path = ":".join(str(path) for path in jars("kafka", self.say))
        self.port = _claim(self.port)
        config = self._write_config()
        self._format(java, class_path, config)
        with (self.folder / "stdout.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*self._command(java, class_path), "kafka.Kafka", str(config)],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C goes to us alone: we stop the broker last
                preexec_fn=die_with_parent,
            )
        self._wait_until_it_answers()
        return self.bootstrap

    def stop(self) -> None:
        """End the broker in good order; kill it where it does not end in time."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def kill(self) -> None:
        """End the broker at once, as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def __enter__(self) -> "EmbeddedKafka":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _command(self, java: Path, class_path: str) -> list[str]:
        return [
            str(java),
            f"-Xmx{self.heap_mb}m",
            "-XX:+UseSerialGC",  # two cores: a concurrent collector would take from the worker
            "-Xshare:auto",
            "-XX:TieredStopAtLevel=4",
            f"-Dlog4j2.configurationFile={self.folder / 'log4j2.properties'}",
            "-cp",
            class_path,
        ]

    def _write_config(self) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        config = self.folder / "server.properties"
        config.write_text(CONFIG.format(port=self.port, controller=_claim(0, but=self.port), data=self.folder / "data"))
        (self.folder / "log4j2.properties").write_text(LOGGING.format(log=self.folder / "server.log"))
        return config

    def _format(self, java: Path, class_path: str, config: Path) -> None:
        if (self.folder / "data" / "meta.properties").exists():
            return
        made = subprocess.run(
            [
                *self._command(java, class_path),
                *(
                    "kafka.tools.StorageTool",
                    "format",
                    "--cluster-id",
                    "Y2l0eWJyYWluLW9uZS1ub2Q",
                    "--config",
                    str(config),
                ),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode != 0:
            raise PartMissing(
                f"Kafka could not format {self.folder / 'data'}: {made.stderr.strip() or made.stdout.strip()}"
            )

    def _wait_until_it_answers(self) -> None:
        assert self.process is not None
        until = time.monotonic() + self.start_within_s
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise PartMissing(f"Kafka ended with status {self.process.returncode}: {self._last_words()}")
            if _serves(self.port):
                return
            time.sleep(0.1)
        self.kill()
        raise PartMissing(
            f"Kafka did not answer on {self.bootstrap} within {self.start_within_s:.0f} s: {self._last_words()}"
        )

    def _last_words(self) -> str:
        lines = []
        for name in ("stdout.log", "server.log"):
            path = self.folder / name
            if path.exists():
                lines += path.read_text(errors="replace").splitlines()[-3:]
        return " / ".join(lines) or "it said nothing"


def die_with_parent() -> None:
    """In the child: end when the parent does, even if that is killed (Linux; elsewhere nothing)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # 1 = PR_SET_PDEATHSIG


def _claim(port: int, but: int = 0) -> int:
    """A port nobody listens on: this one, or any where it is 0, but not the one we have claimed already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise PartMissing(f"Kafka: expected port {port} to be free, got: {error.strerror}") from error
        claimed = int(probe.getsockname()[1])
    return claimed if claimed != but else _claim(port, but)


def _serves(port: int) -> bool:
    """Whether a broker answers a Kafka ApiVersions request (key 18, version 0) on this port."""
    request = b"\x00\x12\x00\x00\x00\x00\x00\x01\xff\xff"
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as wire:
            wire.sendall(len(request).to_bytes(4, "big") + request)
            return len(wire.recv(4)) == 4
    except OSError:
        return False
