"""The static grade of a firm (guide of 2018): points of 100 to a colour, direct red, three years. Pure."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import ClassVar

from records.safety.days import CITY, DAY_MS, day_of
from records.safety.standing import Picture, Rule, Standing
from records.safety.terms import GradeTerms
from topics.finding import Text


def static_grade(score: float, direct_red: Sequence[str], terms: GradeTerms) -> str:
    """The colour of so many points; any condition of direct red beats them all.

    Raises ``ValueError`` for points outside 0 to 100 and for a condition that the terms do not know.
    """
    if not 0 <= score <= 100:
        raise ValueError(f"score: expected 0 to 100 points, got {score}")
    if unknown := sorted(set(direct_red) - set(terms.direct_red)):
        raise ValueError(f"direct_red: expected some of {sorted(terms.direct_red)}, got {unknown[0]!r}")
    if direct_red:
        return terms.worst
    return next((colour for colour, below in terms.below if score < below), terms.best)


def expires(graded: int, terms: GradeTerms) -> int:
    """The moment from which a grade no longer counts: the same day of the city ``valid_years`` later."""
    when = dt.datetime.fromtimestamp(graded / 1000, CITY)
    year = when.year + terms.valid_years
    leap_day = (when.month, when.day) == (2, 29)
    later = when.replace(year=year, month=3, day=1) if leap_day and year % 4 else when.replace(year=year)
    return int(later.timestamp() * 1000)


class GradeExpiry(Rule):
    """A grade that is about to run out, and one that has."""

    names: ClassVar[tuple[str, ...]] = ("grade-expiry",)
    part: ClassVar[str] = "grade"
    over: ClassVar[Text] = Text("已重新评定", "it was graded anew")

    def standing(self, picture: Picture, now: int) -> Iterator[Standing]:
        terms = picture.terms.grade
        assert terms is not None
        for each in picture.grades:
            site = picture.sites.get(each.site)
            warned = each.expires - terms.warn_days * DAY_MS
            if site is None or now < warned:
                continue
            gone, day = now >= each.expires, day_of(each.expires)
            yield Standing(
                "grade-expiry",
                "static-grade",
                "static-grade",
                site.id,
                f"{site.id}/{day_of(each.graded)}",
                terms.expired_severity if gone else terms.severity,
                Text(
                    f"{site.title.zh}：静态分级{'已于' if gone else '将于'} {day} 到期",
                    f"{site.title.en}: its static grade {'ran' if gone else 'runs'} out on {day}",
                ),
                since=warned,
                mark="expired" if gone else "soon",
                facts={"grade": each.grade, "score": each.score, "expires": each.expires},
            )
