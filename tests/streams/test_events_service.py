"""The events path: silent replay up to the commit, dead letters for what is refused, ticks handed on."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from detectors.base import Outcome, Reject
from load_tests.pack import load_domain
from load_tests.workload import Workload
from streams.clients import sure_producer
from streams.event_lane import EventLane, decode_event
from streams.events_service import EventsService
from streams.outlet import Outlet
from tests.patience import until
from tests.streams.trial import Trial
from topics.catalog import catalog
from topics.codec import encode, partition_of
from topics.connection import KafkaConnection
from topics.declare import declare
from topics.domain import Domain
from topics.events import Event, GateIn, GateOut, Observed
from topics.finding import Finding, Origin, Text, finding_id
from topics.reading import Control

START = 1_767_225_600_000


class Counting:
    """A judge whose state is the containers inside; it says a finding at each gate-in, breaks on "bomb"."""

    def __init__(self, domain: Domain, partition: int) -> None:
        self.domain = domain
        self.partition = partition
        self.inside: set[str] = set()
        self.ticks: list[int] = []

    def apply(self, event: Event, offset: int, stamp: int) -> Outcome:
        if isinstance(event, GateIn):
            if event.container == "bomb":
                raise ZeroDivisionError("a judge with a mistake in it")
            self.inside.add(event.container)
            return Outcome(findings=[self._say(event.site, event.container, event.time, offset)])
        if isinstance(event, GateOut):
            return Outcome(rejects=[Reject(offset, "event_refused", f"{event.container} is not inside")])
        return Outcome()

    def tick(self, time_ms: int, offset: int, stamp: int) -> Outcome:
        self.ticks.append(time_ms)
        return Outcome()

    def _say(self, site: str, container: str, time_ms: int, offset: int) -> Finding:
        return Finding(
            finding_id("count", 1, container, time_ms), "open", 0, self.domain.name, site, container, "yard", "yard",
            "count", 1, "blue", time_ms, time_ms, Text("箱", "box"),
            Origin(self.domain.events_topic, self.partition, offset, offset), value=float(len(self.inside)),
        )  # fmt: skip


class Record:
    """A consumer's record, as far as a lane looks at it."""

    def __init__(self, offset: int, message: Any) -> None:
        self.offset = offset
        self.timestamp = START
        self.key = b"port"
        self.value: bytes | None = message if isinstance(message, bytes) else encode(message)


def gate_in(container: str, site: str = "port", at: int = START) -> GateIn:
    return GateIn(f"e-{container}", site, at, container)


def lane(emit_from: int = 0) -> EventLane:
    domain = load_domain(Workload(1, 1, 10, name="lane"), chain=())
    return EventLane(Counting(domain, 0), 0, 1, emit_from)


def test_an_event_a_control_and_neither_are_told_apart() -> None:
    assert decode_event(encode(gate_in("c"))) == gate_in("c")
    assert decode_event(encode(Control("~tick", START))) == Control("~tick", START)
    speaking = Observed("e", "port", START, "~tick")
    assert decode_event(encode(speaking)) == speaking


def test_each_bad_event_is_refused_alone_with_its_reason() -> None:
    bad: list[tuple[Any, str]] = [
        (b"{", "malformed_json"),
        (b'{"event":"landed"}', "schema_mismatch"),
        (gate_in("bomb"), "event_refused"),
        (GateOut("e", "port", START, "c9"), "event_refused"),
    ]
    records = [Record(offset, message) for offset, (message, _) in enumerate(bad)] + [Record(9, gate_in("good"))]
    judged = lane().judge(records)
    assert [(record.offset, reason) for record, reason, _ in judged.refused] == [
        (offset, reason) for offset, (_, reason) in enumerate(bad)
    ]
    assert [finding.subject for finding in judged.findings] == ["good"]


def test_an_event_in_a_partition_that_is_not_its_site_s_is_refused() -> None:
    domain = load_domain(Workload(1, 1, 10, name="lane"), chain=())
    elsewhere = EventLane(Counting(domain, 0), partition_of("port", 4) ^ 1, 4, 0)
    [(_, reason, detail)] = elsewhere.judge([Record(0, gate_in("c"))]).refused
    assert reason == "wrong_partition" and "expected partition" in detail


def test_replay_up_to_the_commit_is_silent_but_counts() -> None:
    replayed = lane(emit_from=2)
    judged = replayed.judge([Record(0, gate_in("a")), Record(1, b"{"), Record(2, gate_in("b"))])
    assert [(finding.subject, finding.value) for finding in judged.findings] == [("b", 2.0)]
    assert not judged.refused
    assert replayed.tally.events == 1


@pytest.mark.kafka
async def test_a_second_worker_rebuilds_the_yard_and_goes_on_where_the_first_committed(
    kafka: str, tmp_path: Path
) -> None:
    trial = Trial(kafka, tmp_path, "yardish")
    domain = _with_events(trial)
    await asyncio.to_thread(declare, trial.kafka, catalog([domain]))
    await _send(trial.kafka, domain, [gate_in("a"), gate_in("b"), Control("~tick", START)])
    async with _service(trial.kafka, domain) as first:
        await until(lambda: first.tallies()[domain.name].events == 2)
    await _send(trial.kafka, domain, [gate_in("c", at=START + 1), b"{poison"])
    async with _service(trial.kafka, domain) as second:
        await until(lambda: second.tallies()[domain.name].dead_lettered == {"malformed_json": 1})
        assert second.tallies()[domain.name].city_time == START
    said, repeats = await _said(trial, domain)
    assert {finding.subject: finding.value for finding in said} == {"a": 1.0, "b": 2.0, "c": 3.0}
    assert repeats == 0


def _with_events(trial: Trial) -> Domain:
    return msgspec.structs.replace(load_domain(trial.workload, chain=()), events=True)


async def _send(kafka: KafkaConnection, domain: Domain, messages: list[Any]) -> None:
    producer = sure_producer(kafka)
    await producer.start()
    place = partition_of("port", domain.partitions)
    for message in messages:
        body = message if isinstance(message, bytes) else encode(message)
        await producer.send_and_wait(domain.events_topic, body, key=b"port", partition=place)
    await producer.stop()


@asynccontextmanager
async def _service(kafka: KafkaConnection, domain: Domain) -> AsyncIterator[EventsService]:
    outlet = Outlet(kafka, "test", lambda: time.time_ns() // 1_000_000)
    await outlet.start()
    service = EventsService(kafka, "yardish", [domain], outlet, judges={domain.name: Counting})
    await service.start()
    running = asyncio.create_task(service.run())
    try:
        yield service
    finally:
        await service.stop()
        await running
        await outlet.stop()


async def _said(trial: Trial, domain: Domain) -> tuple[list[Finding], int]:
    said, repeats = await trial.said()
    return [msgspec.json.decode(body, type=Finding) for body in said.values()], repeats
