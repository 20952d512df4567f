"""Bytes that no device would send, and those that one nearly would, through everything the gateway does with them."""

import random
import resource
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

from records.registry import Registry
from streams.sources.hj212.client import build_frame
from streams.sources.hj212.device_keys import DeviceKey, DeviceKeys
from streams.sources.hj212.frames import Frames
from streams.sources.hj212.framing import LARGEST_ENCRYPTED, Framer
from streams.sources.hj212.sm4 import encrypt_segment
from streams.sources.hj212.to_readings import NO_DOMAINS, Origin

CHUNK_BYTES = 65_536

_SEEDS = (
    b"QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&",
    b"QN=20160801085857223;ST=32;CN=2011;PW=123456;MN=M1;Flag=5;CP=&&DataTime=20160801085857;"
    b"w01018-Rtd=12.5,w01018-Flag=N;w21003-Rtd=1.25,w21003-Flag=N&&",
    b"QN=20160801085857223;ST=31;CN=2061;PW=123456;MN=M1;Flag=7;PNUM=2;PNO=1;CP=&&DataTime=20160801080000;"
    b"a21026-ZsAvg=35,a21026-Avg=30,a21026-Min=1,a21026-Max=50,a21026-Cou=2,a21026-Flag=M&&",
    b"ST=32;CN=2011;PW=123456;MN=OLD;CP=&&DataTime=20160801085857;011-Rtd=12.5,011-flag=N&&",
    b"QN=20160801085857223;ST=91;CN=9014;PW=123456;MN=M1;Flag=4;CP=&&&&",
)
_PIECES = (b"##", b"\r\n", b"&&", b"CP=&&{0x", b";", b",", b"=", b"-", b"QN=", b"##9999QN=", b"\x00", b"\xff", b"0")


def fuzz_gateway(total: int, seed: int = 1) -> dict[str, Any]:
    """Feed ``total`` bytes and say what became of them; raises whatever the code under it raises.

    ``growth_mb`` is by how much the process' peak memory rose over the second half: what grew with the
    input would go on growing. ``most_pending`` is the most that a framer held between two chunks.
    """
    rng, counts = random.Random(seed), Counter[str]()
    frames = Frames(Registry(), NO_DOMAINS, counts, minute_s=600, keys=DeviceKeys({"M1": DeviceKey(sm4_key=b"0" * 16)}))
    framer, origin = Framer(), Origin("fuzz", 1_470_013_200_000)
    fed = pieces = records = most = 0
    half_mb, began = 0.0, time.process_time()
    for chunk in _chunks(rng, total):
        fed += len(chunk)
        for piece in framer.feed(chunk):
            pieces += 1
            records += len(frames.job(piece, origin, "127.0.0.1").records)
        most = max(most, framer.pending)
        if most > LARGEST_ENCRYPTED:
            raise AssertionError(f"framer: expected at most {LARGEST_ENCRYPTED} bytes to wait, got {most}")
        if not half_mb and fed >= total // 2:
            half_mb = _peak_mb()
    spent = time.process_time() - began
    return {
        "bytes": fed,
        "seed": seed,
        "pieces": pieces,
        "records": records,
        "counts": dict(sorted(counts.items())),
        "most_pending": most,
        "growth_mb": round(_peak_mb() - half_mb, 1),
        "cpu_seconds": round(spent, 2),
        "mb_per_cpu_s": round(fed / 1e6 / spent, 2) if spent else None,
    }


def _chunks(rng: random.Random, total: int) -> Iterator[bytes]:
    left = total
    while left > 0:
        size = min(left, rng.choice((1, 7, 100, 1_400, CHUNK_BYTES)))
        chunk = b"".join(_bytes_of(rng, size))[:size]
        left -= len(chunk)
        yield chunk


def _bytes_of(rng: random.Random, size: int) -> Iterator[bytes]:
    made = 0
    while made < size:
        part = _part(rng)
        made += len(part)
        yield part


def _part(rng: random.Random) -> bytes:
    """Noise, pieces of syntax, frames, and frames with something changed in them."""
    kind = rng.random()
    if kind < 0.1:
        return rng.randbytes(rng.randrange(1, 200))
    if kind < 0.3:
        return rng.choice(_PIECES)
    segment = _changed(rng, rng.choice(_SEEDS)) if kind < 0.7 else rng.choice(_SEEDS)
    if kind > 0.9 and b"CP=&&" in segment and segment.endswith(b"&&"):
        frame = build_frame(segment)
        return frame[:6] + encrypt_segment(segment, b"0" * 16) + frame[-6:]
    frame = build_frame(segment, crlf=rng.random() < 0.7)
    return _changed(rng, frame) if rng.random() < 0.3 else frame


def _changed(rng: random.Random, data: bytes) -> bytes:
    place, some = rng.randrange(len(data)), rng.choice((*_PIECES, rng.randbytes(1)))
    return data[:place] + some + data[place + rng.randrange(0, 4) :]


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
