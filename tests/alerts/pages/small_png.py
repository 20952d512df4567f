"""A screenshot as a PNG of at most 256 colours, so that the pictures in docs/ stay small; grey pages hardly change."""

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

COLOURS = 256
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def small_png(pixels: NDArray[np.uint8]) -> bytes:
    """The PNG of ``pixels``, shape (height, width, 3): its most frequent colours, the others by the nearest of them."""
    height, width, _ = pixels.shape
    plain = pixels.reshape(-1, 3).astype(np.int32)
    codes = plain[:, 0] << 16 | plain[:, 1] << 8 | plain[:, 2]
    shades, place, times = np.unique(codes, return_inverse=True, return_counts=True)
    kept = shades[np.argsort(-times)[:COLOURS]]
    distance = ((_channels(shades)[:, None, :] - _channels(kept)[None, :, :]) ** 2).sum(axis=2)
    index = distance.argmin(axis=1).astype(np.uint8)[place].reshape(height, width)
    rows = np.hstack([np.zeros((height, 1), dtype=np.uint8), index])
    palette = _channels(kept).astype(np.uint8)
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = (
        (b"IHDR", header),
        (b"PLTE", palette.tobytes()),
        (b"IDAT", zlib.compress(rows.tobytes(), 9)),
        (b"IEND", b""),
    )
    return _SIGNATURE + b"".join(_chunk(name, body) for name, body in parts)


def read_png(data: bytes) -> NDArray[np.uint8]:
    """The pixels of a PNG as Chromium writes it: 8 bits, RGB or RGBA, not interlaced."""
    width, height, depth, kind = struct.unpack(">IIBB", data[16:26])
    assert (depth, kind in (2, 6)) == (8, True), "expected 8 bits of RGB or RGBA"
    each = 3 if kind == 2 else 4
    body, at = b"", 8
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        if data[at + 4 : at + 8] == b"IDAT":
            body += data[at + 8 : at + 8 + length]
        at += length + 12
    lines = np.frombuffer(zlib.decompress(body), dtype=np.uint8).reshape(height, 1 + width * each)
    return _unfilter(lines, each).reshape(height, width, each)[:, :, :3]


def _unfilter(lines: NDArray[np.uint8], each: int) -> NDArray[np.uint8]:
    """Undo the five row filters of PNG."""
    found = np.zeros((len(lines), lines.shape[1] - 1), dtype=np.uint8)
    above = np.zeros(lines.shape[1] - 1, dtype=np.uint8)
    for number, line in enumerate(lines):
        kind, row = int(line[0]), line[1:].copy()
        if kind == 2:
            row += above
        elif kind:
            _unfilter_row(row, above, each, kind)
        found[number] = above = row
    return found


def _unfilter_row(row: NDArray[np.uint8], above: NDArray[np.uint8], each: int, kind: int) -> None:
    cells, up = row.tolist(), above.tolist()
    for at in range(len(cells)):
        left = cells[at - each] if at >= each else 0
        corner = up[at - each] if at >= each else 0
        guess = {1: left, 3: (left + up[at]) // 2}.get(kind)
        cells[at] = (cells[at] + (_paeth(left, up[at], corner) if guess is None else guess)) & 0xFF
    row[:] = cells


def _paeth(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    return min((abs(guess - left), 0, left), (abs(guess - up), 1, up), (abs(guess - corner), 2, corner))[2]


def _channels(codes: NDArray[np.int32]) -> NDArray[np.int32]:
    return np.stack([codes >> 16 & 0xFF, codes >> 8 & 0xFF, codes & 0xFF], axis=1)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
