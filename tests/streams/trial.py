"""A load, real worker processes that may be hurt, and the serial recomputation they are compared with."""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from aiokafka import TopicPartition

from detectors.kernel import Kernel
from load_tests.generator import by_the_clock
from load_tests.pack import load_domain
from load_tests.workload import Workload
from records.registry import registry_of
from streams.batch import Judged, decode
from streams.bench_pipeline import registered
from streams.clients import group_consumer, lone_consumer, sure_producer
from streams.lane import Lane
from streams.packs import publish_packs
from streams.registry_feed import publish_records
from streams.snapshots import BLOCKS, pack
from streams.specs import SpecBook
from streams.state_partition import StatePartition
from streams.supervise import Part
from tests.patience import WITHIN_S, eventually
from topics.catalog import catalog
from topics.codec import encode
from topics.connection import KafkaConnection
from topics.dead_letter import from_headers
from topics.declare import declare
from topics.finding import Finding
from topics.published_pack import from_published, publish_form

#: What no worker can judge, and why it says so.
POISON = (
    (b"{not json", "malformed_json"),
    (b'{"series":"a/b/c/d","time":"noon","value":1}', "schema_mismatch"),
    (b'{"series":"a/b/c/d","time":1767225600000,"value":NaN}', "malformed_json"),
    (b"", "malformed_json"),
)


@dataclass(frozen=True, slots=True)
class Serial:
    """What one kernel for each partition makes of the log, read in one go."""

    findings: dict[tuple[str, int], bytes]
    refused: set[tuple[int, int, str]]
    states: dict[int, list[bytes]]


