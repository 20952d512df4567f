"""Matches one sequence over happenings that come in the order of event time. Pure: time comes with them.

For each key and each step it keeps the chain that *began last* among those that have come so far: where any chain can
be completed in time, that one can, so one chain a step is enough to miss no match (tests hold it against trying all).
"""

import heapq
from dataclasses import dataclass, field

from detectors.sequences.happening import Happening, concerns, holds
from topics.event_sequence import EventSequence, StepPattern

#: The happenings that were the steps, in order.
Chain = tuple[Happening, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """The sequence has come about for ``key`` (``opened``: event time of the last step) or is over (``closed``).

    ``chain`` is empty where the steps are not known any more; ``by`` is what ended it, ``None`` where time did;
    ``late``: by what came too late to be put in its order.
    """

    key: str
    opened: int
    time: int
    chain: Chain = ()
    closed: bool = False
    by: Happening | None = None
    late: bool = False


@dataclass(slots=True)
class Standing:
    """A finding that is open: ``until`` is when it ends by itself (``None`` = not); ``said``: its end is known."""

    opened: int
    chain: Chain
    until: int | None
    said: bool = False


@dataclass(slots=True)
class _Keyed:
    """What is known of one key."""

    chains: list[Chain]
    waiting: Chain = ()
    standing: Standing | None = None
    told: list[Standing] = field(default_factory=list)


class Matcher:
    """One sequence. Happenings must come in the order of (time, name); ``until`` in between says how far time is."""

    def __init__(self, sequence: EventSequence) -> None:
        self.sequence = sequence
        self._keys: dict[str, _Keyed] = {}
        self._before: dict[tuple[str, int], bool] = {}
        self._due: list[tuple[int, str]] = []
        self._patterns = (*sequence.steps, *sequence.absent)

    @property
    def partial(self) -> int:
        """How many keys have a match that has begun and is not complete."""
        return sum(bool(each.waiting or any(each.chains)) for each in self._keys.values())

    @property
    def open(self) -> int:
        """How many findings stand."""
        return sum(each.standing is not None for each in self._keys.values())

    def recall(self, key: str, standing: Standing) -> None:
        """A finding that an earlier run has said, in the order they opened: it stands from its opening on."""
        keyed = self._keyed(key)
        keyed.told.append(standing)
        heapq.heappush(self._due, (standing.opened, key))

    def take(self, happening: Happening) -> list[Match]:
        """The next happening, and what comes of it and of the time before it."""
        found = self.until(happening.time - 1)
        hits = [self._hit(number, pattern, happening) for number, pattern in enumerate(self._patterns)]
        key = happening.key(self.sequence.by)
        if not key or not any(hits):
            return found
        keyed = self._keyed(key)
        self._recalled(key, keyed, happening.time)
        steps = len(self.sequence.steps)
        if any(hits[steps:]):
            found += self._stay_away_no_more(key, keyed, happening, late=False)
        if keyed.standing is None and not keyed.waiting:
            found += self._step(key, keyed, happening, hits)
        return found

    def late(self, happening: Happening) -> tuple[bool, list[Match]]:
        """One that came too late to be put in order: it begins nothing, but what must not come and has come ends
        what its absence has made. Whether anything of it was used, and what comes of that."""
        hits = [concerns(pattern, happening) and holds(pattern, happening) for pattern in self.sequence.absent]
        keyed = self._keys.get(happening.key(self.sequence.by))
        if keyed is None or not any(hits):
            return False, []
        began = _began(keyed)
        if began is None or happening.time < began:
            return False, []
        return True, self._stay_away_no_more(happening.key(self.sequence.by), keyed, happening, late=True)

    def until(self, time_ms: int) -> list[Match]:
        """Everything up to and with ``time_ms`` has been taken: what is due by then."""
        found: list[Match] = []
        while self._due and self._due[0][0] <= time_ms:
            due, key = heapq.heappop(self._due)
            found += self._on_time(key, self._keys[key], due)
        return found

    def _keyed(self, key: str) -> _Keyed:
        keyed = self._keys.get(key)
        if keyed is None:
            keyed = self._keys[key] = _Keyed([()] * len(self.sequence.steps))
        return keyed

    def _hit(self, number: int, pattern: StepPattern, happening: Happening) -> bool:
        if not concerns(pattern, happening):
            return False
        now = holds(pattern, happening)
        if not pattern.turns:
            return now
        place = (happening.series, number)
        before = self._before.get(place)
        self._before[place] = now
        return now and before is False

    def _step(self, key: str, keyed: _Keyed, happening: Happening, hits: list[bool]) -> list[Match]:
        steps, within = len(self.sequence.steps), round(1000 * self.sequence.within_s)
        for number in range(steps - 1, -1, -1):  # from the last, so that one happening is one step only
            if not hits[number]:
                continue
            before = keyed.chains[number - 1] if number else ()
            if number and (not before or happening.time - before[0].time > within):
                continue
            keyed.chains[number] = (*before, happening)
        if not (chain := keyed.chains[-1]):
            return []
        keyed.chains = [()] * steps
        keyed.waiting = chain
        due = chain[-1].time + round(1000 * self.sequence.absent_s)
        if due > happening.time:
            heapq.heappush(self._due, (due, key))
            return []
        return self._on_time(key, keyed, due)

    def _on_time(self, key: str, keyed: _Keyed, due: int) -> list[Match]:
        self._recalled(key, keyed, due)
        standing = keyed.standing
        if standing is not None:
            if standing.until is None or standing.until > due:
                return []
            keyed.standing = None
            return [] if standing.said else [Match(key, standing.opened, due, standing.chain, closed=True)]
        chain, absent = keyed.waiting, round(1000 * self.sequence.absent_s)
        if not chain or chain[-1].time + absent != due:
            return []
        keyed.waiting = ()
        opened = chain[-1].time
        lasts = round(1000 * self.sequence.lasts_s)
        keyed.standing = Standing(opened, chain, due + lasts if lasts else None)
        if lasts:
            heapq.heappush(self._due, (due + lasts, key))
        return [Match(key, opened, due, chain)]

    def _recalled(self, key: str, keyed: _Keyed, time_ms: int) -> None:
        """Findings that were said before stand from the moment they opened, whatever is known of their steps."""
        while keyed.told and keyed.told[0].opened <= time_ms:
            keyed.standing = keyed.told.pop(0)
            keyed.waiting, keyed.chains = (), [()] * len(self.sequence.steps)
            if keyed.standing.until is not None:
                heapq.heappush(self._due, (keyed.standing.until, key))

    def _stay_away_no_more(self, key: str, keyed: _Keyed, happening: Happening, *, late: bool) -> list[Match]:
        standing = keyed.standing
        keyed.standing, keyed.waiting = None, ()
        keyed.chains = [()] * len(self.sequence.steps)
        if standing is None or standing.said:
            return []
        time = max(happening.time, standing.opened)
        return [Match(key, standing.opened, time, standing.chain, closed=True, by=happening, late=late)]


def _began(keyed: _Keyed) -> int | None:
    """When what waits or stands began, ``None`` where nothing does."""
    standing = keyed.standing
    chain = keyed.waiting if standing is None else standing.chain
    if chain:
        return chain[0].time
    return standing.opened if standing is not None else None
