"""What one desk has heard: its annunciations in event time, the floods among them, and what stands."""

from bisect import bisect_right, insort

from alerts.kpi.annunciation import Annunciation, Courses, Line, Standing
from alerts.kpi.floods import Floods
from alerts.kpi.rates import Rates

#: The whole city, whatever the split into desks.
CITY = "city"


def _time(each: Annunciation) -> int:
    return each.time


class Record:
    """One desk's annunciations, kept in the order of event time however they come."""

    def __init__(self, rates: Rates) -> None:
        self.rates = rates
        self.sounded: list[Annunciation] = []
        self.stood: list[Standing] = []
        self.floods = Floods(rates)

    def add(self, sounded: Annunciation | None, stands: Standing | None) -> None:
        """Take one more: what sounded, where it did, and how the alarm stands since, where that changed."""
        if sounded is not None:
            insort(self.sounded, sounded, key=_time)
            self.floods.add(sounded.time)
        if stands is not None:
            self.stood.append(stands)

    def between(self, start: int, end: int) -> list[Annunciation]:
        """What sounded in (start, end]."""
        first = bisect_right(self.sounded, start, key=_time)
        return self.sounded[first : bisect_right(self.sounded, end, key=_time)]

    def forget(self, before: int) -> None:
        """Drop what was over before this moment."""
        self.sounded = [each for each in self.sounded if each.time > before or each.answered is None]
        self.stood = [each for each in self.stood if each.end is None or each.end > before]
        self.floods.forget(before)


class Records:
    """The records of all desks and of the whole city, from the lines of one log."""

    def __init__(self, rates: Rates) -> None:
        self.rates = rates
        self._courses = Courses()
        self._records: dict[str, Record] = {CITY: Record(rates)}
        self.last = 0

    def follow(self, line: Line) -> None:
        """Take one line; the lines of one alarm come in the order of the log."""
        sounded, stands = self._courses.follow(line)
        self.last = max(self.last, line.time)
        if sounded is not None or stands is not None:
            for name in {CITY, line.desk}:
                self.desk(name).add(sounded, stands)

    def desk(self, name: str) -> Record:
        """The record of a desk, empty where nothing has come for it."""
        return self._records.setdefault(name, Record(self.rates))

    @property
    def desks(self) -> list[str]:
        """The names of all desks that anything was told of, the whole city not among them."""
        return sorted(self._records.keys() - {CITY})

    def forget(self, before: int) -> None:
        """Drop what was over before this moment, at every desk."""
        for record in self._records.values():
            record.forget(before)
