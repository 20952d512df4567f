"""The files of a spool: segments of check-summed records, and the place up to which they have been drained."""

import fcntl
import os
import struct
import zlib
from collections.abc import Iterable
from pathlib import Path

import msgspec

from streams.sources.base import Record

_HEAD = struct.Struct(">II")
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Record)

SUFFIX = ".spool"
_DRAINED = "drained"
_LOCK = "lock"


class Place(msgspec.Struct, frozen=True):
    """A byte in the spool: number of the segment and position within it."""

    segment: int
    position: int


def framed(record: Record) -> bytes:
    """A record as it lies on disk: length of the payload, its crc32 (both big endian), the payload (msgpack)."""
    payload = _ENCODER.encode(record)
    return _HEAD.pack(len(payload), zlib.crc32(payload)) + payload


def segment_path(folder: Path, number: int) -> Path:
    """Where the segment of this number lies; names sort as numbers do."""
    return folder / f"{number:012d}{SUFFIX}"


def lock_folder(folder: Path) -> int:
    """A descriptor that holds the folder for this process until it is closed. ``OSError`` if another holds it."""
    descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def find_segments(folder: Path) -> dict[int, int]:
    """Size in bytes of each segment there is, by number, in order."""
    paths = sorted(path for path in folder.glob(f"*{SUFFIX}") if path.stem.isdecimal())
    return {int(path.stem): path.stat().st_size for path in paths}


def read_records(path: Path, position: int, limit: int, most: int) -> tuple[list[Record], int]:
    """Up to ``most`` whole records between two positions, and the position behind the last of them.

    Ends before the first record that is torn or spoilt: then fewer come than were asked for, or none.
    """
    records: list[Record] = []
    with path.open("rb") as file:
        file.seek(position)
        while len(records) < most and position + _HEAD.size <= limit:
            head = file.read(_HEAD.size)
            if len(head) < _HEAD.size:
                break
            length, checksum = _HEAD.unpack(head)
            if position + _HEAD.size + length > limit:
                break
            payload = file.read(length)
            if len(payload) < length or zlib.crc32(payload) != checksum:
                break
            try:
                records.append(_DECODER.decode(payload))
            except msgspec.DecodeError:
                break
            position += _HEAD.size + length
    return records, position


def append_bytes(path: Path, chunks: Iterable[bytes]) -> None:
    """Write behind what is there and return once it is on the disk, as is the file's name."""
    new = not path.exists()
    with path.open("ab") as file:
        file.writelines(chunks)
        file.flush()
        os.fsync(file.fileno())
    if new:
        _sync_folder(path.parent)


def read_drained(folder: Path) -> Place | None:
    """Where draining stood, ``None`` if nothing readable says so: then all that is there is drained again."""
    try:
        return msgspec.msgpack.decode((folder / _DRAINED).read_bytes(), type=Place)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def write_drained(folder: Path, place: Place) -> None:
    """Replace the place in one step; a crash leaves the old or the new one."""
    new = folder / f"{_DRAINED}.new"
    new.write_bytes(msgspec.msgpack.encode(place))
    new.replace(folder / _DRAINED)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
