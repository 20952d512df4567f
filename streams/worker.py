"""The Faust app: it hosts the judging (a Service with its own consumers) and reads the low-rate topics with agents.

Faust's own path costs 45 times the fetch under it and acknowledges an event whose agent raised, so
readings and events never pass through it (docs/decisions/0001).
"""

import asyncio
import os
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from typing import Any

import faust
import structlog
from mode import Service

from streams.clients import complain_seldom, quiet_fences
from streams.judging import Judging
from topics.connection import KafkaConnection
from topics.dead_letter import TOPIC as DEAD_LETTERS
from topics.dead_letter import from_headers
from topics.errors import CityBrainError

log = structlog.get_logger(__name__)

#: From being told to stop to the end of the process, whatever the broker and the group are doing.
END_WITHIN_S = 4.0


@dataclass(slots=True)
class DeadLetterCount:
    """Dead letters of the whole city, from every source, by reason; shared among the workers of a group."""

    by_reason: dict[str, int] = field(default_factory=dict)
    unreadable: int = 0

    def take(self, headers: dict[str, bytes]) -> None:
        try:
            reason = from_headers(headers.items()).reason
        except ValueError:
            self.unreadable += 1
            return
        self.by_reason[reason] = self.by_reason.get(reason, 0) + 1


class Host(faust.Worker):
    """Faust's worker, which ends in time: what Faust waits for when the judging has stopped holds nothing."""

    def __init__(self, app: Any, judging: Judging, **options: Any) -> None:
        super().__init__(app, **options)
        self.judging = judging

    async def on_stop(self) -> None:
        timer = threading.Timer(END_WITHIN_S, self._end)
        timer.daemon = True
        timer.start()
        await super().on_stop()

    def _end(self) -> None:
        log.warning("ended_early", within_s=END_WITHIN_S)
        sys.stdout.flush()
        os._exit(1 if self.crash_reason or not self.judging.stopped else 0)


def run_worker(connection: KafkaConnection, group: str, judging: Judging, log_level: str) -> None:
    """Run the app until SIGTERM or SIGINT.

    Raises the ``CityBrainError`` for which it could not start, and whatever ended it in the midst of work.
    """
    complain_seldom()
    failed: list[CityBrainError] = []
    with tempfile.TemporaryDirectory(prefix="citybrain-worker-") as folder:
        app = make_app(connection, group, judging, DeadLetterCount(), failed, folder)
        worker = Host(app, judging, loglevel=log_level, quiet=True, redirect_stdouts=False)
        try:
            worker.execute_from_commandline()
        except SystemExit:
            if failed:
                raise failed[0] from None
            raise


#: How the app is set up, whatever cluster it is on: it keeps nothing, declares no topic and serves no page.
APP: dict[str, Any] = {
    "store": "memory://",
    "key_serializer": "raw",
    "value_serializer": "raw",
    "autodiscover": False,
    "web_enabled": False,
    "topic_disable_leader": True,
    "topic_allow_declare": False,
    # Faust's own minute keeps a restarted worker waiting and makes it hang on SIGTERM.
    "broker_session_timeout": 6,
    "broker_heartbeat_interval": 1,
    "broker_rebalance_timeout": 10,
    "consumer_auto_offset_reset": "latest",
    # Nothing that a stream holds must be finished before the end.
    "stream_wait_empty": False,
    "worker_redirect_stdouts": False,
}


def make_app(
    connection: KafkaConnection,
    group: str,
    judging: Judging,
    dead_letters: DeadLetterCount,
    failed: list[CityBrainError],
    folder: str,
) -> Any:
    """The app, a member of the group ``<group>-worker``; it declares no topic and serves no page.

    Why the judging could not start is put into ``failed``. Faust insists on a ``folder`` though it keeps nothing.
    """
    app = faust.App(
        f"{group}-worker",
        broker=[f"kafka://{broker}" for broker in connection.brokers.split(",")],
        broker_credentials=_credentials(connection),
        datadir=folder,
        **APP,
    )

    # Without acknowledgements Faust commits nothing here: it ends the whole worker where the group refuses a
    # commit, as it does after a pause, and a count that begins anew is no loss.
    topic = app.topic(DEAD_LETTERS, key_serializer="raw", value_serializer="raw", acks=False)

    @app.agent(topic, name="dead-letters")
    async def count_dead_letters(stream: Any) -> None:
        async for event in stream.events():
            dead_letters.take(dict(event.headers or {}))

    @app.service
    class JudgingService(Service):
        """Starts, runs and stops the judging with the app."""

        async def on_start(self) -> None:
            quiet_fences(asyncio.get_running_loop())
            try:
                await judging.start()
            except CityBrainError as error:
                failed.append(error)
                raise
            print(f"worker ready: {', '.join(sorted(judging.tallies()))}", flush=True)

        @Service.task
        async def judge(self) -> None:
            await judging.run()

        async def on_stop(self) -> None:
            await judging.stop()

    return app


def _credentials(connection: KafkaConnection) -> Any:
    """The security settings in Faust's words, ``None`` where there are none."""
    context = connection.ssl_context()
    if connection.protocol.startswith("SASL"):
        return faust.SASLCredentials(
            username=connection.username,
            password=connection.password,
            mechanism=connection.mechanism or "PLAIN",
            ssl_context=context,
        )
    return faust.SSLCredentials(context) if context is not None else None
