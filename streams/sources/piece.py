"""A piece of what a device sends: a frame, or what lies between frames."""

import msgspec


class Piece(msgspec.Struct, frozen=True):
    """``raw`` as it came, ``offset`` its place in the stream; ``data`` the data segment of a good frame,
    ``None`` where length or check sum say that it is none (each source's diagnosis says what it is).
    """

    offset: int
    raw: bytes
    data: bytes | None = None
