"""The Faust app: it hosts the judging (a Service with its own consumers) and reads the low-rate topics with agents.

Faust's own path costs 45 times the fetch under it and acknowledges an event whose agent raised, so
readings and events never pass through it (docs/decisions/0001).
"""

from dataclasses import dataclass, field
from typing import Any

import faust
import structlog
from mode import Service

from streams.judging import Judging
from topics.connection import KafkaConnection
from topics.dead_letter import TOPIC as DEAD_LETTERS
from topics.dead_letter import from_headers
from topics.errors import CityBrainError

log = structlog.get_logger(__name__)


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


def run_worker(connection: KafkaConnection, group: str, judging: Judging, log_level: str) -> None:
    """Run the app until SIGTERM or SIGINT.

    Raises the ``CityBrainError`` for which it could not start, and whatever ended it in the midst of work.
    """
    failed: list[CityBrainError] = []
    app = make_app(connection, group, judging, DeadLetterCount(), failed)
    worker = faust.Worker(app, loglevel=log_level, quiet=True, redirect_stdouts=False)
    try:
        worker.execute_from_commandline()
    except SystemExit:
        if failed:
            raise failed[0] from None
        raise


def make_app(
    connection: KafkaConnection,
    group: str,
    judging: Judging,
    dead_letters: DeadLetterCount,
    failed: list[CityBrainError],
) -> Any:
    """The app, a member of the group ``<group>-worker``; it declares no topic and serves no page.

    Why the judging could not start is put into ``failed``.
    """
    app = faust.App(
        f"{group}-worker",
        broker=[f"kafka://{broker}" for broker in connection.brokers.split(",")],
        broker_credentials=_credentials(connection),
        store="memory://",
        key_serializer="raw",
        value_serializer="raw",
        autodiscover=False,
        web_enabled=False,
        topic_disable_leader=True,
        topic_allow_declare=False,
        # Faust's own minute keeps a restarted worker waiting and makes it hang on SIGTERM.
        broker_session_timeout=6,
        broker_heartbeat_interval=1,
        broker_rebalance_timeout=10,
        consumer_auto_offset_reset="latest",
        worker_redirect_stdouts=False,
    )

    @app.agent(app.topic(DEAD_LETTERS, key_serializer="raw", value_serializer="raw"), name="dead-letters")
    async def count_dead_letters(stream: Any) -> None:
        async for event in stream.events():
            dead_letters.take(dict(event.headers or {}))

    @app.service
    class JudgingService(Service):
        """Starts, runs and stops the judging with the app."""

        async def on_start(self) -> None:
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
