"""A fit in a process of its own at the lowest priority, so that a day's fitting never takes time from judging."""

import asyncio
import contextlib
import datetime as dt
import json
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streams.settings import Settings, child_environment
from topics.broker import die_with_parent
from topics.errors import CityBrainError

#: How far a fit stands back: as far as a process can.
NICE = 19


class FitFailed(CityBrainError):
    """The process ended without a bundle; the text is its last words."""


@dataclass(frozen=True, slots=True)
class Made:
    """A bundle and what is to be said of it (``streams/fit_report.py``)."""

    body: bytes
    report: dict[str, Any]


class FittingProcess:
    """Runs `citybrain fit` with these settings; being cancelled ends the process."""

    def __init__(self, settings: Settings, nice: int = NICE) -> None:
        self.settings = settings
        self.nice = nice

    async def __call__(self, domain: str, point: int) -> Made:
        """The bundle of this event-time point (ms UTC). Raises ``FitFailed``."""
        until = dt.datetime.fromtimestamp(point / 1000, dt.UTC).isoformat()
        with tempfile.TemporaryDirectory(prefix="citybrain-fit-") as room:
            path = Path(room) / "models"
            words = ["fit", "--domain", domain, "--until", until, "--save", str(path), "--json"]
            said = await self._run(words)
            return Made(path.read_bytes(), json.loads(said))

    async def _run(self, words: list[str]) -> bytes:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "streams",
            *words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=child_environment(self.settings),
            preexec_fn=self._behave,
        )
        try:
            said, complaints = await process.communicate()
        except asyncio.CancelledError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            raise
        if process.returncode != 0:
            last = complaints.decode(errors="replace").strip().splitlines()
            raise FitFailed(f"fit ended with status {process.returncode}: {last[-1] if last else 'it said nothing'}")
        return said

    def _behave(self) -> None:
        die_with_parent()
        os.nice(self.nice)
