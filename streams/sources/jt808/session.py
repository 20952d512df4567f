"""One line of terminals: messages in, what is to be kept and what is to be answered once it is. Pure.

A terminal registers and gets its code, shows it on each connection, and reports. What it reports before it has shown a
code that it must show, or for a vehicle nobody has registered, is a dead letter with the reason, answered as failed.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import msgspec

from records.registry import Device, Site, valid_at
from streams.sources.base import Record
from streams.sources.jt808 import message as words
from streams.sources.jt808.framing import framed
from streams.sources.jt808.location import Location, read_batch, read_location
from streams.sources.jt808.message import Message, read_message, write_message
from streams.sources.jt808.parts import Parts
from streams.sources.jt808.registration import (
    FAILED,
    NO_SUCH_TERMINAL,
    NO_SUCH_VEHICLE,
    TAKEN,
    UNSUPPORTED,
    WRONG,
    answer_to,
    read_code,
    read_registration,
    registered,
)  # fmt: skip
from streams.sources.jt808.terminals import Terminals
from streams.sources.piece import Piece
from topics.codec import encode
from topics.dead_letter import TOPIC as DEAD_LETTERS
from topics.dead_letter import DeadLetter, to_headers
from topics.domain import Domain
from topics.families import CARRIAGE
from topics.positions import TOPIC, Position
from topics.reading import EARLIEST_MS, LATEST_MS

#: Terminals that may have shown themselves on one line (a forwarder brings several).
MOST_SHOWN = 1_000
FASTEST_KMH = 400.0
ORIGIN = "gateway/jt808"


class Lookup(Protocol):
    """What is asked of the registry."""

    def device_called(self, name: str) -> Device | None: ...

    def site(self, name: str) -> Site | None: ...


class Job(msgspec.Struct):
    """``records`` are to be kept, then ``answer`` may go out."""

    records: Sequence[Record]
    verdict: str
    answer: bytes | None = None
    phone: str = ""
    positions: int = 0


class City(Protocol):
    """What is known of the city, as it is at each moment."""

    @property
    def registry(self) -> Lookup: ...

    @property
    def domains(self) -> Mapping[str, Domain]: ...


class Refusal(ValueError):
    """Why a message is not taken: the reason of its dead letter and the result of its answer."""

    def __init__(self, detail: str, reason: str = "bad_frame", result: int = FAILED) -> None:
        super().__init__(detail)
        self.reason = reason
        self.result = result


class Session:
    """The line from ``host``; ``now_ms`` is the wall time."""

    def __init__(self, city: City, terminals: Terminals, host: str, now_ms: Callable[[], int]) -> None:
        self.city = city
        self.terminals = terminals
        self.host = host
        self.now_ms = now_ms
        self._parts = Parts()
        self._shown: set[str] = set()
        self._serial = 0

    def job(self, piece: Piece) -> Job:
        """What one piece comes to."""
        if piece.data is None:
            return self._lost(piece.raw, "frame: expected escapes and check byte to be right")
        try:
            message = read_message(piece.data)
            if message.encrypted:
                raise ValueError("body: expected plain text, got an encrypted one")
            whole = self._parts.put(message) if message.parts else (message, [message])
        except ValueError as error:
            return self._lost(piece.raw, str(error))
        if whole is None:
            return Job((), "accepted", phone=message.phone)
        return self._answered(piece.raw, *whole)

    def _answered(self, raw: bytes, message: Message, parts: list[Message]) -> Job:
        if message.id == words.REGISTER:
            return self._register(raw, message)
        try:
            records, result = self._taken(message), TAKEN
        except Refusal as refusal:
            job = self._lost(raw, str(refusal), refusal.reason, message.phone)
            job.answer = self._answers(parts, refusal.result)
            return job
        except ValueError as error:
            job = self._lost(raw, str(error), phone=message.phone)
            job.answer = self._answers(parts, WRONG)
            return job
        if records is None:
            return Job((), "unsupported", self._answers(parts, UNSUPPORTED), message.phone)
        answer = None if message.id == words.TERMINAL_ANSWER else self._answers(parts, result)
        return Job(records, "accepted", answer, message.phone, len(records))

    def _taken(self, message: Message) -> list[Record] | None:
        """The records of a message, ``None`` for one that is not read here."""
        match message.id:
            case words.AUTHENTICATE:
                self._show(message)
            case words.HEARTBEAT | words.LOGOUT | words.TERMINAL_ANSWER:
                return []
            case words.LOCATION:
                return [self._record(message, message.body)]
            case words.LOCATION_BATCH:
                kept, bodies = read_batch(message.body)
                return [self._record(message, body, kept=kept) for body in bodies]
            case _:
                return None
        return []

    def _register(self, raw: bytes, message: Message) -> Job:
        try:
            said = read_registration(message)
        except ValueError as error:
            return self._lost(raw, str(error), phone=message.phone)
        result, why = TAKEN, ""
        device = self.city.registry.device_called(message.phone)
        code = self.terminals.code(message.phone)
        if device is None or code is None or not self.terminals.comes_from(message.phone, self.host):
            result, why = NO_SUCH_TERMINAL, f"terminal {message.phone}: expected a registered one that may register"
        elif said.plate and said.plate != device.id:
            result, why = NO_SUCH_VEHICLE, f"terminal {message.phone}: expected plate {device.id}, got {said.plate}"
        answer = self._bytes(registered(message, result, self._next(), code or ""))
        if result == TAKEN:
            return Job((), "accepted", answer, message.phone)
        job = self._lost(raw, why, "bad_credentials", message.phone)
        job.answer = answer
        return job

    def _show(self, message: Message) -> None:
        phone = message.phone
        known = self.terminals.comes_from(phone, self.host) and self.terminals.shown(phone, read_code(message))
        if not known or len(self._shown) >= MOST_SHOWN:
            self._shown.discard(phone)
            raise Refusal(f"terminal {phone}: its code or address is not its own", "bad_credentials")
        self._shown.add(phone)

    def _record(self, message: Message, body: bytes, *, kept: bool = False) -> Record:
        phone = message.phone
        if self.terminals.must_show(phone) and phone not in self._shown:
            raise Refusal(f"terminal {phone}: expected it to show its code (0x0102) first", "bad_credentials")
        told = read_location(body)
        if not EARLIEST_MS <= told.time <= LATEST_MS:
            raise ValueError(f"time: expected one between {EARLIEST_MS} and {LATEST_MS} ms UTC, got {told.time}")
        device = self.city.registry.device_called(phone)
        site = self.city.registry.site(device.site) if device is not None else None
        if device is None or site is None or not valid_at(device, told.time):
            raise Refusal(f"terminal {phone}: expected a vehicle's, registered under this number", "event_refused")
        domain = self.city.domains.get(site.domain)
        if domain is None or CARRIAGE not in domain.facts:
            raise Refusal(f"terminal {phone}: expected a site whose domain watches carriers", "event_refused")
        return Record(TOPIC, device.id, encode(position_of(told, device, site, phone, kept=kept)))

    def _lost(self, raw: bytes, detail: str, reason: str = "bad_frame", phone: str = "") -> Job:
        letter = DeadLetter(ORIGIN, -1, -1, reason, detail[:1000], "jt808", self.now_ms())
        headers = (*to_headers(letter), ("peer", self.host.encode()))
        return Job([Record(DEAD_LETTERS, phone, raw, headers)], reason, phone=phone)

    def _answers(self, parts: list[Message], result: int) -> bytes:
        return b"".join(self._bytes(answer_to(part, result, self._next())) for part in parts)

    def _bytes(self, message: Message) -> bytes:
        return framed(write_message(message))

    def _next(self) -> int:
        self._serial = (self._serial + 1) & 0xFFFF
        return self._serial


def position_of(told: Location, device: Device, site: Site, phone: str, *, kept: bool) -> Position:
    """A report as it travels: the vehicle is the device, its firm the device's site."""
    return Position(
        device.id,
        told.time,
        told.lat,
        told.lon,
        site=site.id,
        domain=site.domain,
        speed_kmh=told.speed_kmh if told.speed_kmh <= FASTEST_KMH else None,
        heading_deg=float(told.heading_deg) if told.heading_deg <= 360 else None,
        located=told.located,
        resent=kept,
        terminal=phone,
        source="jt808",
    )
