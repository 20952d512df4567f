"""One partition in a Flink job: its lane, and what of it is kept in Flink's state. No I/O, nothing of Flink.

Kept are copies of the lane's blocks, a few more with each claim, and beside them, with every claim, the offset up to
which all is judged and the offset that each copy reflects. The log itself is in Kafka: restoring is to load the
copies, and to judge again in silence from the oldest of them to that offset.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec

from streams.batch import Judged, Record, decode
from streams.event_lane import EventLane
from streams.lane import Lane
from streams.snapshots import BLOCKS, BlockState, Restored, digest_of, pack, unpack
from streams.tally import Tally
from topics.errors import CityBrainError

#: A copy may be this many ticks of city time old: kernels remember twice as many (detectors/kernel_state.py).
MOST_TICKS = 256

SCHEMA = 1


class StateUnreadable(CityBrainError):
    """State that this version of the job cannot read; judging on without it would forget all that was."""


class Meta(msgspec.Struct, frozen=True, array_like=True):
    """Kept with every claim: everything before ``next_offset`` is judged and told; ``through`` has, for each block,
    the offset before which its copy holds everything (-1 = there is none)."""

    next_offset: int
    through: tuple[int, ...]
    shared: bytes
    schema: int = SCHEMA


@dataclass(slots=True)
class Kept:
    """What is to be written to state: ``blocks`` that have changed, numbers of blocks to forget, and ``meta``."""

    meta: bytes
    blocks: dict[int, bytes] = field(default_factory=dict)
    gone: list[int] = field(default_factory=list)


_META = msgspec.msgpack.Decoder(Meta)
#: Where in every version, whatever else it has, its number stands.
_VERSION, _SCHEMA_AT = msgspec.msgpack.Decoder(list[Any]), 3


def read_meta(body: bytes) -> Meta:
    """What an earlier run of the job has kept, of this version or one before. Raises ``StateUnreadable``."""
    try:
        version = _VERSION.decode(body)[_SCHEMA_AT]
    except (msgspec.MsgspecError, IndexError, TypeError):
        version = None
    if not isinstance(version, int) or not 1 <= version <= SCHEMA:
        raise StateUnreadable(
            f"Flink state: expected a partition's in version 1 to {SCHEMA}, got version {version}: it was written by "
            "another version of the job; start that one, or resume a savepoint of this one (docs/flink.md)"
        )
    return _META.decode(body)


class Shard(Protocol):
    """What the job needs of a partition, whatever its topic carries."""

    @property
    def tally(self) -> Tally:
        """What was counted on this partition."""

    @property
    def next_offset(self) -> int:
        """The first offset that is not judged yet."""

    @property
    def pressing(self) -> bool:
        """Whether it must be kept before its time."""

    def decode(self, records: Sequence[Record]) -> tuple[Any, list[str]]:
        """A batch for ``judge``, and the artefacts that its controls name."""

    def judge(self, batch: Any) -> Judged:
        """Judge a batch that ``decode`` gave, in order."""

    def kept(self, seconds: float) -> Kept:
        """What is to be kept now; ``seconds`` have passed since it was asked last."""


class ReadingsShard:
    """A partition of readings. ``cycle_s`` is how long one round of copying its blocks takes."""

    def __init__(self, lane: Lane, cycle_s: float) -> None:
        self.lane = lane
        self.cycle_s = cycle_s
        self._through: list[int] = []
        self._digests: list[bytes] = []
        self._run: Any = None
        self._owed = 0.0
        self._at = 0
        self._ticks = 0

    @property
    def tally(self) -> Tally:
        return self.lane.tally

    @property
    def next_offset(self) -> int:
        return self.lane.next_offset

    @property
    def pressing(self) -> bool:
        return self._ticks >= MOST_TICKS // 4

    def restore(self, restored: Restored, artefact: Callable[[str], bytes | None]) -> int:
        """Load the newest copies into a fresh lane; the offset from which the log must be judged again."""
        assert restored.start is not None
        beside = self.lane.beside
        beside.restore(restored.shared, restored.shared_at, artefact)
        for number, block in sorted(restored.blocks.items()):
            if number // BLOCKS < len(beside.kernels):
                beside.kernels[number // BLOCKS].load(block.state, block.since)
        self.lane.next_offset = restored.start
        return restored.start

    def decode(self, records: Sequence[Record]) -> tuple[Any, list[str]]:
        batch = decode(records)
        return batch, batch.refs

    def judge(self, batch: Any) -> Judged:
        self._ticks += len(batch.fetch.controls)
        return self.lane.judge(batch)

    def kept(self, seconds: float) -> Kept:
        """What to write now, ``seconds`` after the call before: a share of the blocks, or all of them the first time
        and where a candidate has begun or ended (no set of copies has blocks from both sides of that)."""
        beside = self.lane.beside
        total = BLOCKS * len(beside.kernels)
        gone = list(range(total, len(self._through)))
        if len(self._through) != total or beside.run is not self._run:
            self._through, self._digests, self._run = [-1] * total, [b""] * total, beside.run
            self._owed, due = 0.0, total
        else:
            self._owed += total * (seconds / self.cycle_s + self._ticks / MOST_TICKS)
            due = min(total, int(self._owed))
            self._owed -= due
        self._ticks = 0
        blocks: dict[int, bytes] = {}
        for _ in range(due):
            self._copy(self._at % total, blocks)
            self._at = (self._at + 1) % total
        meta = Meta(self.next_offset, tuple(self._through), pack(beside.export_shared()))
        return Kept(msgspec.msgpack.encode(meta), blocks, gone)

    def _copy(self, number: int, blocks: dict[int, bytes]) -> None:
        body = pack(self.lane.beside.kernels[number // BLOCKS].export(number % BLOCKS))
        digest = digest_of(body)
        if digest != self._digests[number]:
            blocks[number] = body
            self._digests[number] = digest
        self._through[number] = self.next_offset


class EventsShard:
    """A partition of events: its memory is the log itself, judged again from its beginning, so only the offset is
    kept."""

    def __init__(self, lane: EventLane) -> None:
        self.lane = lane

    @property
    def tally(self) -> Tally:
        return self.lane.tally

    @property
    def next_offset(self) -> int:
        return self.lane.next_offset

    @property
    def pressing(self) -> bool:
        return False

    def decode(self, records: Sequence[Record]) -> tuple[Any, list[str]]:
        return records, []

    def judge(self, batch: Any) -> Judged:
        return self.lane.judge(batch)

    def kept(self, seconds: float) -> Kept:
        return Kept(msgspec.msgpack.encode(Meta(self.next_offset, (), b"")))


def restored_from(meta: Meta, bodies: Mapping[int, bytes]) -> Restored:
    """A partition as Flink's state has it. Raises ``LookupError`` where a copy is missing."""
    blocks: dict[int, BlockState] = {}
    for number, through in enumerate(meta.through):
        packed = bodies.get(number)
        if packed is None:
            raise LookupError(f"state: expected a copy of block {number} as of offset {through}, got none")
        blocks[number] = BlockState(unpack(packed), through)
    return Restored(min(meta.through), unpack(meta.shared), meta.next_offset, blocks, ())
