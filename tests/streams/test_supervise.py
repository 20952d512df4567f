"""Parts come up side by side, go down in the opposite order, and tell why they could not stay."""

import os
import signal
import sys
from pathlib import Path

import pytest

from streams.supervise import Part, PartEnded, Supervisor

SCRIPT = "import signal, sys, time\n"


class Scripted(Part):
    """A part that runs a few lines of Python in place of one of our commands."""

    def __init__(self, name: str, code: str, folder: Path) -> None:
        super().__init__(name, [], folder, dict(os.environ))
        (folder / f"{name}.py").write_text(SCRIPT + code)
        self.words = [str(folder / f"{name}.py")]

    def start(self) -> None:
        real, sys.executable = sys.executable, str(self._python())
        try:
            super().start()
        finally:
            sys.executable = real

    def _python(self) -> Path:
        shim = self.log.parent / f"{self.name}.sh"
        shim.write_text(f'#!/bin/sh\nshift 2\nexec {sys.executable} "$@"\n')
        shim.chmod(0o755)
        return shim


STAYS = (
    "signal.signal(signal.SIGTERM, lambda *a: sys.exit(0))\nprint('ready', flush=True)\nwhile True: time.sleep(0.05)\n"
)


def test_parts_are_stopped_last_first_and_end_well(tmp_path: Path) -> None:
    with Supervisor() as supervisor:
        supervisor.start(Scripted("a", STAYS, tmp_path), Scripted("b", STAYS, tmp_path))
        supervisor.check()
        assert supervisor.stop() == {"b": 0, "a": 0}


def test_what_a_library_calls_ready_is_not_yet_the_part(tmp_path: Path) -> None:
    early = "print('[INFO] [^---Recovery]: Worker ready', flush=True)\ntime.sleep(0.3)\n"
    with Supervisor() as supervisor:
        part = Scripted("a", early + STAYS, tmp_path)
        supervisor.start(part)
        assert part.said().splitlines()[-1] == "ready"


def test_a_part_that_cannot_start_says_why(tmp_path: Path) -> None:
    part = Scripted("a", "print('port 8400 is taken'); sys.exit(2)\n", tmp_path)
    with Supervisor() as supervisor, pytest.raises(PartEnded, match=r"a ended with status 2: port 8400 is taken"):
        supervisor.start(part)


def test_a_part_that_dies_later_is_noticed(tmp_path: Path) -> None:
    with Supervisor() as supervisor:
        part = Scripted("a", STAYS, tmp_path)
        supervisor.start(part)
        assert part.process is not None
        os.kill(part.process.pid, signal.SIGKILL)
        part.process.wait()
        with pytest.raises(PartEnded, match="a ended with status -9"):
            supervisor.check()


def test_a_second_start_waits_for_its_own_word(tmp_path: Path) -> None:
    part = Scripted("a", STAYS, tmp_path)
    with Supervisor() as supervisor:
        supervisor.start(part)
    (tmp_path / "a.py").write_text(SCRIPT + "sys.exit(3)\n")
    with Supervisor() as supervisor, pytest.raises(PartEnded, match="status 3"):
        supervisor.start(part)
