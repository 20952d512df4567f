"""What a JobManager is asked and told over its REST interface."""

import time
from pathlib import Path
from typing import Any

import httpx

from topics.errors import CityBrainError, PartMissing

ANSWER_WITHIN_S = 10.0
SAVED_WITHIN_S = 120.0

#: States of a job that it never leaves.
ENDED = ("FINISHED", "FAILED", "CANCELED")


#: No connection is kept: a JobManager that comes back would be asked on a dead one. What it costs to make a client,
#: tens of milliseconds of reading certificates, is spent once and not with each question.
_CLIENT = httpx.Client(timeout=ANSWER_WITHIN_S, limits=httpx.Limits(max_keepalive_connections=0))


class JobEnded(CityBrainError):
    """The job is over though nobody ended it; the text says why."""


class FlinkRest:
    """``base`` is the JobManager's address, ``http://host:port``."""

    def __init__(self, base: str) -> None:
        self.base = base.rstrip("/")

    def answers(self) -> bool:
        """Whether a JobManager is there."""
        try:
            return bool(self._get("/overview"))
        except CityBrainError:
            return False

    def has(self, task_manager: str) -> bool:
        """Whether the JobManager is there and knows a TaskManager of this id."""
        try:
            return task_manager in [each["id"] for each in self._get("/taskmanagers")["taskmanagers"]]
        except CityBrainError:
            return False

    def state(self, job: str) -> str:
        """The job's state in Flink's words; RUNNING only once all of its tasks do. Raises ``JobEnded``."""
        told = self._get(f"/jobs/{job}")
        state: str = told["state"]
        if state in ENDED:
            raise JobEnded(f"Flink job {job}: {state}: {self.why(job)}")
        working = all(vertex["status"] == "RUNNING" for vertex in told["vertices"])
        return state if state != "RUNNING" or working else "INITIALIZING"

    def why(self, job: str) -> str:
        """The last failure that the JobManager knows of, its last cause first."""
        history = self._get(f"/jobs/{job}/exceptions").get("exceptionHistory", {}).get("entries", [])
        if not history:
            return "no failure is known"
        lines = history[0]["stacktrace"].strip().splitlines()
        causes = [line.strip() for line in lines if line.startswith(("Caused by:", "topics.", "streams."))]
        return str((causes or lines or [history[0]["exceptionName"]])[-1])

    def restarts(self, job: str) -> int:
        """How often the job has been started again after a failure."""
        entries = self._get(f"/jobs/{job}/exceptions").get("exceptionHistory", {}).get("entries", [])
        return len(entries)

    def checkpoints(self, job: str) -> int:
        """How many checkpoints have been completed since the job was submitted."""
        return int(self._get(f"/jobs/{job}/checkpoints")["counts"]["completed"])

    def savepoint(self, job: str, folder: Path, *, stop: bool) -> str:
        """Take a savepoint in ``folder``, and end the job with it if ``stop``; where the savepoint lies.

        Raises ``JobEnded`` or ``PartMissing`` where none came about.
        """
        path, word = "savepoints", {"cancel-job": False, "target-directory": f"file://{folder}"}
        if stop:
            path, word = "stop", {"drain": False, "targetDirectory": f"file://{folder}"}
        request: str = self._post(f"/jobs/{job}/{path}", word)["request-id"]
        until = time.monotonic() + SAVED_WITHIN_S
        while time.monotonic() < until:
            told = self._get(f"/jobs/{job}/savepoints/{request}")
            if told["status"]["id"] == "COMPLETED":
                done = told["operation"]
                if "location" not in done:
                    raise JobEnded(
                        f"Flink job {job}: expected a savepoint, got: {_said(done.get('failure-cause', {}))}"
                    )
                return str(done["location"]).removeprefix("file:")
            time.sleep(0.1)
        raise PartMissing(f"Flink job {job}: expected a savepoint within {SAVED_WITHIN_S:.0f} s, got none")

    def cancel(self, job: str) -> None:
        """End the job without another word."""
        self._ask("PATCH", f"/jobs/{job}?mode=cancel", None)

    def _get(self, path: str) -> dict[str, Any]:
        return self._ask("GET", path, None)

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return self._ask("POST", path, body)

    def _ask(self, method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        try:
            answer = _CLIENT.request(method, f"{self.base}{path}", json=body)
            if answer.is_error:
                raise PartMissing(f"Flink at {self.base}: {method} {path}: {answer.status_code}: {answer.text[:1000]}")
            told: dict[str, Any] = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise PartMissing(f"Flink at {self.base}: expected an answer to {method} {path}, got: {error}") from error
        return told


def _said(cause: dict[str, Any]) -> str:
    """A failure in one sentence: the last of its causes."""
    lines = str(cause.get("stack-trace", "nothing")).splitlines()
    return ([line for line in lines if line.startswith("Caused by:")] or lines)[-1][:500]
