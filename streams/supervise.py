"""Parts of one machine as child processes: started in order, watched, and ended in the opposite order."""

import contextlib
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from topics.broker import die_with_parent
from topics.errors import CityBrainError

READY_WITHIN_S = 60.0
STOP_WITHIN_S = 20.0
#: Said by the part itself. A library's log has its brackets first: Faust calls a worker ready that has no partition.
READY = re.compile(r"^[^\[\n]*\bready\b", re.MULTILINE)


class PartEnded(CityBrainError):
    """A part ended that should have gone on; the text carries its last words."""


class Part:
    """One child process of ours: ``citybrain <words>`` with its output in ``<folder>/<name>.log``.

    It is ready when it has said a line with the word "ready".
    """

    ready_within_s = READY_WITHIN_S

    def __init__(self, name: str, words: Sequence[str], folder: Path, environment: dict[str, str]) -> None:
        self.name = name
        self.words = list(words)
        self.log = folder / f"{name}.log"
        self.environment = environment
        self.process: subprocess.Popen[bytes] | None = None
        self._from = 0

    def start(self) -> None:
        """Start the process; ``wait_ready`` follows, so that several parts come up side by side."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._from = log.tell()
            self.process = subprocess.Popen(
                [sys.executable, "-m", "streams", *self.words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self.environment,
                start_new_session=True,  # Ctrl-C reaches the supervisor alone, which ends the parts in order
                preexec_fn=die_with_parent,
            )

    def wait_ready(self) -> None:
        """Return when the part has said that it is ready; raise ``PartEnded`` where it ends or stays silent."""
        until = time.monotonic() + self.ready_within_s
        while time.monotonic() < until:
            if READY.search(self.said()):
                return
            self.check()
            time.sleep(0.05)
        raise PartEnded(f"{self.name} was not ready within {self.ready_within_s:.0f} s: {self.last_words()}")

    def check(self) -> None:
        """Raise ``PartEnded`` where the process is no more."""
        if self.process is not None and (status := self.process.poll()) is not None:
            raise PartEnded(f"{self.name} ended with status {status}: {self.last_words()}")

    def stop(self) -> int | None:
        """Ask the process to end (SIGTERM), kill it where it does not; its exit status, ``None`` if never started."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.process.returncode

    def said(self) -> str:
        """What this start of the process has written so far."""
        with self.log.open("rb") as log:
            log.seek(self._from)
            return log.read().decode(errors="replace")

    def last_words(self) -> str:
        """The last line it wrote, for an error message, with where the rest lies."""
        lines = [line for line in self.said().splitlines() if line.strip()]
        return f"{lines[-1] if lines else 'it said nothing'} (all of it: {self.log})"


class Supervisor:
    """Starts parts in the order they are added and stops them in the opposite order."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.stopping = threading.Event()

    def start(self, *parts: Part) -> None:
        """Start these side by side and wait until all are ready."""
        for part in parts:
            self.parts.append(part)
            part.start()
        for part in parts:
            part.wait_ready()

    def check(self) -> None:
        """Raise ``PartEnded`` for the first part that is no more."""
        for part in self.parts:
            part.check()

    def stop(self, *names: str) -> dict[str, int | None]:
        """Stop these parts, or all, last started first; their exit statuses."""
        chosen = [part for part in reversed(self.parts) if not names or part.name in names]
        statuses = {part.name: part.stop() for part in chosen}
        self.parts = [part for part in self.parts if part not in chosen]
        return statuses

    def __enter__(self) -> "Supervisor":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
