"""What is missing of devices' data, which of it may be asked for now, and which data come because they were asked for.

Which device can be asked, and what becomes of a request, is for the upper computer (upper.py) to say.
"""

from collections import deque
from collections.abc import Callable, Iterator

from streams.sources.device_limits import Bucket
from streams.sources.hj212.device_words import HISTORY
from streams.sources.hj212.diary import Diary
from streams.sources.hj212.exchange import Exchange
from streams.sources.hj212.gaps import Gap, GapFinder
from streams.sources.hj212.requests import local_time
from streams.sources.hj212.times import When
from topics.finding import Text

#: Gaps of one device that wait to be asked for; the oldest beyond it are given up, and that is written down.
MOST_WAITING = 64
#: How long after its request history still counts as asked for (s): the last of it may come behind the result.
STILL_ASKED_S = 600.0
#: So many of a device's newest requests are remembered for that.
MOST_ASKED = 20


class AskingBack:
    """``gaps`` finds what is missing; ``asks_per_min`` bounds the requests to all devices together."""

    def __init__(self, gaps: GapFinder, asks_per_min: float, diary: Diary) -> None:
        self.gaps = gaps
        self.asks_per_min = asks_per_min
        self.diary = diary
        self._waiting: dict[str, deque[Gap]] = {}  # by device, in the order in which their gaps were found
        self._asked: dict[str, deque[tuple[float, Exchange]]] = {}
        self._bucket: Bucket | None = None

    def saw(self, mn: str, cn: str, times: When, now_ms: int) -> None:
        """Data have come of their own accord: what is missing before them is written down and waits to be asked for."""
        for gap in self.gaps.saw(mn, cn, times.begin, now_ms):
            zh = f"缺 {local_time(gap.start)} 至 {local_time(gap.end)} 的 {gap.cn} 数据，将向设备索取"
            en = f"{gap.cn} of {local_time(gap.start)} to {local_time(gap.end)} is missing: to be asked for"
            self.diary.say(mn, "gap", Text(zh, en), command=gap.cn, start=gap.start, end=gap.end)
            waiting = self._waiting.setdefault(mn, deque())
            waiting.append(gap)
            if len(waiting) > MOST_WAITING:
                old = waiting.popleft()
                words = Text("等待索取的缺口过多，放弃最早的", "too many gaps wait: the oldest is given up")
                self.diary.say(mn, "gap", words, command=old.cn, outcome="refused", start=old.start, end=old.end)

    def again(self, gap: Gap) -> None:
        """What was asked for could not come: it is the device's next to be asked for."""
        self._waiting.setdefault(gap.mn, deque()).appendleft(gap)

    def due(self, free: Callable[[str], bool], now: float) -> Iterator[Gap]:
        """What is to be asked for now, one gap of each device that is ``free``, as far as the rate allows."""
        for mn, waiting in list(self._waiting.items()):
            if not waiting:
                del self._waiting[mn]
            elif free(mn):
                if self._bucket is None:
                    self._bucket = Bucket(self.asks_per_min / 60, now)
                if self._bucket.would_wait(now):
                    return
                self._bucket.take(now)
                yield waiting.popleft()

    def began(self, exchange: Exchange, now: float) -> None:
        """A gap has been asked for."""
        self._asked.setdefault(exchange.mn, deque(maxlen=MOST_ASKED)).append((now, exchange))

    def asked(self, mn: str, cn: str, qn: str, times: When, now: float) -> bool:
        """Whether these data come because they were asked for not long ago."""
        if cn not in HISTORY or mn not in self._asked:
            return False
        since = now - STILL_ASKED_S
        return any(at >= since and exchange.brings(cn, qn, times) for at, exchange in self._asked[mn])
