"""The gateway as the upper computer: sets clocks right, asks back what is missing, and writes down all it did.

One command at a time to a device. What is missing and may be asked for now is for ``asking_back.py`` to say, what is
written down goes to ``diary.py``.
"""

import math
from collections import Counter
from collections.abc import Callable

import msgspec

from streams.sources.base import Record
from streams.sources.device_connection import Connection
from streams.sources.hj212.asking_back import AskingBack
from streams.sources.hj212.device_keys import DeviceKeys
from streams.sources.hj212.device_words import GET_TIME, HISTORY, SET_TIME, TIME_REQUEST
from streams.sources.hj212.diary import Diary
from streams.sources.hj212.exchange import Exchange, Outcome
from streams.sources.hj212.frames import MOST_DEVICES, Job
from streams.sources.hj212.gaps import Gap, GapFinder
from streams.sources.hj212.parts import Incomplete, PartSets, SetKey
from streams.sources.hj212.requests import local_time, period_cp, qn_of, request
from streams.sources.hj212.segment import Segment, parse_segment
from streams.sources.hj212.times import DEFAULT_MINUTE_S, When, parse_time
from topics.finding import Text


class Duties(msgspec.Struct, frozen=True):
    """What the upper computer does. ``clock_tolerance_s`` 0 = clocks are left alone, ``ask_back_days`` 0 = nothing
    is asked back; ``asks_per_min`` is over all devices.
    """

    clock_tolerance_s: float = 60.0
    clock_every_s: float = 86_400.0
    ask_back_days: int = 7
    asks_per_min: float = 60.0


class _Device(msgspec.Struct):
    """One device as the upper computer knows it: its last words and what it is asked."""

    st: str
    pw: str
    flag: int | None
    line: Connection | None = None
    clock_due: float = 0.0
    now: Exchange | None = None


