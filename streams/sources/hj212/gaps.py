"""Periods of which nothing came: found when a later one comes, that is when the gap closes. Pure; times ms UTC."""

from collections.abc import Iterable

import msgspec

from streams.sources.hj212.times import DEFAULT_MINUTE_S, MINUTE_DATA, PERIOD_S

DAY_MS = 86_400_000

#: Realtime data may pause this long before their minutes are asked for.
REALTIME_GAP_MS = 1_800_000
REALTIME = "2011"

#: The longest span one request asks for: a device answers a message a period.
SPAN_MS = {"2051": DAY_MS, "2061": 7 * DAY_MS, "2031": 31 * DAY_MS}


class Gap(msgspec.Struct, frozen=True):
    """Nothing came of the periods of this command that begin in [``start``, ``end``)."""

    mn: str
    cn: str
    start: int
    end: int


class GapFinder:
    """Follows how far each device's data reach, by command.

    Where a device sends minute data of its own accord, these show its gaps; a pause in the realtime data of one
    that does not is asked for as minute data. ``most_days`` bounds how far back is asked.
    """

    def __init__(self, most_days: int, minute_s: int = DEFAULT_MINUTE_S) -> None:
        self.most_ms = most_days * DAY_MS
        self._period = {cn: seconds * 1000 for cn, seconds in PERIOD_S.items() if cn in SPAN_MS}
        self._period[MINUTE_DATA] = minute_s * 1000
        self._reached: dict[tuple[str, str], int] = {}

    def saw(self, mn: str, cn: str, start: int, now: int) -> list[Gap]:
        """Data of a period (or moment) that begins at ``start`` have come; the gap that this closes, if any.

        Long gaps come as several, none longer than ``SPAN_MS``; what is older than ``most_days`` is left out.
        """
        period = 0 if cn == REALTIME else self._period.get(cn)
        if period is None or start > now + DAY_MS:
            return []
        reached = self._reached.get((mn, cn))
        if reached is not None and start + period <= reached:
            return []
        self._reached[mn, cn] = start + period
        if reached is None or (start <= reached if period else start - reached <= REALTIME_GAP_MS):
            return []
        if cn == REALTIME:
            if (mn, MINUTE_DATA) in self._reached:
                return []
            cn, step = MINUTE_DATA, self._period[MINUTE_DATA]
            reached = -(-reached // step) * step
            start = start // step * step
        return list(_spans(mn, cn, max(reached, now - self.most_ms), start))

    def state(self) -> dict[str, int]:
        """How far data reach, by ``<CN> <MN>``, to be kept over a restart."""
        return {f"{cn} {mn}": reached for (mn, cn), reached in self._reached.items()}

    def restore(self, state: dict[str, int]) -> None:
        """Go on from what ``state`` gave."""
        for key, reached in state.items():
            cn, _, mn = key.partition(" ")
            self._reached[mn, cn] = reached


def _spans(mn: str, cn: str, start: int, end: int) -> Iterable[Gap]:
    while start < end:
        upto = min(end, start + SPAN_MS[cn])
        yield Gap(mn, cn, start, upto)
        start = upto
