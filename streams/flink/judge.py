"""The one Python function of the job: claims in, records to write out, state in between. Runs in Flink's workers."""

import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import structlog
from pyflink.common import Row, Types
from pyflink.datastream.functions import KeyedProcessFunction, RuntimeContext
from pyflink.datastream.state import MapStateDescriptor, ValueStateDescriptor

from streams.flink.claims import Claim
from streams.flink.desk import Desk, State
from streams.flink.residence import residence
from streams.flink.shard import Kept
from streams.process_memory import settle_memory
from streams.tally import Tally
from streams.worker_metrics import COUNTERS, levels
from topics.connection import KafkaConnection

BYTES = Types.PRIMITIVE_ARRAY(Types.BYTE())

#: What comes in, shard and numbers, and what goes out, as ``claims.sink_table`` has it.
CLAIM = Types.ROW_NAMED(["n", "f", "l"], [Types.LONG(), Types.LONG(), Types.LONG()])
KEYED_CLAIM = Types.ROW_NAMED(["shard", "claim"], [Types.STRING(), CLAIM])
RECORD = Types.ROW_NAMED(
    ["record_key", "body", "topic", "headers"], [BYTES, BYTES, Types.STRING(), Types.MAP(Types.STRING(), BYTES)]
)


@dataclass(frozen=True)
class Task:
    """What a subtask must know; it travels with the job."""

    connection: KafkaConnection
    group: str
    cycle_s: float
    keep_s: float


class Judge(KeyedProcessFunction):  # type: ignore[misc]  # PyFlink ships no types
    """Hands each claim to the subtask's desk. The names of the states are part of every savepoint."""

    def __init__(self, task: Task) -> None:
        self.task = task

    def open(self, runtime_context: RuntimeContext) -> None:
        settle_memory()
        # PyFlink puts a ``print`` of its own in place, which knows no ``flush``; what is logged it takes to the JVM.
        structlog.configure(
            processors=[structlog.processors.KeyValueRenderer(key_order=["event"])],
            logger_factory=structlog.stdlib.LoggerFactory(),
        )
        self._meta = runtime_context.get_state(ValueStateDescriptor("meta", BYTES))
        self._blocks = runtime_context.get_map_state(MapStateDescriptor("blocks", Types.INT(), BYTES))
        self._residence = residence(self.task.connection)
        number = runtime_context.get_index_of_this_subtask()
        by = f"flink-{number}-{socket.gethostname()}-{os.getpid()}"
        self._desk = Desk(self._residence, self.task.group, by, cycle_s=self.task.cycle_s, keep_s=self.task.keep_s)
        self._metrics = runtime_context.get_metrics_group()
        self._counters: dict[tuple[str, str], Any] = {}
        self._told: dict[tuple[str, str], int] = {}
        self._levels: dict[tuple[str, str], int] = {}

    def process_element(self, value: Any, ctx: Any) -> Iterator[Row]:
        key = ctx.get_current_key()
        # Read here: Beam gives state to its own thread alone.
        state = State(None, {}) if key in self._desk.shards else State(self._meta.value(), dict(self._blocks.items()))
        rows, kept = self._residence.run(self._desk.take(key, Claim.of(key, *value), state))
        if kept is not None:
            self._keep(kept)
        self._count(self._desk.tallies())
        for row in rows:
            yield Row(row.key, row.body, row.topic, row.headers)

    def _keep(self, kept: Kept) -> None:
        for number, body in kept.blocks.items():
            self._blocks.put(number, body)
        for number in kept.gone:
            self._blocks.remove(number)
        self._meta.update(kept.meta)

    def _count(self, tallies: dict[str, Tally]) -> None:
        """Bring Flink's counters up to the tallies; its reporter shows them to Prometheus."""
        dead: dict[str, int] = {}
        for domain, tally in tallies.items():
            for metric, name in COUNTERS:
                self._count_to(metric, "domain", domain, getattr(tally, name))
            for metric, level in levels(tally).items():
                self._show(metric, domain, round(level))  # PyFlink's gauges are whole numbers
            for reason, number in tally.dead_lettered.items():
                dead[reason] = dead.get(reason, 0) + number
        for reason, number in dead.items():
            self._count_to("citybrain_dead_letters_total", "reason", reason, number)

    def _show(self, metric: str, domain: str, level: int) -> None:
        key = metric, domain
        if key not in self._levels:
            self._metrics.add_group("domain", domain).gauge(metric, lambda: self._levels[key])
        self._levels[key] = level

    def _count_to(self, metric: str, label: str, value: str, total: int) -> None:
        key = metric, value
        if (more := total - self._told.get(key, 0)) > 0:
            counter = self._counters.get(key)
            if counter is None:
                counter = self._counters[key] = self._metrics.add_group(label, value).counter(metric)
            counter.inc(more)
            self._told[key] = total
