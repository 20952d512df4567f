"""Bytes to messages and back: the one place that knows the wire is JSON and the partitioner murmur2.

Decoding is the limit of the whole hot path, so a fetch is decoded in one call; only when something
in it is wrong are its messages looked at one by one, so that exactly the bad ones are refused.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from topics.reading import CONTROL_MARK, Control, Reading

#: Dictionaries in sorted order, so that a finding repeated after a crash is equal byte for byte.
_ENCODER = msgspec.json.Encoder(order="deterministic")
_READING = msgspec.json.Decoder(Reading)
_CONTROL = msgspec.json.Decoder(Control)
_LOOSE = msgspec.json.Decoder(dict[str, msgspec.Raw])

_OPEN, _CLOSE = b"{}"

_READING_FIELDS = frozenset(field.encode_name for field in msgspec.structs.fields(Reading))
_CONTROL_FIELDS = frozenset(field.encode_name for field in msgspec.structs.fields(Control))

#: What json raises on bytes that are no JSON text: bad UTF-8 and bottomless nesting besides its own error.
_BROKEN = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


class Refused(msgspec.Struct, frozen=True):
    """A message that is not what its topic carries. ``index`` is its place in the fetch;
    ``reason`` is ``malformed_json`` or ``schema_mismatch``; ``detail`` says what was required, what came, where.
    """

    index: int
    reason: str
    detail: str


class Fetch(msgspec.Struct, frozen=True):
    """A decoded fetch of a readings topic.

    ``rows`` holds the good messages in log order. A control message keeps its place in them as a row whose
    ``series`` starts with ``~``; ``controls`` gives (position in ``rows``, the control itself).
    ``index[i]`` is the place of ``rows[i]`` in the fetch (a ``range`` when nothing was refused).
    """

    rows: list[Reading]
    index: Sequence[int]
    controls: list[tuple[int, Control]]
    refused: list[Refused]


def encode(message: Any) -> bytes:
    """The JSON of a message struct; equal messages give equal bytes."""
    return _ENCODER.encode(message)


def decode_readings(values: Sequence[bytes]) -> list[Reading]:
    """Decode a fetch in which every message must be right, control messages included (as rows).

    Raises ``ValueError`` naming the first message that is not; ``decode_fetch`` sorts good from bad instead.
    """
    fetch = decode_fetch(values)
    if fetch.refused:
        first = fetch.refused[0]
        raise ValueError(f"message {first.index} of {len(values)}: {first.reason}: {first.detail}")
    return fetch.rows


def decode_fetch(values: Sequence[bytes | None]) -> Fetch:
    """Decode one fetch (record values in log order) of a readings topic; never raises for what came."""
    return _decode_joined(values) or _decode_each(values)


def _decode_joined(values: Sequence[bytes | None]) -> Fetch | None:
    """All messages in one call, or ``None`` if any is wrong or could have been mistaken for another.

    Two halves of a message beside a doubled one would decode to the right *number* of rows, shifted.
    So each message must begin with ``{`` and end with ``}``: a ``}`` and a ``{`` with only a line feed
    between them stand in no single JSON text, hence every border is a border and equal counts mean that
    each message is one row. (A JSON array would not do: there the comma can make a border vanish.)
    """
    if not values:
        return None
    try:
        joined = b"\n".join(values)  # type: ignore[arg-type]  # a null value is the TypeError below
    except TypeError:
        return None
    if not _bordered(joined, values):
        return None
    try:
        rows = _READING.decode_lines(joined)
        # Rows are looked through for controls only if a string can start with the mark, plainly or escaped.
        controls = _controls(values, rows) if b"~" in joined or b"\\" in joined else []
    except _BROKEN:
        return None
    return Fetch(rows, range(len(rows)), controls, []) if len(rows) == len(values) else None


def _bordered(joined: bytes, values: Sequence[bytes | None]) -> bool:
    lengths = np.fromiter(map(len, values), np.intp, len(values))  # type: ignore[arg-type]  # joined: no null
    text = np.frombuffer(joined, np.uint8)
    after = np.cumsum(lengths + 1)  # where the next message begins
    if not lengths.all():
        return False
    return bool((text[after - 2] == _CLOSE).all() and (text[after - 1 - lengths] == _OPEN).all())


def _controls(values: Sequence[bytes | None], rows: list[Reading]) -> list[tuple[int, Control]]:
    return [
        (position, _CONTROL.decode(values[position] or b""))
        for position, row in enumerate(rows)
        if row.series.startswith(CONTROL_MARK)
    ]


def _decode_each(values: Sequence[bytes | None]) -> Fetch:
    """The slow way: one message at a time, so that each bad one is refused alone."""
    fetch = Fetch([], [], [], [])
    index: list[int] = []
    for place, value in enumerate(values):
        try:
            row, control = _decode_one(value or b"")
        except _BROKEN as broken:
            fetch.refused.append(_refusal(place, broken))
            continue
        if control is not None:
            fetch.controls.append((len(fetch.rows), control))
        fetch.rows.append(row)
        index.append(place)
    return msgspec.structs.replace(fetch, index=index)


def _decode_one(value: bytes) -> tuple[Reading, Control | None]:
    try:
        row = _READING.decode(value)
    except msgspec.ValidationError:
        # A control written without its empty "value" is no Reading, yet good.
        try:
            control = _CONTROL.decode(value)
        except msgspec.ValidationError:
            control = None
        if control is None:
            raise
        return Reading(series=control.series, time=control.time, value=None), control
    return row, _CONTROL.decode(value) if row.series.startswith(CONTROL_MARK) else None


def _refusal(place: int, broken: Exception) -> Refused:
    reason = "schema_mismatch" if isinstance(broken, msgspec.ValidationError) else "malformed_json"
    return Refused(place, reason, str(broken))


def unknown_fields(value: bytes) -> int:
    """How many top-level fields of a good message of a readings topic, a reading or a control, are not in our schema
    (they are ignored, D14).

    Costs as much as decoding: call it on a sample, one message of a fetch say.
    """
    fields = _LOOSE.decode(value)
    control = bytes(fields.get("series", b"")).startswith(b'"' + CONTROL_MARK.encode())
    return len(fields.keys() - (_CONTROL_FIELDS if control else _READING_FIELDS))


def partition_of(key: str, partitions: int) -> int:
    """The partition that Kafka's default partitioner gives a UTF-8 ``key``: murmur2, made positive, modulo.

    Written out here (and tested against the clients') so that the kernel and Flink's workers need no
    Kafka client. Takes some microseconds: keep the answer by key where the path is hot.
    """
    return (_murmur2(key.encode()) & 0x7FFFFFFF) % partitions


def _murmur2(data: bytes) -> int:
    mixer, word = 0x5BD1E995, 0xFFFFFFFF
    hashed = (0x9747B28C ^ len(data)) & word
    whole = len(data) & ~3
    for start in range(0, whole, 4):
        k = int.from_bytes(data[start : start + 4], "little") * mixer & word
        k = (k ^ k >> 24) * mixer & word
        hashed = (hashed * mixer & word) ^ k
    if whole < len(data):
        hashed = (hashed ^ int.from_bytes(data[whole:], "little")) * mixer & word
    hashed = (hashed ^ hashed >> 13) * mixer & word
    return hashed ^ hashed >> 15
