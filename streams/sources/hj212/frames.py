"""From a piece of a stream to what is to be kept of it, what it counts as, and what is answered then."""

from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence

import msgspec
import structlog

from streams.sources.base import Record
from streams.sources.hj212.acknowledgement import answer_to
from streams.sources.hj212.crc import crc_text
from streams.sources.hj212.device_keys import DeviceKeys
from streams.sources.hj212.diagnosis import BadSegment, Diagnosis, diagnose_piece
from streams.sources.hj212.framing import ENCRYPTED_MARK
from streams.sources.hj212.quick import QuickWay
from streams.sources.hj212.segment import Segment, parse_segment
from streams.sources.hj212.sm4 import NotDecrypted, decrypt_segment
from streams.sources.hj212.times import When
from streams.sources.hj212.to_readings import Asked, Lookup, Origin, dead_letter, never_asked, records_of
from streams.sources.piece import Piece
from topics.codec import encode
from topics.domain import Domain
from topics.finding import Text
from topics.raw_frame import TOPIC as RAW_FRAMES
from topics.raw_frame import RawFrame

log = structlog.get_logger(__name__)

#: Messages of one device that are remembered, so that one sent again is known, and devices so remembered.
REMEMBERED = 64
MOST_DEVICES = 20_000


class Job(msgspec.Struct):
    """``segment`` is that of a good message (its content and QN are another's where ``quick``)."""

    records: Sequence[Record]
    verdict: str
    answer: bytes | None = None
    segment: Segment | None = None
    qn: str = ""
    times: When | None = None
    quick: bool = False
    plain: bytes = b""


