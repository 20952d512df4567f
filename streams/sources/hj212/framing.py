"""From bytes of a connection to pieces: whole frames, and everything that is none, byte for byte.

Pure: feed it chunks as they come, it gives what is complete; how the stream was cut into chunks makes no
difference. Rules (HJ 212-2017, 6.3, and what devices make of it):

- ``##``, four digits L, L bytes, four hex digits, CR LF. A frame is good where its check sum is, with or
  without the CR LF.
- No data segment holds CR LF or the head of a frame (``##``, four digits, two capitals, ``=``). Where one
  comes before the declared end, the length is wrong and the piece ends there: waiting for 9999 bytes
  that a device never sent would hold up all its later frames.
- A frame whose check sum fails ends at the next CR LF or ``##``.
- An encrypted body (2025) begins ``CP=&&{0x`` and carries its *plain text's* length: it ends at CR LF.
- CR and LF between frames are nothing; any other bytes between frames are a piece of their own.
"""

import re

from streams.sources.hj212.crc import crc_text
from streams.sources.piece import Piece

#: ``##``, length, 9999 bytes, check sum.
LARGEST_FRAME = 2 + 4 + 9999 + 4
#: Five characters for each encrypted byte (``0xE4,``).
LARGEST_ENCRYPTED = 65_536
LARGEST_GARBAGE = 4_096

ENCRYPTED_MARK = b"CP=&&{0x"

_EARLY_END = re.compile(rb"\r\n|##(?=[0-9]{4}[A-Z]{2}=)")
_EARLY_HEAD = 9  # bytes by which the second alternative is known
_END = re.compile(rb"\r\n|##")
_BETWEEN = re.compile(rb"[\r\n]*")


class Framer:
    """Holds at most one unfinished piece: never more than ``LARGEST_ENCRYPTED`` bytes between calls.

    A frame whose length says more than ``most_bytes`` is a bad one, whatever follows.
    """

    def __init__(self, most_bytes: int = 9_999) -> None:
        self.most_bytes = most_bytes
        self._buffer = bytearray()
        self._offset = 0
        # Of the piece at the head of the buffer: where the search for its end goes on, and within which bound.
        self._searched = 0
        self._bound = 0

    @property
    def pending(self) -> int:
        """Bytes that wait for more."""
        return len(self._buffer)

    def feed(self, chunk: bytes) -> list[Piece]:
        """The pieces that these bytes complete, in order."""
        pieces: list[Piece] = []
        if not self._buffer and (came := self._plain(chunk, pieces)):
            chunk = chunk[came:]
        if not chunk:
            return pieces
        self._buffer += chunk
        while (piece := self._next()) is not None:
            pieces.append(piece)
        return pieces

    def _plain(self, chunk: bytes, pieces: list[Piece]) -> int:
        """Take whole and good frames that end with CR LF off the head of a chunk, without a copy into the buffer.

        Returns how many bytes they were; what is anything else is left to the rules in full.
        """
        start = 0
        while chunk.startswith(b"##", start):
            head = chunk[start + 2 : start + 6]
            if len(head) < 4 or not head.isdigit():
                break
            end = start + 10 + int(head)
            if end - start > self.most_bytes + 10:
                break
            if chunk.find(b"\r\n", start) != end or chunk.find(b"##", start + 2, end) != -1:
                break
            data = chunk[start + 6 : end - 4]
            if chunk[end - 4 : end].upper() != crc_text(data):
                break
            pieces.append(Piece(self._offset, chunk[start:end], data))
            self._offset += end + 2 - start
            start = end + 2
        return start

    def flush(self) -> list[Piece]:
        """The stream has ended, or its rest is no longer waited for: what is left is one piece that is no frame."""
        self._skip_between()
        return [self._take(len(self._buffer))] if self._buffer else []

    def _next(self) -> Piece | None:
        if self._bound:
            return self._broken()
        self._skip_between()
        buffer = self._buffer
        if not buffer.startswith(b"##"):
            return self._garbage()
        if len(buffer) < 6:
            return None
        head = bytes(buffer[2:6])
        if not head.isdigit():
            return self._broken_from(1, LARGEST_FRAME)
        if int(head) > self.most_bytes:
            return self._broken_from(6, LARGEST_FRAME)
        return self._framed(10 + int(head))

    def _framed(self, end: int) -> Piece | None:
        """The head is in order; ``end`` is where the frame should end."""
        buffer = self._buffer
        early = _EARLY_END.search(buffer, max(6, self._searched), end)
        if early is not None:
            return self._take(early.end() if early[0] == b"\r\n" else early.start())
        if len(buffer) < end:
            self._searched = len(buffer) - _EARLY_HEAD
            return None
        data = bytes(buffer[6 : end - 4])
        if bytes(buffer[end - 4 : end]).upper() == crc_text(data):
            return self._take(end, data)
        if ENCRYPTED_MARK in data:
            return self._broken_from(end - _EARLY_HEAD + 1, LARGEST_ENCRYPTED)
        return self._broken_from(max(6, end - _EARLY_HEAD + 1), LARGEST_FRAME)

    def _garbage(self) -> Piece | None:
        # One byte beyond the bound, so that a "##" across it is not torn; not more, so that chunks do not matter.
        found = self._buffer.find(b"##", 0, LARGEST_GARBAGE + 1)
        if found > 0:
            return self._take(found)
        return self._take(LARGEST_GARBAGE) if len(self._buffer) > LARGEST_GARBAGE else None

    def _broken_from(self, start: int, bound: int) -> Piece | None:
        self._searched, self._bound = start, bound
        return self._broken()

    def _broken(self) -> Piece | None:
        """The piece is no frame; it ends at the next CR LF (included) or ``##`` (left), at the latest at the bound."""
        found = _END.search(self._buffer, self._searched, self._bound + 1)
        if found is not None:
            return self._take(found.end() if found[0] == b"\r\n" else found.start())
        if len(self._buffer) > self._bound:
            return self._take(self._bound)
        self._searched = max(self._searched, len(self._buffer) - 1)
        return None

    def _skip_between(self) -> None:
        between = _BETWEEN.match(self._buffer)
        if between is not None and between.end():
            del self._buffer[: between.end()]
            self._offset += between.end()

    def _take(self, length: int, data: bytes | None = None) -> Piece:
        piece = Piece(self._offset, bytes(self._buffer[:length]), data)
        del self._buffer[:length]
        self._offset += length
        self._searched = self._bound = 0
        return piece
