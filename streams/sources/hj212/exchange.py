"""One command to a device and what becomes of it (HJ 212-2017, 6.2 and 7): request, QnRtn, data, ExeRtn. Pure.

The device must say within the time-out whether it will (9011, QnRtn), else the request is sent again, three
times at most; what comes of it (9012, ExeRtn) may take longer, and each message of data on the way shows that
the device is at it. Times in seconds of any clock.
"""

import msgspec

from streams.sources.hj212.device_words import EXE_RTN, QN_RTN, REQUEST_ACK, RESULT
from streams.sources.hj212.gaps import Gap
from streams.sources.hj212.segment import Segment
from streams.sources.hj212.times import When
from topics.finding import Text

TIMEOUT_S = 10.0
TRIES = 3
#: How long a device may be silent between its promise and its result: history takes a logger some time to find.
RESULT_S = 60.0


class Outcome(msgspec.Struct, frozen=True):
    """``code`` is one of ``device_words.OUTCOMES``."""

    code: str
    text: Text


class Exchange(msgspec.Struct):
    """One command under way. ``frame`` is sent again as it is, with the same QN; ``gap`` is what it asks back, if it
    does; ``brought`` the beginnings of the periods that came of it (ms UTC).
    """

    mn: str
    cn: str
    qn: str
    frame: bytes
    gap: Gap | None = None
    tries: int = 0
    deadline: float = 0.0
    granted: bool = False
    clock_wrong: bool = False
    brought: set[int] = msgspec.field(default_factory=set)

    def send(self, now: float) -> bytes:
        """The frame to be sent now, for the first time or again."""
        self.tries += 1
        self.deadline = now + TIMEOUT_S
        return self.frame

    def took(self, segment: Segment, now: float) -> Outcome | None:
        """A message of the device that bears this command's QN; the outcome where it ends the exchange."""
        if segment.cn == REQUEST_ACK:
            code = _number(segment.cp.get("qnrtn", ""))
            if code != 1:
                return Outcome("refused", QN_RTN.get(code, Text(f"QnRtn={code}", f"QnRtn={code}")))
            self.granted = True
        elif segment.cn == RESULT:
            code = _number(segment.cp.get("exertn", ""))
            text = EXE_RTN.get(code, Text(f"ExeRtn={code}", f"ExeRtn={code}"))
            if code == 1:
                return Outcome("done", text)
            return Outcome("no_data" if code == 100 else "failed", text)
        self.granted = True
        self.deadline = now + RESULT_S
        return None

    def brings(self, cn: str, qn: str, times: When) -> bool:
        """Whether data of this command and time came because of it: they bear its QN or lie in the period asked for."""
        if self.cn != cn:
            return False
        return qn == self.qn or (self.gap is not None and self.gap.start <= times.begin < self.gap.end)

    def due(self, now: float) -> Outcome | bytes | None:
        """Once the deadline has passed: the frame to be sent again, or that it is over."""
        if now < self.deadline:
            return None
        if self.granted:
            zh = f"设备已应答，但 {RESULT_S:g} 秒内未返回执行结果"
            return Outcome("timeout", Text(zh, f"promised, but no result within {RESULT_S:g} s"))
        if self.tries < TRIES:
            return self.send(now)
        zh = f"{TRIES} 次请求均无应答（每次等待 {TIMEOUT_S:g} 秒）"
        return Outcome("timeout", Text(zh, f"no answer to {TRIES} tries of {TIMEOUT_S:g} s"))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else 0
