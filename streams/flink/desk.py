"""The shards of one subtask: takes claims, reads and judges their records, says what goes out and what is kept.

Nothing of Flink is in here, so that tests can drive it without a JVM.
"""

import time
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from detectors.kernel import Kernel
from streams.event_lane import EventLane
from streams.flink.claims import Claim
from streams.flink.gathered import Gathered, Row
from streams.flink.residence import Residence
from streams.flink.shard import EventsShard, Kept, ReadingsShard, Shard, read_meta, restored_from
from streams.judges import EVENT_JUDGES
from streams.lane import Lane
from streams.pulse import PulseWriter
from streams.specs import SpecBook
from streams.state_partition import StatePartition
from streams.tally import Tally
from topics.domain import Domain
from topics.errors import CityBrainError, NotKept, PartMissing

log = structlog.get_logger(__name__)

BEAT_S = 1.0


class StateLost(CityBrainError):
    """Claims go on in the midst of a log and nobody has the state of what was before."""


@dataclass(frozen=True, slots=True)
class State:
    """A shard's state as Flink has it, asked for when the shard is met first: ``meta`` is ``None`` where there is
    none."""

    meta: bytes | None
    blocks: Mapping[int, bytes]


class Desk:
    """``group`` is the city's consumer group: a fresh job goes on from what Faust workers of that group have left on
    ``state.<domain>``. ``by`` names this subtask in pulses and dead letters. Of each shard its state is wanted every
    ``keep_s`` seconds: what it has told since is told again after a restore; with 0 it is wanted with all that is told.
    """

    def __init__(
        self,
        residence: Residence,
        group: str,
        by: str,
        *,
        cycle_s: float,
        keep_s: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self.residence = residence
        self.group = group
        self.cycle_s = cycle_s
        self.keep_s = keep_s
        self.clock = clock
        self.out = Gathered(by, now_ms)
        self.pulse = PulseWriter(self.out, by, self.tallies, now_ms)
        self.shards: dict[str, Shard] = {}
        self.domains: dict[str, str] = {}
        self._claimed: dict[str, Claim] = {}
        self._kept_at: dict[str, float] = {}
        self._revision = residence.feed.revision
        self._beat_at = 0.0

    async def take(self, key: str, claim: Claim, state: State) -> tuple[list[Row], Kept | None]:
        """Judge a claim of shard ``key`` and what has come behind it; what goes out, and what is to be kept before
        the next, ``None`` where what was kept is good enough still.

        Raises ``StateLost``, or ``NotKept`` where the log does not go back far enough.
        """
        async with self.residence.lock:
            return await self._take(key, claim, state)

    async def _take(self, key: str, claim: Claim, state: State) -> tuple[list[Row], Kept | None]:
        shard, kept = self.shards.get(key), None
        if shard is None:
            shard = self.shards[key] = await self._begin(claim, state)
        self._heed_registry()
        # Where the JVM's claims are behind, as while it compiles, a claim of what is judged already is the call to
        # judge what has come since: findings wait for the log alone.
        news = claim.since(self._claimed.get(key))
        self._claimed[key] = claim
        due, stood = news.count if shard.next_offset <= news.first else 0, shard.next_offset
        if (judged := await self._judge(shard, claim, claim.last, tell=True)) < due:
            where = f"{claim.topic}:{claim.partition}"
            raise NotKept(f"{where}: expected {due} records up to offset {claim.last}, got {judged}")
        if shard.next_offset > stood:
            kept = self._keep(key, shard)
        await self._beat()
        return self.out.take(), kept

    def _keep(self, key: str, shard: Shard) -> Kept | None:
        """What is to be written of a shard that has judged, if it is time."""
        now = self.clock()
        before = self._kept_at.get(key)
        if before is not None and now - before < self.keep_s and not shard.pressing:
            return None
        self._kept_at[key] = now
        return shard.kept(0.0 if before is None else now - before)

    def tallies(self) -> dict[str, Tally]:
        """What has been counted, by domain."""
        sums: dict[str, Tally] = {}
        for key, shard in self.shards.items():
            topic, _, partition = key.rpartition("/")
            tally = sums.setdefault(self.domains[topic], Tally())
            tally.add(shard.tally)
            tally.lag += max(0, self.residence.ranges.end(topic, int(partition)) - shard.next_offset)
        return sums

    async def _judge(self, shard: Shard, claim: Claim, last: int, *, tell: bool) -> int:
        """Judge the log from where the shard stands to ``last``, and where it is told what lies behind that too;
        the number of records up to ``last``."""
        count, ranges = 0, self.residence.ranges
        async for records in ranges.read(claim.topic, claim.partition, shard.next_offset, last, beyond=tell):
            batch, refs = shard.decode(records)
            for ref in refs:
                await self.residence.artefacts.wait(ref)
            judged = shard.judge(batch)
            count += bisect_right(records, last, key=lambda record: record.offset)
            if tell:
                await self.out.judged(claim.topic, claim.partition, judged)
        return count

    async def _begin(self, claim: Claim, state: State) -> Shard:
        """A shard as its state has it, or as Faust's snapshots have it, or fresh at the beginning of its log."""
        domain = self._domain(claim.topic)
        self.domains[claim.topic] = domain.name
        meta = None if state.meta is None else read_meta(state.meta)
        partitions = await self.residence.ranges.partitions(claim.topic)
        if claim.topic == domain.events_topic and domain.events:
            told_to = claim.first if meta is None else meta.next_offset
            judge = EVENT_JUDGES[domain.name](domain, claim.partition)
            events = EventsShard(EventLane(judge, claim.partition, partitions, told_to))
            await self._again(events, claim, told_to)
            return events
        lane = Lane(
            Kernel(domain, claim.topic, claim.partition),
            SpecBook(self.residence.feed.registry, domain),
            claim.partition,
            partitions,
            self.residence.artefacts.get,
        )
        shard = ReadingsShard(lane, self.cycle_s)
        if meta is not None:
            restored, told_to = restored_from(meta, state.blocks), meta.next_offset
        else:
            stored = StatePartition(
                self.residence.connection, f"{self.group}-readings", f"state.{domain.name}", claim.partition
            )
            restored, told_to = await stored.restore(), claim.first
        if restored.start is not None:
            await self._await_artefacts(restored.shared)
            shard.restore(restored, self.residence.artefacts.get)
            await self._again(shard, claim, told_to)
            return shard
        lane.next_offset = claim.first
        if not await self._is_beginning(claim):
            raise StateLost(
                f"{claim.topic}:{claim.partition}: expected the state of what lies before offset {claim.first}, got "
                "none; a savepoint of another execution mode, or none at all? (docs/flink.md)"
            )
        return shard

    async def _again(self, shard: Shard, claim: Claim, told_to: int) -> None:
        """Judge again in silence what has been told before offset ``told_to``."""
        began, at = self.clock(), shard.next_offset
        if at < told_to:
            if isinstance(shard, EventsShard):
                first = await self.residence.ranges.beginning(claim.topic, claim.partition)
                shard.lane.next_offset = at = max(at, first)
            await self._judge(shard, claim, told_to - 1, tell=False)
        where = {"topic": claim.topic, "partition": claim.partition}
        log.info("shard_restored", **where, start=at, told_to=told_to, seconds=round(self.clock() - began, 3))

    async def _is_beginning(self, claim: Claim) -> bool:
        """Whether no record lies before the claim."""
        beginning = await self.residence.ranges.beginning(claim.topic, claim.partition)
        if beginning >= claim.first:
            return True
        before = self.residence.ranges.read(claim.topic, claim.partition, beginning, claim.first - 1)
        async for _ in before:
            return False
        return True

    async def _await_artefacts(self, shared: dict[str, Any]) -> None:
        shadow = shared.get("shadow") or {}
        controls = [*shared.get("controls", ()), *shadow.get("shared", {}).get("controls", ())]
        for ref in sorted({*(ref for _, _, ref, _ in controls if ref), *([shadow["ref"]] if shadow else [])}):
            if await self.residence.artefacts.wait(ref) is None:
                log.error("artefact_lost", ref=ref)

    def _domain(self, topic: str) -> Domain:
        for domain in self.residence.artefacts.packs.values():
            if topic in (domain.topic, domain.events_topic):
                return domain
        raise PartMissing(f"{topic}: expected its domain's pack on topic config, got none; publish it first")

    def _heed_registry(self) -> None:
        if self._revision != self.residence.feed.revision:
            self._revision = self.residence.feed.revision
            for shard in self.shards.values():
                if isinstance(shard, ReadingsShard):
                    shard.lane.forget_slots()

    async def _beat(self) -> None:
        if self.clock() - self._beat_at >= BEAT_S:
            self._beat_at = self.clock()
            await self.pulse.beat()
