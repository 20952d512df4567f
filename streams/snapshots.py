"""What a snapshot of a partition's detectors looks like on ``state.<domain>``, and how it is read back. No I/O.

A partition's series live in 64 blocks. A block's record holds the block's arrays and X, the input offset
they reflect: everything before X is in them, nothing from X on. The record under ``shared`` holds what
belongs to the whole partition (which controls are in force) and, for each block, from which X its newest
record is and up to which offset that record is still right: a block that has not changed is not written
again, only its ``through`` moves on. Blocks larger than 256 kB are cut into parts (keys ``<block>.<part>``).
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

BLOCKS = 64
PART_BYTES = 256_000
SHARED_KEY = "shared"
SCHEMA_VERSION = 1

#: The msgpack extension that carries a numpy array: type, shape, bytes in C order.
ARRAY_EXT = 1


class Part(msgspec.Struct, frozen=True, array_like=True):
    """One record of a block: part ``part`` of ``parts`` of the msgpack of its state at offset ``x``."""

    x: int
    part: int
    parts: int
    body: bytes
    schema: int = SCHEMA_VERSION


class Written(msgspec.Struct, frozen=True, array_like=True):
    """What stands on the topic for a block: its records are those of ``x`` (-1 = none yet), and they are right
    for every offset up to ``through``. ``digest`` tells whether the block has changed; ``place`` is the state
    offset of its first record.
    """

    x: int
    through: int
    digest: bytes = b""
    place: int = -1


class Shared(msgspec.Struct, frozen=True, array_like=True):
    """The record under ``shared``: at offset ``x``, one ``Written`` for each block, and the kernel's own."""

    x: int
    blocks: tuple[Written, ...]
    state: bytes
    schema: int = SCHEMA_VERSION


class BlockState(msgspec.Struct, frozen=True):
    """A block read back: its state and the first offset that it does not hold yet."""

    state: Any
    since: int


class Restored(msgspec.Struct, frozen=True):
    """A partition read back. ``start`` is where the input must be read from, ``None`` = from its beginning."""

    start: int | None
    shared: Any
    shared_at: int
    blocks: Mapping[int, BlockState]
    written: tuple[Written, ...]


def blocks_of(written: Sequence[Written], count: int) -> list[Written]:
    """What stands on the topic for so many blocks: 64 of the live kernel, and 64 more while a candidate runs."""
    return [*written[:count], *([Written(-1, -1)] * (count - len(written)))]


NOTHING = tuple(Written(-1, -1) for _ in range(BLOCKS))
FRESH = Restored(None, None, 0, {}, NOTHING)

_PART = msgspec.msgpack.Decoder(Part)
_SHARED = msgspec.msgpack.Decoder(Shared)


def pack(state: Any) -> bytes:
    """The kernel's dictionaries, lists, numbers, texts and arrays as bytes; equal states give equal bytes."""
    return msgspec.msgpack.encode(state, enc_hook=_array_out, order="deterministic")


def unpack(body: bytes) -> Any:
    """What ``pack`` was given, arrays included (own, writable memory)."""
    return msgspec.msgpack.decode(body, ext_hook=_array_in)


def digest_of(body: bytes) -> bytes:
    """BLAKE2b of 16 bytes: by it a block that has not changed is known."""
    return hashlib.blake2b(body, digest_size=16).digest()


def block_records(block: int, x: int, body: bytes) -> list[tuple[str, bytes]]:
    """Key and value of each record of a block at offset ``x``."""
    pieces = [body[start : start + PART_BYTES] for start in range(0, len(body), PART_BYTES)] or [b""]
    return [
        (str(block) if place == 0 else f"{block}.{place}", msgspec.msgpack.encode(Part(x, place, len(pieces), piece)))
        for place, piece in enumerate(pieces)
    ]


def shared_record(x: int, blocks: Iterable[Written], state: Any) -> tuple[str, bytes]:
    """Key and value of the record that belongs to the whole partition."""
    return SHARED_KEY, msgspec.msgpack.encode(Shared(x, tuple(blocks), pack(state)))


class Gathering:
    """Gathers a state partition's records in log order; the last of each key counts, as compaction has it."""

    def __init__(self) -> None:
        self._parts: dict[str, Part] = {}
        self._shared: Shared | None = None

    def take(self, key: str, value: bytes | None) -> None:
        """One record. Raises ``msgspec.MsgspecError`` if it is not ours."""
        if not value:
            self._parts.pop(key, None)
        elif key == SHARED_KEY:
            self._shared = _SHARED.decode(value)
        else:
            self._parts[key] = _PART.decode(value)

    @property
    def empty(self) -> bool:
        """Whether no record has come."""
        return self._shared is None and not self._parts

    @property
    def oldest(self) -> int | None:
        """The state offset of the oldest record that counts, ``None`` if no shared record came."""
        return None if self._shared is None else min(each.place for each in self._shared.blocks)

    def restored(self) -> Restored | None:
        """The partition as it was, or ``None`` where a record is missing (reading began behind it)."""
        if self._shared is None:
            return None
        blocks: dict[int, BlockState] = {}
        for block, written in enumerate(self._shared.blocks):
            body = self._body(block, written.x)
            if body is None:
                return None
            blocks[block] = BlockState(unpack(body), written.through)
        start = min(each.since for each in blocks.values())
        return Restored(start, unpack(self._shared.state), self._shared.x, blocks, self._shared.blocks)

    def _body(self, block: int, x: int) -> bytes | None:
        first = self._parts.get(str(block))
        if first is None or first.x != x:
            return None
        parts = [first, *(self._parts.get(f"{block}.{place}") for place in range(1, first.parts))]
        if any(part is None or part.x != x for part in parts):
            return None
        return b"".join(part.body for part in parts if part is not None)


def _array_out(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        whole = np.ascontiguousarray(value)
        head = msgspec.msgpack.encode((whole.dtype.str, value.shape))
        return msgspec.msgpack.Ext(ARRAY_EXT, len(head).to_bytes(2, "big") + head + whole.tobytes())
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"snapshot: expected arrays, numbers, texts, lists and dictionaries, got {type(value).__name__}")


def _array_in(code: int, data: memoryview) -> Any:
    if code != ARRAY_EXT:
        raise ValueError(f"snapshot: expected extension {ARRAY_EXT}, got {code}")
    size = int.from_bytes(data[:2], "big")
    kind, shape = msgspec.msgpack.decode(data[2 : 2 + size])
    return np.frombuffer(data[2 + size :], dtype=np.dtype(kind)).reshape(shape).copy()
