"""The head of a message: what it is, whose, which number, whole or one of several; read and written. Pure."""

import msgspec

#: Messages of terminals.
TERMINAL_ANSWER, HEARTBEAT, LOGOUT, REGISTER, AUTHENTICATE = 0x0001, 0x0002, 0x0003, 0x0100, 0x0102
LOCATION, LOCATION_BATCH = 0x0200, 0x0704
#: Messages of the platform.
PLATFORM_ANSWER, REGISTER_ANSWER = 0x8001, 0x8100

#: Bits of the second word: length of the body, encryption, one of several, edition of 2019.
_LENGTH, _ENCRYPTED, _PARTS, _NEW = 0x03FF, 0x1C00, 0x2000, 0x4000


class Message(msgspec.Struct, frozen=True):
    """``phone`` is the terminal's number without leading zeros; ``part`` of ``parts`` counts from 1 (0 of 0 = whole).
    ``edition`` is 2013 also for 2011, whose head is the same.
    """

    id: int
    phone: str
    serial: int
    body: bytes = b""
    edition: int = 2013
    version: int = 1
    parts: int = 0
    part: int = 0
    encrypted: bool = False


def read_message(data: bytes) -> Message:
    """The message of an unescaped frame. Raises ``ValueError`` with what was required and what came."""
    if len(data) < 12:
        raise ValueError(f"head: expected at least 12 bytes, got {len(data)}")
    properties = int.from_bytes(data[2:4], "big")
    new = bool(properties & _NEW)
    at = 4
    version = 0
    if new:
        version, at = data[4], 5
    size = 10 if new else 6
    phone = _bcd(data[at : at + size], "phone")
    at += size
    serial = data[at : at + 2]
    at += 2
    parts = part = 0
    if properties & _PARTS:
        parts, part = int.from_bytes(data[at : at + 2], "big"), int.from_bytes(data[at + 2 : at + 4], "big")
        at += 4
    if len(data) < at:
        raise ValueError(f"head: expected {at} bytes, got {len(data)}")
    if properties & _PARTS and not 1 <= part <= parts:
        raise ValueError(f"part: expected 1 to {parts}, got {part}")
    length = properties & _LENGTH
    if len(data) - at != length:
        raise ValueError(f"body: expected {length} bytes as the head says, got {len(data) - at}")
    return Message(
        int.from_bytes(data[:2], "big"),
        phone.lstrip("0") or "0",
        int.from_bytes(serial, "big"),
        data[at:],
        2019 if new else 2013,
        version,
        parts,
        part,
        bool(properties & _ENCRYPTED),
    )


def write_message(message: Message) -> bytes:
    """The bytes of a message before escaping. Raises ``ValueError`` for a body of more than 1023 bytes."""
    if len(message.body) > _LENGTH:
        raise ValueError(f"body: expected at most {_LENGTH} bytes, got {len(message.body)}")
    new = message.edition >= 2019
    properties = len(message.body) | (_NEW if new else 0) | (_PARTS if message.parts else 0)
    head = message.id.to_bytes(2, "big") + properties.to_bytes(2, "big")
    head += bytes([message.version]) if new else b""
    digits = 20 if new else 12
    if len(message.phone) > digits or not message.phone.isdecimal():
        raise ValueError(f"phone: expected at most {digits} digits, got {message.phone!r}")
    head += bytes.fromhex(message.phone.zfill(digits)) + message.serial.to_bytes(2, "big")
    if message.parts:
        head += message.parts.to_bytes(2, "big") + message.part.to_bytes(2, "big")
    return head + message.body


def _bcd(data: bytes, what: str) -> str:
    text = data.hex()
    if not text.isdecimal():
        raise ValueError(f"{what}: expected decimal digits, got {text}")
    return text
