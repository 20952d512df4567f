"""Findings of judgements: an hour or a day beyond the limit of its own averaging.

A finding is one period's. It opens with the version that exceeds, and closes when the next period has a value or
a later version takes it back. Ids follow from subject and period, ``seq`` from the version, so that what is said
twice is known as said.
"""

from collections.abc import Callable

from detectors.rules.judgement.day import grade
from detectors.rules.judgement.rules import JudgementRules
from topics.finding import Finding, Origin, Phase, Text, finding_id
from topics.judgement import Judgement
from topics.scheme import load_scheme

HOUR_FAMILY, DAY_FAMILY = "hour-exceedance", "day-exceedance"
FAMILIES = {"hour": HOUR_FAMILY, "day": DAY_FAMILY}
VERSION = 1

#: An hour beyond the limit of the day is no violation: it makes a ticket for the plant and no finding.
EXCEEDING = ("exceeds",)

#: Titles of a site and of a quantity.
Titles = Callable[[str], Text]


def exceeding(judgement: Judgement | None) -> bool:
    """Whether it says that the limit was passed."""
    return judgement is not None and judgement.verdict in EXCEEDING


class Exceedances:
    """Turns new versions into findings of one partition; ``restore`` with what is known before the first."""

    def __init__(self, domain: str, scheme: str, rules: JudgementRules, site_title: Titles) -> None:
        self.domain = domain
        self.scheme = load_scheme(scheme)
        self.rules = rules
        self.site_title = site_title
        #: The newest period with a value, by subject and kind of period.
        self._newest: dict[tuple[str, str], Judgement] = {}
        self._exceeding: dict[str, bool] = {}

    def restore(self, judgement: Judgement) -> None:
        """What was said before."""
        self._remember(judgement)

    def take(self, judgement: Judgement, origin: Origin) -> list[Finding]:
        """The findings of one new version, in the order they are to be told in."""
        place = (judgement.subject, judgement.period)
        newest, was, now = self._newest.get(place), self._exceeding.get(judgement.key, False), exceeding(judgement)
        late = newest is not None and judgement.start < newest.start
        found = []
        if now:
            found.append(self._finding(judgement, "update" if was else "open", origin, late))
            if late and not was:
                found.append(self._finding(judgement, "close", origin, late))
        elif was:
            found.append(self._finding(judgement, "close", origin, late, withdrawn=True))
        ends = newest is not None and judgement.start > newest.start and judgement.value is not None
        if ends and newest is not None and exceeding(newest):
            found.append(self._finding(newest, "close", origin, False, at=judgement))
        self._remember(judgement)
        return found

    def _remember(self, judgement: Judgement) -> None:
        self._exceeding[judgement.key] = exceeding(judgement)
        place = (judgement.subject, judgement.period)
        newest = self._newest.get(place)
        again = newest is not None and newest.start == judgement.start
        if again or (judgement.value is not None and (newest is None or judgement.start > newest.start)):
            self._newest[place] = judgement
        if not exceeding(judgement) and judgement.version == 1:
            del self._exceeding[judgement.key]

    def _finding(
        self,
        judgement: Judgement,
        phase: Phase,
        origin: Origin,
        late: bool,
        *,
        withdrawn: bool = False,
        at: Judgement | None = None,
    ) -> Finding:
        rule = f"formal-{judgement.period}"
        time = (at or judgement).made
        limit = judgement.limit
        return Finding(
            id=finding_id(rule, VERSION, judgement.subject, judgement.start),
            phase=phase,
            # The close that follows from the next period comes after every version so far and before any later one.
            seq=2 * judgement.version + (phase == "close"),
            domain=self.domain,
            site=judgement.site,
            subject=judgement.subject,
            quantity=judgement.quantity,
            family=FAMILIES[judgement.period],
            detector=rule,
            detector_version=VERSION,
            severity=self._severity(judgement),
            opened=judgement.start,
            time=time,
            text=self._text(judgement, withdrawn),
            origin=origin,
            closed=time if phase == "close" else None,
            value=judgement.value,
            expected=None if limit is None else limit.value,
            unit=judgement.unit,
            late=late,
            versions={} if limit is None else {"standard": f"{limit.standard} {limit.edition}"},
            facts={
                # What the evidence pack of a finding shows: these series, of this time.
                "series": " ".join(f"{judgement.subject}/{each}" for each in self._statistics(judgement)),
                "start": judgement.start,
                "end": judgement.end,
                "judgement": judgement.key,
                "judgement_version": judgement.version,
                "multiple": judgement.multiple,
                "days_in_30": judgement.days_over,
                "limit_level": None if limit is None else limit.level,
                "limit_source": None if limit is None else limit.source,
                "limit_confirmed": None if limit is None else str(limit.confirmed).lower(),
            },
        )

    def _statistics(self, judgement: Judgement) -> tuple[str, ...]:
        return ("ZsRtd", "Rtd") if judgement.converted else ("Rtd",)

    def _severity(self, judgement: Judgement) -> str:
        mildest = min(self.scheme.levels, key=lambda level: level.rank).code
        return judgement.severity or grade(self.rules, judgement.multiple or 0.0, 1) or mildest

    def _text(self, judgement: Judgement, withdrawn: bool) -> Text:
        site, what = self.site_title(judgement.site), self.rules.titles.get(judgement.quantity)
        what = what or Text(judgement.quantity, judgement.quantity)
        span = Text("日均值", "day mean") if judgement.period == "day" else Text("小时均值", "hour mean")
        if withdrawn:
            return Text(
                f"{site.zh} {what.zh} {span.zh}：第 {judgement.version} 版判定不再超标。{judgement.reason.zh}",
                f"{site.en}, {what.en} {span.en}: version {judgement.version} takes the exceedance back. "
                f"{judgement.reason.en}",
            )
        level = next((each.title for each in self.scheme.levels if each.code == self._severity(judgement)), None)
        colour = level or Text("", "")
        by = Text("超过限值", "beyond the limit")
        if judgement.multiple is not None:
            by = Text(f"超标 {judgement.multiple:.2f} 倍", f"over by {judgement.multiple:.2f} times")
        days = Text("", "")
        if judgement.period == "day":
            days = Text(f"，近 30 天第 {judgement.days_over} 天", f", {judgement.days_over} day(s) in the last 30")
        doubt = judgement.limit is not None and not judgement.limit.confirmed
        return Text(
            f"{colour.zh}超标预警：{site.zh} {what.zh} {span.zh}{by.zh}{days.zh}{'（限值未经核实）' if doubt else ''}",
            f"{colour.en} exceedance: {site.en}, {what.en} {span.en} {by.en}{days.en}"
            f"{' (limit not confirmed)' if doubt else ''}",
        )
