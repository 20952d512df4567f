"""What stands in the book: the newest version of every judgement, and what one day's owes to those around it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from detectors.rules.judgement.day import COUNTED_DAYS, DAY_MS
from detectors.rules.judgement.minutes import HOUR_MS
from topics.judgement import Cause, Judgement, judgement_key, revised

#: Days stay in the book as long as a later one may count them.
KEEP_DAYS = COUNTED_DAYS + 15


@dataclass(slots=True)
class Standing:
    """``known`` by key; ``expired``: keys of what was forgotten since somebody last cleared the list. Times ms UTC."""

    known: dict[str, Judgement] = field(default_factory=dict)
    expired: list[str] = field(default_factory=list)

    def enter(self, judged: Judgement, cause: Cause, made: int) -> Judgement | None:
        """The version that a judgement ``made`` now has become; ``None`` where it says what stands already."""
        judged = msgspec.structs.replace(judged, made=made)
        old = self.known.get(judged.key)
        # After a restart all readings of an hour come again; what the two versions say tells what made the new one.
        if old is not None and old.marks != judged.marks:
            cause = "mark"
        version = revised(old, judged, "data" if cause == "first" else cause)
        if version is not None:
            self.known[version.key] = version
        return version

    def has_hour(self, name: str, hour: int) -> bool:
        """Whether this hour of a subject has been judged."""
        return judgement_key(name, "hour", hour) in self.known

    def hours_of(self, name: str, day: int) -> dict[int, Judgement]:
        """The judged hours of a subject's day, by their start."""
        return {
            hour: found
            for hour in range(day, day + DAY_MS, HOUR_MS)
            if (found := self.known.get(judgement_key(name, "hour", hour))) is not None
        }

    def exceeded_before(self, name: str, day: int) -> int:
        """How many of the days that count for this one were exceedances."""
        days = range(day - (COUNTED_DAYS - 1) * DAY_MS, day, DAY_MS)
        found = (self.known.get(judgement_key(name, "day", each)) for each in days)
        return sum(each is not None and each.verdict == "exceeds" for each in found)

    def counting(self, name: str, day: int) -> Iterator[int]:
        """The judged days after this one that count it."""
        for later in range(day + DAY_MS, day + COUNTED_DAYS * DAY_MS, DAY_MS):
            if judgement_key(name, "day", later) in self.known:
                yield later

    def forget(self, oldest_hour: int, clock: int) -> None:
        """Let go of hours before ``oldest_hour``, and of days that at city time ``clock`` no later one can count."""
        for key, judgement in list(self.known.items()):
            keep = oldest_hour if judgement.period == "hour" else clock - KEEP_DAYS * DAY_MS
            if judgement.start < keep:
                del self.known[key]
                self.expired.append(key)

    def in_order(self) -> list[Judgement]:
        """All of them, by key."""
        return [self.known[key] for key in sorted(self.known)]