class Trial:
    """One domain of its own on a broker; ``folder`` takes the workers' logs.

    At a rate of ten rounds of all series a second, event time passes as wall time does.
    """

    def __init__(
        self, brokers: str, folder: Path, name: str, *, series: int = 400, seed: int = 1, interval_ms: int = 100
    ) -> None:
        self.kafka = KafkaConnection(brokers)
        self.folder = folder
        self.workload = Workload(seed, 4, series, interval_ms=interval_ms, breach_every=400, name=name)
        # As the worker reads it from the wire.
        self.domain = from_published(publish_form(load_domain(self.workload), 1_767_225_600_000))
        self.group = f"trial-{name}"
        self._workers = 0

    async def prepare(self) -> None:
        """Declare the topics, publish pack and registry."""
        await asyncio.to_thread(declare, self.kafka, catalog([self.domain]))
        await asyncio.to_thread(publish_packs, self.kafka, [self.domain], 1_767_225_600_000)
        await publish_records(self.kafka, registered(self.workload))

    def worker(self, **environment: str) -> Part:
        """A worker process of the trial's group, started; ``wait_ready`` is the caller's."""
        self._workers += 1
        part = Part(f"worker-{self._workers}", self.words(), self.folder, dict(os.environ) | environment)
        part.ready_within_s = WITHIN_S
        part.start()
        return part

    def words(self) -> list[str]:
        """The command line of a worker of the trial's group."""
        return ["worker", "--brokers", self.kafka.brokers, "--group", self.group, "--only", self.domain.name]

    async def load(self, rate_per_s: float, seconds: float) -> int:
        """Send the workload by the clock; the number of messages."""
        return (await by_the_clock(self.kafka, self.domain.topic, self.workload, rate_per_s, seconds)).messages

    async def poison(self, rounds: int, every_s: float) -> None:
        """Put what cannot be judged among the readings, in every partition."""
        producer = sure_producer(self.kafka)
        await producer.start()
        try:
            for _ in range(rounds):
                for body, _ in POISON:
                    for partition in range(self.workload.partitions):
                        await producer.send_and_wait(self.domain.topic, body, partition=partition)
                await asyncio.sleep(every_s)  # among the readings, not all at once
        finally:
            await producer.stop()

    async def judged(self) -> None:
        """Return once the group has committed the end of every partition: everything is judged and kept."""
        places = [TopicPartition(self.domain.topic, number) for number in range(self.workload.partitions)]
        looker = lone_consumer(self.kafka)
        await looker.start()
        ends = await looker.end_offsets(places)
        await looker.stop()
        member = group_consumer(self.kafka, f"{self.group}-readings")
        await member.start()

        async def all_committed() -> bool:
            return [await member.committed(place) or 0 for place in places] == [ends[place] for place in places]

        try:
            await eventually(all_committed, "the ends of all partitions are committed")
        finally:
            await member.stop()

    async def serial(self, batch: int = 1_777, artefact: Callable[[str], bytes | None] = lambda _: None) -> Serial:
        """Judge the topic's log again, partition by partition, in batches of another size than any worker's.
        ``artefact``: what a control of the log names.
        """
        registry = registry_of(registered(self.workload))
        serial = Serial({}, set(), {})
        log = await self.log(self.domain.topic)
        for partition in range(self.workload.partitions):
            records = [record for record in log if record.partition == partition]
            kernel = Kernel(self.domain, self.domain.topic, partition)
            lane = Lane(kernel, SpecBook(registry, self.domain), partition, self.workload.partitions, artefact)
            for start in range(0, len(records), batch):
                self._gather(serial, partition, lane.judge(decode(records[start : start + batch])))
            serial.states[partition] = [pack(kernel.export(block)) for block in range(BLOCKS)]
        return serial

    @staticmethod
    def _gather(serial: Serial, partition: int, judged: Judged) -> None:
        for finding in judged.findings:
            serial.findings[finding.id, finding.seq] = encode(finding)
        for record, reason, _ in judged.refused:
            serial.refused.add((partition, record.offset, reason))

    async def log(self, topic: str) -> list[Any]:
        """All records of a topic."""
        consumer = lone_consumer(self.kafka)
        consumer.subscribe([topic])
        await consumer.start()
        try:
            places = sorted(consumer.assignment())
            ends = await consumer.end_offsets(places)
            records: list[Any] = []
            for place in places:
                while await consumer.position(place) < ends[place]:
                    for fetched in (await consumer.getmany(timeout_ms=200)).values():
                        records += fetched
            return records
        finally:
            await consumer.stop()

    async def said(self) -> tuple[dict[tuple[str, int], bytes], int]:
        """The findings on the topic by id and seq, and how many were repeats; a repeat that differs is an error."""
        decoder = msgspec.json.Decoder(Finding)
        said: dict[tuple[str, int], bytes] = {}
        repeats = 0
        for record in await self.log("findings"):
            finding = decoder.decode(record.value)
            if finding.domain == self.domain.name:
                repeats += (finding.id, finding.seq) in said
                assert said.setdefault((finding.id, finding.seq), record.value) == record.value
        return said, repeats

    async def dead(self) -> set[tuple[int, int, str]]:
        """Partition, offset and reason of the dead letters, each once; the bytes must be the original ones."""
        mine = self.domain.topic.encode()  # others use the broker too, and put there what they like
        records = [each for each in await self.log("dead-letters") if dict(each.headers).get("topic") == mine]
        letters = [(from_headers(record.headers), record.value) for record in records]
        originals = {(record.partition, record.offset): record.value for record in await self.log(self.domain.topic)}
        assert all(originals[letter.partition, letter.offset] == value for letter, value in letters)
        return {(letter.partition, letter.offset, letter.reason) for letter, _ in letters}

    async def states(self) -> dict[int, list[bytes]]:
        """Every block of every partition as the snapshots have it, restored into a kernel and exported again."""
        states = {}
        for partition in range(self.workload.partitions):
            stored = StatePartition(self.kafka, f"{self.group}-readings", f"state.{self.domain.name}", partition)
            restored = await stored.restore()
            kernel = Kernel(self.domain, self.domain.topic, partition)
            kernel.load_shared(restored.shared, restored.shared_at)
            for _, block in sorted(restored.blocks.items()):
                kernel.load(block.state, block.since)
            states[partition] = [pack(kernel.export(block)) for block in range(BLOCKS)]
        return states

    async def compare(self) -> tuple[int, int]:
        """Hold what the workers did against the serial recomputation; the findings expected, and the repeats."""
        serial = await self.serial()
        said, repeats = await self.said()
        missing, extra = serial.findings.keys() - said.keys(), said.keys() - serial.findings.keys()
        assert not missing and not extra, f"{len(missing)} findings missing, {len(extra)} that should not be"
        wrong = [key for key, body in serial.findings.items() if said[key] != body]
        assert not wrong, f"{len(wrong)} findings differ: {serial.findings[wrong[0]]!r} / {said[wrong[0]]!r}"
        assert await self.dead() == serial.refused
        states = await self.states()
        unequal = [
            (partition, block)
            for partition in range(self.workload.partitions)
            for block in range(BLOCKS)
            if states[partition][block] != serial.states[partition][block]
        ]
        assert not unequal, f"state differs in {len(unequal)} blocks: {unequal[:5]}"
        return len(serial.findings), repeats


def pause(part: Part) -> None:
    """Freeze a process as a stalled machine would be."""
    assert part.process is not None
    part.process.send_signal(signal.SIGSTOP)


def wake(part: Part) -> None:
    assert part.process is not None
    part.process.send_signal(signal.SIGCONT)


def end(part: Part) -> None:
    """Ask a process to end; it must do so without complaint, and before it would be killed."""
    status = part.stop()
    assert status == 0, f"{part.name} ended with status {status}: {part.last_words()}"


def kill(part: Part) -> None:
    """End a process at once."""
    assert part.process is not None
    part.process.kill()
    part.process.wait()


def runs(pid: int) -> bool:
    """Whether a process still runs; one that nobody has asked for its status does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except FileNotFoundError:
        return False


async def until(moment: float) -> None:
    """Sleep until this moment of the monotonic clock: a fault's place in the schedule of a load."""
    await asyncio.sleep(max(0.0, moment - time.monotonic()))
