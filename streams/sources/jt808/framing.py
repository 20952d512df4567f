"""From bytes of a connection to pieces: what stands between two ``0x7e``, unescaped and with its check byte right, or
everything else, byte for byte. Pure: how the stream was cut into chunks makes no difference.

One ``0x7e`` may end a frame and begin the next; nothing between two of them is nothing. Within a frame ``0x7d 0x02``
stands for ``0x7e`` and ``0x7d 0x01`` for ``0x7d``; the last byte is the exclusive or of all before it.
"""

import functools
import operator

from streams.sources.piece import Piece

MARK = 0x7E
ESCAPE = 0x7D
#: Head (2019, sub-packaged), a body of 1023 bytes and the check byte.
LARGEST_DATA = 21 + 1023 + 1


class Framer:
    """Holds at most one unfinished piece. ``most_bytes`` bounds a frame as it stands on the wire; what is longer is cut
    into pieces that are none.
    """

    def __init__(self, most_bytes: int = 2 * LARGEST_DATA) -> None:
        self.most_bytes = most_bytes
        self._buffer = bytearray()
        self._offset = 0
        self._cut = False  # what comes before the next mark is the rest of something too long

    @property
    def pending(self) -> int:
        """Bytes of an unfinished piece."""
        return len(self._buffer)

    def feed(self, chunk: bytes) -> list[Piece]:
        """What is complete now."""
        self._buffer += chunk
        pieces: list[Piece] = []
        while self._buffer:
            end = self._buffer.find(MARK, 0, self.most_bytes + 1)
            if end == 0:
                self._drop(1)
                self._cut = False
            elif end > 0:
                pieces.append(self._piece(end))
                self._drop(1)
                self._cut = False
            elif len(self._buffer) > self.most_bytes:
                pieces.append(self._take(self.most_bytes, None))
                self._cut = True
            else:
                break
        return pieces

    def flush(self) -> list[Piece]:
        """The stream has ended, or its rest is no longer waited for: what is left is one piece that is no frame."""
        return [self._take(len(self._buffer), None)] if self._buffer else []

    def _piece(self, length: int) -> Piece:
        return self._take(length, None if self._cut else unescaped(bytes(self._buffer[:length])))

    def _take(self, length: int, data: bytes | None) -> Piece:
        piece = Piece(self._offset, bytes(self._buffer[:length]), data)
        self._drop(length)
        return piece

    def _drop(self, length: int) -> None:
        del self._buffer[:length]
        self._offset += length


def unescaped(raw: bytes) -> bytes | None:
    """The message of a frame without its check byte; ``None`` where escapes or check byte are wrong.

    >>> unescaped(bytes.fromhex("3010011402")) is None
    True
    >>> unescaped(bytes.fromhex("30087d02087d0133")).hex()
    '30087e087d'
    """
    head, *rest = raw.split(b"\x7d")
    plain = bytearray(head)
    for part in rest:
        if part[:1] not in (b"\x01", b"\x02"):
            return None
        plain += (b"\x7d" if part[0] == 1 else b"\x7e") + part[1:]
    if len(plain) < 2 or check_byte(plain[:-1]) != plain[-1]:
        return None
    return bytes(plain[:-1])


def framed(message: bytes) -> bytes:
    """A message as it stands on the wire.

    >>> framed(bytes.fromhex("30087e087d")).hex()
    '7e30087d02087d01337e'
    """
    plain = message + bytes([check_byte(message)])
    return b"\x7e" + plain.replace(b"\x7d", b"\x7d\x01").replace(b"\x7e", b"\x7d\x02") + b"\x7e"


def check_byte(data: bytes | bytearray) -> int:
    """The exclusive or of all bytes."""
    return functools.reduce(operator.xor, data, 0)
