"""A device as it stands in the field: a data logger that keeps what it measured and answers its upper computer.

For tests and for trying a gateway out. Unlike ``DeviceClient``, which only sends, it has a clock of its own
(which may be wrong), a memory of past periods, and answers 1011, 1012, 2051, 2061 and 2031 as HJ 212-2017's
Annex C shows: 9011 with QnRtn, the data, 9012 with ExeRtn. Faults are switched on by its fields.
"""

import asyncio
from collections.abc import Callable, Mapping

from streams.sources.hj212.client import DeviceClient, build_cp, build_frame, build_segment
from streams.sources.hj212.crc import crc_text
from streams.sources.hj212.device_words import GET_TIME, HISTORY, REQUEST_ACK, RESULT, SET_TIME
from streams.sources.hj212.framing import ENCRYPTED_MARK, Framer
from streams.sources.hj212.requests import local_time, qn_of
from streams.sources.hj212.segment import Segment, parse_segment
from streams.sources.hj212.sm4 import decrypt_segment, encrypt_segment
from streams.sources.hj212.times import parse_time
from streams.sources.piece import Piece

#: Values of one period by factor, and all that a logger keeps: command → start of the period (ms UTC) → values.
Values = Mapping[str, Mapping[str, str]]
Memory = dict[str, dict[int, Values]]


class Logger:
    """One device. ``offset_s`` is by how much its clock is ahead; ``silent`` leaves so many requests unanswered,
    ``refuses`` is the QnRtn it answers with where it is not 1; ``marks_backfill`` sends RF=1 with history (2025).
    """

    def __init__(
        self, host: str, port: int, mn: str, now_ms: Callable[[], int], *, pw: str = "123456", sm4_key: bytes = b""
    ) -> None:
        self.mn = mn
        self.pw = pw
        self.sm4_key = sm4_key
        self.now_ms = now_ms
        self.offset_s = 0.0
        self.silent = 0
        self.refuses = 1
        self.marks_backfill = False
        self.memory: Memory = {}
        self.requests: list[Segment] = []
        self.answers: list[Segment] = []
        self._client = DeviceClient(host, port)
        self._framer = Framer()
        self._listening: asyncio.Task[None] | None = None
        self._last_qn = 0

    async def __aenter__(self) -> "Logger":
        await self._client.connect()
        self._listening = asyncio.create_task(self._listen(), name=f"logger-{self.mn}")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.wait([self._listening])
        await self._client.close()

    @property
    def clock_ms(self) -> int:
        """The time it believes in."""
        return self.now_ms() + round(self.offset_s * 1000)

    async def report(self, cn: str, start_ms: int, values: Values, *, keep: bool = True, send: bool = True) -> None:
        """Measure something: keep it in the memory and send it, or one of the two."""
        if keep:
            self.memory.setdefault(cn, {})[start_ms] = values
        if send:
            self._last_qn = max(self.clock_ms, self._last_qn + 1)
            await self._data(cn, qn_of(self._last_qn), start_ms, values, flag=5)

    async def ask_for_time(self) -> None:
        """1013: ask the upper computer to set the clock."""
        await self._say("1013", qn_of(self.clock_ms), "", flag=5)

    async def _listen(self) -> None:
        while (line := await self._client.answer(3_600.0)) is not None:
            for piece in self._framer.feed(line):
                await self._heard(piece)

    async def _heard(self, piece: Piece) -> None:
        data = piece.data
        if data is None and self.sm4_key and ENCRYPTED_MARK in piece.raw:
            data = decrypt_segment(piece.raw.rstrip()[6:-4], self.sm4_key)
        if data is None:
            return
        segment = parse_segment(data)
        if segment.cn[0] == "9":
            self.answers.append(segment)
            return
        self.requests.append(segment)
        if self.silent > 0:
            self.silent -= 1
            return
        await self._say(REQUEST_ACK, segment.qn, f"QnRtn={self.refuses}", st="91")
        if self.refuses == 1:
            result = await self._execute(segment)
            await self._say(RESULT, segment.qn, f"ExeRtn={result}", st="91")

    async def _execute(self, asked: Segment) -> int:
        """Do what is asked; returns ExeRtn."""
        if asked.cn == GET_TIME:
            await self._say(GET_TIME, asked.qn, f"SystemTime={local_time(self.clock_ms)}")
            return 1
        if asked.cn == SET_TIME:
            self.offset_s = (parse_time(asked.cp["systemtime"]) - self.now_ms()) / 1000
            return 1
        if asked.cn not in HISTORY:
            return 3
        start, end = parse_time(asked.cp["begintime"]), parse_time(asked.cp["endtime"])
        found = {at: each for at, each in sorted(self.memory.get(asked.cn, {}).items()) if start <= at < end}
        for at, values in found.items():
            await self._data(asked.cn, asked.qn, at, values, flag=4)
        return 1 if found else 100

    async def _data(self, cn: str, qn: str, start_ms: int, values: Values, *, flag: int) -> None:
        cp = build_cp(local_time(start_ms), list(values.items()))
        rf = flag == 4 and self.marks_backfill
        await self._say(cn, qn, cp, flag=flag + 4 if rf else flag, rf=rf)

    async def _say(self, cn: str, qn: str, cp: str, *, st: str = "32", flag: int = 4, rf: bool = False) -> None:
        segment = build_segment(qn=qn, st=st, cn=cn, pw=self.pw, mn=self.mn, cp=cp, flag=flag, rf=rf)
        if not self.sm4_key or cn[0] != "2":
            await self._client.send(build_frame(segment))
            return
        plain = segment.encode()
        body = encrypt_segment(plain, self.sm4_key)
        await self._client.send(b"##%04d%b%b\r\n" % (len(plain), body, crc_text(plain)))