class UpperComputer:
    """``now_s`` is the loop's clock, ``now_ms`` the wall's, which devices are set by."""

    def __init__(
        self,
        duties: Duties,
        now_s: Callable[[], float],
        now_ms: Callable[[], int],
        *,
        keys: DeviceKeys | None = None,
        minute_s: int = DEFAULT_MINUTE_S,
    ) -> None:
        self.duties = duties
        self.now_s = now_s
        self.now_ms = now_ms
        self.keys = keys or DeviceKeys()
        self.diary = Diary(now_ms)
        self.asking = AskingBack(GapFinder(duties.ask_back_days, minute_s), duties.asks_per_min, self.diary)
        self.parts = PartSets()
        #: ``(command, outcome)`` of every exchange, and ``incomplete``.
        self.counts: Counter[tuple[str, str]] = Counter()
        self._devices: dict[str, _Device] = {}
        self._busy: set[str] = set()
        self._last_qn = 0

    def heard(self, connection: Connection, job: Job, plain: bytes) -> None:
        """A good message of a device has been kept."""
        segment = job.segment
        if segment is None:
            return
        now = self.now_s()
        device = self._known(segment, connection, now)
        if device is None:
            return
        exchange = device.now
        if exchange is not None and job.qn == exchange.qn:
            self._took(device, exchange, segment, job, plain, now)
        elif segment.cn == TIME_REQUEST and self.duties.clock_tolerance_s:
            device.clock_due = min(device.clock_due, now)
        if segment.pnum and job.times is not None:
            text = segment.cp.get("datatime", "")
            self.parts.saw(SetKey(segment.mn, segment.st, segment.cn, text, segment.pnum), segment.pno, now)
        if job.times is not None and self.duties.ask_back_days and job.qn:
            self._follow(segment, job, job.times)
        if device.now is None and device.clock_due <= now and self.duties.clock_tolerance_s and job.qn:
            self._ask_time(segment.mn, device, now)

    def lost(self, connection: Connection) -> None:
        """A line is gone: what was under way on it is over; the next line is asked again for what it was to bring."""
        for mn in connection.devices:
            device = self._devices.get(mn)
            if device is None or device.line is not connection:
                continue
            device.line = None
            device.clock_due = 0.0
            if device.now is not None:
                gap = device.now.gap
                self._ended(mn, device, device.now, Outcome("line_lost", Text("连接中断", "the line was lost")))
                if gap is not None:
                    self.asking.again(gap)

    def look(self) -> list[Record]:
        """Called every second: deadlines, what waits to be asked for, sets of parts; what is to be written down."""
        now = self.now_s()
        for mn in list(self._busy):
            device = self._devices[mn]
            exchange = device.now
            due = None if exchange is None else exchange.due(now)
            if exchange is None or due is None:
                continue
            if isinstance(due, Outcome):
                self._ended(mn, device, exchange, due)
            elif device.line is not None:
                device.line.tell(due)
        self._ask_back(now)
        for over in self.parts.due(now):
            self._incomplete(over)
        return self.diary.take()

    def asked(self, mn: str, cn: str, qn: str, times: When) -> bool:
        """Whether these data come because they were asked for: they bear the request's QN or lie in its period."""
        device = self._devices.get(mn)
        if device is None or cn not in HISTORY:
            return False
        if device.now is not None and device.now.brings(cn, qn, times):
            return True
        return self.asking.asked(mn, cn, qn, times, self.now_s())

    def _known(self, segment: Segment, connection: Connection, now: float) -> _Device | None:
        device = self._devices.get(segment.mn)
        if device is None:
            if len(self._devices) >= MOST_DEVICES:
                return None
            device = self._devices[segment.mn] = _Device(segment.st, segment.pw, segment.flag)
        if segment.cn[0] in "123":  # answers bear ST 91
            device.st, device.pw, device.flag = segment.st, segment.pw, segment.flag
        if device.line is not connection:
            device.line, device.clock_due = connection, now
        return device

    def _took(self, device: _Device, exchange: Exchange, segment: Segment, job: Job, plain: bytes, now: float) -> None:
        """Something of the exchange under way has come."""
        if job.quick:
            segment = parse_segment(plain)  # the quick way shares its segment among frames of one head
        if job.times is not None and job.times.period_start is not None:
            exchange.brought.add(job.times.period_start)
        if segment.cn == GET_TIME and "systemtime" in segment.cp:
            self._read_clock(exchange, segment, device)
        outcome = exchange.took(segment, now)
        if outcome is not None:
            self._ended(exchange.mn, device, exchange, outcome)

    def _read_clock(self, exchange: Exchange, segment: Segment, device: _Device) -> None:
        try:
            offset = (parse_time(segment.cp["systemtime"]) - self.now_ms()) / 1000
        except ValueError:
            offset = float("nan")
        wrong = not abs(offset) <= self.duties.clock_tolerance_s
        if not wrong:
            return
        exchange.clock_wrong = True  # it is set once this exchange is over: one command at a time
        shown = segment.cp["systemtime"][:20]
        zh, en = (
            f"设备时钟 {shown}，偏差 {offset:+.0f} 秒，将校时",
            f"its clock says {shown}, {offset:+.0f} s off: to be set",
        )
        stated = 0.0 if math.isnan(offset) else offset
        self.diary.say(exchange.mn, "clock", Text(zh, en), qn=exchange.qn, offset_s=round(stated, 1))

    def _follow(self, segment: Segment, job: Job, times: When) -> None:
        """How far a device's data reach, unless they were asked for."""
        if not segment.backfill and not self.asked(segment.mn, segment.cn, job.qn, times):
            self.asking.saw(segment.mn, segment.cn, times, self.now_ms())

    def _ask_time(self, mn: str, device: _Device, now: float) -> None:
        device.clock_due = now + self.duties.clock_every_s
        self._begin(mn, device, GET_TIME, "", now)

    def _ask_back(self, now: float) -> None:
        for gap in self.asking.due(self._free, now):
            self._begin(gap.mn, self._devices[gap.mn], gap.cn, period_cp(gap.start, gap.end), now, gap)

    def _free(self, mn: str) -> bool:
        device = self._devices[mn]
        return device.now is None and device.line is not None

    def _begin(self, mn: str, device: _Device, cn: str, cp: str, now: float, gap: Gap | None = None) -> None:
        """Give a command."""
        assert device.line is not None, "only a device that is there is asked"
        self._last_qn = max(self.now_ms(), self._last_qn + 1)  # no two commands share a QN
        key = self.keys.of(mn)
        qn = qn_of(self._last_qn)
        frame = request(
            qn=qn,
            st=device.st,
            cn=cn,
            pw=key.password if key is not None and key.password else device.pw,
            mn=mn,
            flag=device.flag,
            cp=cp,
            sm4_key=b"" if key is None else key.sm4_key,
        )
        exchange = Exchange(mn, cn, qn, frame, gap)
        if gap is not None:
            self.asking.began(exchange, now)
        device.now = exchange
        self._busy.add(mn)
        device.line.tell(exchange.send(now))

    def _ended(self, mn: str, device: _Device, exchange: Exchange, outcome: Outcome) -> None:
        device.now = None
        self._busy.discard(mn)
        self.counts[exchange.cn, outcome.code] += 1
        gap = exchange.gap
        self.diary.say(
            mn,
            "command",
            outcome.text,
            command=exchange.cn,
            qn=exchange.qn,
            outcome=outcome.code,
            tries=exchange.tries,
            start=gap.start if gap is not None else None,
            end=gap.end if gap is not None else None,
            periods=len(exchange.brought),
        )
        if exchange.clock_wrong and device.line is not None:
            self._begin(mn, device, SET_TIME, f"SystemTime={local_time(self.now_ms())}", self.now_s())

    def _incomplete(self, over: Incomplete) -> None:
        self.counts["incomplete", ""] += 1
        key, missing = over.key, ", ".join(map(str, over.missing[:50]))
        zh = f"{key.cn} {key.data_time} 共 {key.pnum} 包，缺第 {missing} 包；已到各包均已保存"
        en = f"{key.cn} of {key.data_time}: of {key.pnum} parts {missing} never came; those that came are kept"
        self.diary.say(key.mn, "parts", Text(zh, en), command=key.cn)
