"""The statistics of one period beside the period before and the same period a year before, by district and firm.

A period that still runs is held against as much of the others as has passed of it, so that like stands beside like.
"""

from collections.abc import Mapping
from typing import Any

from alerts.accounts.jurisdiction import WHOLE_CITY, Jurisdiction
from alerts.city import City
from alerts.safety_figures.read import FactsReader
from alerts.views import text_view
from records.accident_terms import Terms
from records.periods import Period, period
from records.safety_figures import Facts, change, figures, series

#: The domain shown where nobody asks for another.
DOMAIN = "safety"
#: What an accident is called that nobody has reported on yet.
UNGRADED = "ungraded"

Report = dict[str, Any]


class SafetyFigures:
    """Makes reports; reads the store each time it is asked."""

    def __init__(self, reader: FactsReader) -> None:
        self.reader = reader
        self.city: City = reader.city

    def report(
        self, text: str, within: Jurisdiction = WHOLE_CITY, *, domain: str = DOMAIN, district: str = "", firm: str = ""
    ) -> Report:
        """The report of a period (``records/periods.py``), of one district or firm where asked.

        Raises ``ValueError`` for a text that is no period and for a period that has not begun.
        """
        asked = period(text)
        until = min(asked.end, self.city.time or asked.end)
        if until <= asked.start:
            raise ValueError(f"period: expected one that has begun, got {text!r}")
        spans = {"before": _cut(asked.before(), asked, until), "year_before": _cut(asked.year_before(), asked, until)}
        first = min(span[1] for span in spans.values())
        facts = self.reader.read(domain, within, first, until).of(
            lambda place: (not district or place.district == district) and (not firm or place.firm == firm)
        )
        total = self._named(figures(facts, asked.start, until), domain)
        return {
            "period": asked.name,
            "unit": asked.unit,
            "start": asked.start,
            "end": asked.end,
            "until": until,
            "running": until < asked.end,
            "domain": domain,
            "domain_title": text_view(self.city.domain_title(domain)),
            "district": district,
            "firm": firm,
            "simulated": self.city.simulated,
            "total": total,
            **{name: self._beside(facts, total, span, domain) for name, span in spans.items()},
            "districts": [
                {"district": name, **row} for name, row in self._split(facts, "district", asked.start, until)
            ],
            "firms": self._firms(facts, asked.start, until),
            "series": [self._named(each, domain) for each in series(facts, asked.parts(until))],
            "titles": self._titles(domain),
        }

    def _beside(self, facts: Facts, total: Mapping[str, Any], span: tuple[str, int, int], domain: str) -> Report:
        name, start, end = span
        found = self._named(figures(facts, start, end), domain)
        return {"period": name, "start": start, "until": end, "figures": found, "change": change(total, found)}

    def _split(self, facts: Facts, key: str, start: int, end: int) -> list[tuple[str, Report]]:
        split = facts.by(lambda place: str(getattr(place, key)))
        return [(name, _plain(figures(mine, start, end))) for name, mine in split.items()]

    def _firms(self, facts: Facts, start: int, end: int) -> list[Report]:
        titles = self.reader.firm_titles()
        return [
            {"firm": name, "title": titles.get(name, name), **row}
            for name, row in self._split(facts, "firm", start, end)
        ]

    def _named(self, found: Report, domain: str) -> Report:
        """Every grade, kind and level with its number, 0 where there is none, so that all rows have the same fields."""
        terms = self.reader.accidents.terms(domain)
        grades = [each.code for each in terms.grades] + [UNGRADED]
        by_grade = {code or UNGRADED: number for code, number in found["accidents_by_grade"].items()}
        levels = [each.code for each in self.city.scheme(domain).levels]
        return found | {
            "accidents_by_grade": _all(grades, by_grade),
            "accidents_by_kind": _all([each.code for each in terms.kinds], found["accidents_by_kind"]),
            "alarms_by_severity": _all(levels, found["alarms_by_severity"]),
        }

    def _titles(self, domain: str) -> Report:
        terms: Terms = self.reader.accidents.terms(domain)
        ungraded = {UNGRADED: {"zh": "未定级", "en": "not graded yet"}}
        return {
            "grades": {each.code: text_view(each.title) for each in terms.grades} | ungraded,
            "kinds": {each.code: text_view(each.title) for each in terms.kinds},
            "severities": {each.code: text_view(each.title) for each in self.city.scheme(domain).levels},
            "colours": {each.code: each.colour for each in self.city.scheme(domain).levels},
        }


def rows_of(report: Report) -> list[Report]:
    """The report as one table: the whole, each district, each firm; what differs from before only for the whole."""
    rows = [{"group": "total", "name": report["period"], **_plain(report["total"])}]
    for name in ("before", "year_before"):
        rows.append({"group": name, "name": report[name]["period"], **_plain(report[name]["figures"])})
    rows += [{"group": "district", "name": row["district"], **_plain(row)} for row in report["districts"]]
    rows += [{"group": "firm", "name": row["title"], **_plain(row)} for row in report["firms"]]
    return [{name: value for name, value in row.items() if name not in ("district", "firm", "title")} for row in rows]


def _plain(found: Report) -> Report:
    return {name: value for name, value in found.items() if not isinstance(value, dict)}


def _all(codes: list[str], found: Mapping[str, int]) -> dict[str, int]:
    return {code: found.get(code, 0) for code in codes} | {
        code: number for code, number in found.items() if code not in codes
    }


def _cut(other: Period, asked: Period, until: int) -> tuple[str, int, int]:
    """As much of another period as has passed of the one asked for."""
    end = other.end if until == asked.end else min(other.end, other.start + until - asked.start)
    return other.name, other.start, end
