"""Rows that come after their time: they may show that a limit was broken, they never sound a siren."""

from detectors.base import Columns, Outcome
from detectors.episodes import LIMIT, Episode, OpenEpisodes
from detectors.in_force import InForce
from detectors.limit_wording import late_text
from detectors.punctuality import Punctuality
from detectors.rules.limits import late_breaches
from detectors.series import SeriesTable
from detectors.teller import Moment, Teller
from topics.scheme import load_scheme


class LateRows:
    """Judges one late row at a time by its limits alone: a finding that opens and closes at once. That it came late, or
    twice, is for ``punctuality`` to say."""

    def __init__(
        self, series: SeriesTable, episodes: OpenEpisodes, teller: Teller, force: InForce, punctuality: Punctuality
    ) -> None:
        self.punctuality = punctuality
        self.series = series
        self.episodes = episodes
        self.teller = teller
        self.force = force

    def judge(self, columns: Columns, place: int, now: int, outcome: Outcome) -> None:
        """Adds to ``outcome`` what row ``place`` shows at city time ``now``; counts it as late, or as a duplicate."""
        slot, time = int(columns.slot[place]), int(columns.time_ms[place])
        if time == self.series.last_t[slot] and not columns.backfill[place]:
            outcome.duplicate += 1
            outcome.findings += self.punctuality.came_again(columns, place, now)
            return
        outcome.late += 1
        outcome.findings += self.punctuality.came_late(columns, [place], now)
        value, code, tables = float(columns.value[place]), int(self.series.code[slot]), self.force.tables
        if not columns.usable[place] or not tables.low[code] <= value <= tables.high[code] or self._told(slot, time):
            return
        kind, spec = tables.kinds[code], self.series.specs[slot]
        broken = late_breaches(kind.limits if "limit" in kind.chain else (), value, time)
        if not broken:
            return
        scheme = load_scheme(tables.domain.scheme)
        limit = max(broken, key=lambda each: scheme.rank(each.severity))
        rank, offset = scheme.rank(limit.severity), int(columns.offset[place])
        episode = Episode("limit", spec.series, spec.site, spec.quantity, time, rank, limit.severity, offset)
        shown, bound = (self.force.amount(self.series, slot, each) for each in (value, limit.value))
        moment = Moment(time, offset, int(columns.stamp[place]), value, limit.value)
        text = late_text(spec, limit, shown, bound, time)
        opened = self.teller.tell(episode, "open", moment, text, spec.unit, late=True)
        outcome.findings += [opened, self.teller.tell(episode, "close", moment, text, spec.unit, late=True)]

    def _told(self, slot: int, time: int) -> bool:
        """Whether the newest limit episode already speaks for that time: then the row was only sent again."""
        episodes = self.episodes
        over = not episodes.rank[LIMIT, slot]
        return bool(episodes.opened[LIMIT, slot] <= time and not (over and time > episodes.ended[LIMIT, slot]))
