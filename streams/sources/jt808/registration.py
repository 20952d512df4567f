"""What a terminal says of itself when it registers (0x0100) and shows itself (0x0102), and how it is answered. Pure."""

import msgspec

from streams.sources.jt808.message import PLATFORM_ANSWER, REGISTER_ANSWER, Message

#: Where the number plate begins in the editions: province, city, maker, model, terminal, colour of the plate.
_PLATE_AT = {2011: 2 + 2 + 5 + 8 + 7 + 1, 2013: 2 + 2 + 5 + 20 + 7 + 1, 2019: 2 + 2 + 11 + 30 + 30 + 1}

#: Results of the platform's general answer, and of its answer to a registration.
TAKEN, FAILED, WRONG, UNSUPPORTED = 0, 1, 2, 3
NO_SUCH_VEHICLE, NO_SUCH_TERMINAL = 2, 4
#: After the code a terminal of 2019 writes its IMEI (15) and its software (20).
_AFTER_CODE = 35


class Registration(msgspec.Struct, frozen=True):
    """``plate`` is the vehicle's, empty for one that has none (then it is its frame number, which is not asked)."""

    edition: int
    plate: str


def read_registration(message: Message) -> Registration:
    """Raises ``ValueError``. The edition of 2011 is known by its length: its plate begins earlier."""
    edition = message.edition
    if edition < 2019 and len(message.body) < _PLATE_AT[2013]:
        edition = 2011
    at = _PLATE_AT[edition]
    if len(message.body) < at:
        raise ValueError(f"registration: expected at least {at} bytes, got {len(message.body)}")
    plate = message.body[at:].rstrip(b"\0").decode("gbk", "replace").strip() if message.body[at - 1] else ""
    return Registration(edition, plate)


def write_registration(plate: str, edition: int, terminal: str = "") -> bytes:
    """The body of a registration with a yellow plate; maker and model are left empty."""
    before = _PLATE_AT[edition] - 1
    number = 30 if edition == 2019 else 7
    return (bytes(before - number) + terminal.encode()[:number].ljust(number, b"\0")) + b"\x02" + plate.encode("gbk")


def read_code(message: Message) -> str:
    """The code with which a terminal shows itself. Raises ``ValueError``."""
    body = message.body
    if message.edition >= 2019:
        if not body or len(body) < 1 + body[0]:
            raise ValueError(f"code: expected its length and so many bytes, got {len(body)}")
        body = body[1 : 1 + body[0]]
    return body.rstrip(b"\0").decode("gbk", "replace")


def write_code(code: str, edition: int) -> bytes:
    """The body of 0x0102."""
    raw = code.encode("gbk")
    return bytes([len(raw)]) + raw + bytes(_AFTER_CODE) if edition >= 2019 else raw


def answer_to(message: Message, result: int, serial: int) -> Message:
    """The platform's general answer; ``serial`` is the platform's own count."""
    body = message.serial.to_bytes(2, "big") + message.id.to_bytes(2, "big") + bytes([result])
    return Message(PLATFORM_ANSWER, message.phone, serial, body, message.edition, message.version)


def registered(message: Message, result: int, serial: int, code: str = "") -> Message:
    """The answer to a registration, with the code where it is taken."""
    body = message.serial.to_bytes(2, "big") + bytes([result])
    body += code.encode("gbk") if result == TAKEN else b""
    return Message(REGISTER_ANSWER, message.phone, serial, body, message.edition, message.version)


def read_answer(message: Message) -> tuple[int, int]:
    """Of an answer of the platform: the number it answers and the result. Raises ``ValueError``."""
    at = 4 if message.id == PLATFORM_ANSWER else 2
    if len(message.body) <= at:
        raise ValueError(f"answer: expected more than {at} bytes, got {len(message.body)}")
    return int.from_bytes(message.body[:2], "big"), message.body[at]