class Frames:
    """Reads pieces; counts into ``counts`` what ``Hj212Gateway`` promises. ``keep_raw``: frames are kept as they came,
    beside what was read in them."""

    def __init__(
        self,
        registry: Lookup,
        domains: Mapping[str, Domain],
        counts: Counter[str],
        *,
        minute_s: int,
        frame_bytes: int = 9_999,
        keys: DeviceKeys | None = None,
        asked: Asked = never_asked,
        keep_raw: bool = False,
    ) -> None:
        self.registry = registry
        self.domains = domains
        self.counts = counts
        self.minute_s = minute_s
        self.frame_bytes = frame_bytes
        self.keys = keys or DeviceKeys()
        self.asked = asked
        self.keep_raw = keep_raw
        self._quick = QuickWay(registry, domains, minute_s)
        self._seen: OrderedDict[str, OrderedDict[str, None]] = OrderedDict()

    def job(self, piece: Piece, origin: Origin, host: str) -> Job:
        """What is to be done with a piece."""
        if piece.data is None:
            if ENCRYPTED_MARK in piece.raw:
                return self._decrypted(piece, origin, host)
            return self._bad(piece.raw, self._diagnosed(piece.raw), origin)
        return self._quickly(piece, origin, host) or self._at_length(piece.data, piece.raw, origin, host)

    def _quickly(self, piece: Piece, origin: Origin, host: str) -> Job | None:
        assert piece.data is not None
        quick = self._quick.take(piece.data, origin.received, self.asked)
        if quick is None:
            return None
        segment = quick.segment
        if not self.keys.asks_nothing and (fault := self.keys.fault(segment.mn, segment.pw, host)) is not None:
            return self._refused(piece.raw, fault, origin, segment.mn)
        self.counts["readings"] += len(quick.records)
        verdict = self._verdict(segment, quick.qn, quick.times)
        if self.keep_raw:
            quick.records.append(_raw(segment.mn, quick.times, piece.raw, origin))
        return Job(quick.records, verdict, quick.answer, segment, quick.qn, quick.times, True, piece.data)

    def _at_length(self, data: bytes, raw: bytes, origin: Origin, host: str) -> Job:
        mn = ""
        try:
            segment = parse_segment(data)
            mn = segment.mn
            if (fault := self.keys.fault(mn, segment.pw, host)) is not None:
                return self._refused(raw, fault, origin, mn)
            out = records_of(segment, raw, self.registry, origin, self.minute_s, domains=self.domains, asked=self.asked)
        except BadSegment as bad:
            return self._bad(raw, bad.diagnosis, origin, mn)
        self.counts["readings"] += out.readings
        self.counts["unregistered"] += out.unregistered
        self.counts["refused_values"] += out.refused
        self.counts["dead_letters"] += bool(out.refused)
        if not out.records and segment.cn[0] in "23" and not segment.asks:
            self.counts["without_readings"] += 1
            log.info("hj212_without_readings", mn=mn, cn=segment.cn, cp=dict(list(segment.cp.items())[:10]))
        verdict = self._verdict(segment, segment.qn, out.times)
        if self.keep_raw and out.times is not None and segment.mn:
            out.records.append(_raw(segment.mn, out.times, raw, origin))
        return Job(out.records, verdict, answer_to(segment), segment, segment.qn, out.times, False, data)

    def _decrypted(self, piece: Piece, origin: Origin, host: str) -> Job:
        """An encrypted piece: with the device's key it is a frame like any other, without it a dead letter."""
        body = piece.raw.rstrip(b"\r\n")
        mn = _mn_of(body)
        key = self.keys.of(mn)
        if key is None or not key.sm4_key or not body[2:6].isdigit():
            return self._bad(piece.raw, diagnose_piece(piece.raw), origin, mn)
        try:
            plain = decrypt_segment(body[6:-4], key.sm4_key)
        except NotDecrypted as wrong:
            zh = f"SM4 密文格式不符：{wrong}"
            return self._bad(piece.raw, Diagnosis("encrypted", Text(zh, f"SM4: {wrong}"), True, None), origin, mn)
        length_ok, crc_ok = len(plain) == int(body[2:6]), crc_text(plain) == body[-4:].upper()
        if not (length_ok and crc_ok):
            zh = "解密后长度或校验码不符：密钥不对，或报文有误"
            en = "length or CRC of the decrypted text are wrong: not the device's key, or a bad frame"
            return self._bad(piece.raw, Diagnosis("crc_encrypted", Text(zh, en), length_ok, crc_ok), origin, mn)
        self.counts["decrypted"] += 1
        return self._at_length(plain, piece.raw, origin, host)

    def _diagnosed(self, raw: bytes) -> Diagnosis:
        if raw.startswith(b"##") and raw[2:6].isdigit() and int(raw[2:6]) > self.frame_bytes:
            zh = f"数据段长度 {int(raw[2:6])} 超过本网关上限 {self.frame_bytes}"
            en = f"length says {int(raw[2:6])}, this gateway takes at most {self.frame_bytes}"
            return Diagnosis("too_long", Text(zh, en), False, False)
        return diagnose_piece(raw)

    def _bad(self, raw: bytes, diagnosis: Diagnosis, origin: Origin, mn: str = "") -> Job:
        self.counts["dead_letters"] += 1
        self.counts["limit_frame_size"] += diagnosis.code == "too_long"
        return Job([dead_letter(raw, diagnosis, origin, mn)], diagnosis.verdict)

    def _refused(self, raw: bytes, fault: Text, origin: Origin, mn: str) -> Job:
        """Who speaks is not who he says: kept for the operator, not answered, no reading."""
        self.counts["bad_credentials"] += 1
        letter = dead_letter(raw, Diagnosis("credentials", fault), origin, mn, reason="bad_credentials")
        return Job([letter], "bad_credentials")

    def _verdict(self, segment: Segment, qn: str, times: When | None) -> str:
        """Whether this device has lately brought the same message, over whatever line: it sent again."""
        if not qn:
            return "accepted"
        seen = self._seen.get(segment.mn)
        if seen is None:
            if len(self._seen) >= MOST_DEVICES:
                self._seen.popitem(last=False)
            seen = self._seen[segment.mn] = OrderedDict()
        # History comes as many messages under the QN of the one request.
        key = f"{segment.cn}{qn}{segment.pno} {0 if times is None else times.time}"
        if key in seen:
            return "duplicate"
        seen[key] = None
        if len(seen) > REMEMBERED:
            seen.popitem(last=False)
        return "accepted"


def _raw(mn: str, times: When, raw: bytes, origin: Origin) -> Record:
    frame = RawFrame(mn[:80], times.time, origin.received, raw.rstrip(b"\r\n"), origin.peer)
    return Record(RAW_FRAMES, mn, encode(frame))


def _mn_of(body: bytes) -> str:
    """The MN in the plain head of an encrypted frame, empty where there is none."""
    head = body.partition(b"CP=&&")[0].decode("ascii", "replace")
    for item in head.split(";"):
        name, _, value = item.partition("=")
        if name.strip().upper() == "MN":
            return value.strip()
    return ""
