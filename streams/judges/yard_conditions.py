"""The conditions a yard can be in, each with its subject, severity, text and facts: what a finding will say."""

import math
from collections.abc import Mapping
from dataclasses import replace

from detectors.rules.hazard_source import STANDARD, HazardSource
from detectors.rules.over_storage import OverStorage, Permit
from detectors.rules.segregation import Conflict
from records.responder_card import place_text
from records.stays import Box, Place
from streams.judges import yard_texts
from streams.judges.dwelling import HOUR_MS, DwellTerms, Overdue
from streams.judges.episodes import Condition
from streams.judges.segregation_editions import SegregationEdition
from streams.judges.yard_facts import UNKNOWN_SEVERITY, Sight, YardFacts
from topics.events import Observed
from topics.finding import Text
from topics.goods import GoodsEntry

HAZARD, OVER, SEGREGATION = "yard-hazard-grade", "yard-over-storage", "yard-segregation"
UNDECLARED, OBSERVED, DWELL = "yard-undeclared", "yard-observed", "yard-dwell"

GRADE_SEVERITY = {1: "red", 2: "orange", 3: "yellow", 4: "blue"}

Goods = Mapping[str, GoodsEntry]


def hazard_grade(site: str, found: HazardSource, grade: int, goods: Goods, standard: str = STANDARD) -> Condition:
    """The site is a major hazard source of this grade; the value is R."""
    text, facts = yard_texts.hazard_grade(found, goods, standard)
    return Condition(
        HAZARD,
        "hazard-grade",
        site,
        site,
        "hazard-grade",
        GRADE_SEVERITY[grade],
        text,
        mark=f"{grade} {_steps(found.r, 100.0)}",
        value=round(found.r, 3),
        unit="R",
        standard=standard,
        facts=facts,
    )


def over_storage(site: str, un: str, found: OverStorage, permit: Permit | None, goods: Goods) -> Condition:
    """Too much of one substance; value and expected are tonnes."""
    return Condition(
        OVER,
        "over-storage",
        site,
        stored(site, un),
        f"UN{un}",
        found.severity,
        yard_texts.over_storage(un, found, goods),
        mark=f"{found.level} {_steps(found.mass_t, found.expected_t or 1.0)}",
        value=round(found.mass_t, 6),
        expected=found.expected_t,
        unit="t",
        facts={
            "level": found.level,
            "permit_t": permit.permit_t if permit else 0.0,
            "design_t": permit.design_t if permit else None,
            "source": permit.source if permit else "",
            "confirmed": "yes" if permit and permit.confirmed else "no",
        },
    )


def segregation(
    site: str, conflict: Conflict, first: Box, second: Box, facts: YardFacts, edition: SegregationEdition
) -> Condition:
    """Two boxes too close (or two goods in one box) by an edition; value and expected are metres between them."""
    override = edition.overrides.get(conflict.rule)
    return Condition(
        SEGREGATION,
        "segregation",
        site,
        pair(site, conflict),
        first.place.block if first.place else "yard",
        facts.severities.get(conflict.code, UNKNOWN_SEVERITY),
        yard_texts.segregation(conflict, first, second, edition.goods, edition.overrides),
        mark=f"{conflict.code} {conflict.rule} {conflict.first_un} {conflict.second_un}",
        value=round(conflict.gap_m, 2),
        expected=conflict.least_m,
        unit="m",
        standard="IMDG 7.2.4",
        facts={
            "code": conflict.code,
            "rule": conflict.rule,
            "first": f"{conflict.first} UN {conflict.first_un}",
            "second": f"{conflict.second} UN {conflict.second_un}",
            "confirmed": "no" if override and not override.confirmed else "yes",
        },
    )


def proposing(condition: Condition, container: str, place: Place) -> Condition:
    """The same, with the free slot to which the box that moved could go."""
    where = f"{place.block} {place.bay:02d}-{place.row:02d}-{place.tier}"
    text = Text(
        f"{condition.text.zh}；{container} 可移至 {where}，该处满足全部隔离要求",
        f"{condition.text.en}; {container} can go to {where}, where it is far enough from all others",
    )
    return replace(condition, text=text, facts={**condition.facts, "proposed_slot": where, "proposed_for": container})


def undeclared(site: str, box: Box) -> Condition:
    """A box without papers: worse where the gate saw dangerous goods."""
    place = box.place
    return Condition(
        UNDECLARED,
        "undeclared",
        site,
        f"{site}/{box.container}",
        "undeclared",
        "orange" if box.goods else "yellow",
        yard_texts.undeclared(box),
        facts={
            "container": box.container,
            "named": box.named,
            "where": f"{place.block} {place.bay:02d}-{place.row:02d}-{place.tier}" if place else None,
            "mass_t": round(sum(each.mass_t for each in box.goods), 6),
        },
    )


def dwell(site: str, late: Overdue, terms: DwellTerms) -> Condition:
    """A box that has stood too long; expected is what its goods allow, in hours."""
    return Condition(
        DWELL,
        "dwell",
        site,
        f"{site}/{late.box.container}",
        "dwell",
        terms.severity,
        yard_texts.dwell(late),
        value=round((late.due - late.box.since) / HOUR_MS, 3),
        expected=round(late.limit_ms / HOUR_MS, 3),
        unit="h",
        facts={
            "container": late.box.container,
            "where": place_text(late.box.place) or None,
            "goods": ", ".join(sorted({f"UN {line.un}" for line in late.box.goods})),
            "held_h": round(late.held_ms / HOUR_MS, 3),
            "source": terms.source,
            "confirmed": "yes" if terms.confirmed else "no",
        },
    )


def observed(event: Observed, sight: Sight) -> Condition:
    """What a person or camera saw."""
    at_zh = f"（{event.subject}）" if event.subject else ""
    at_en = f" at {event.subject}" if event.subject else ""
    return Condition(
        OBSERVED,
        "observed",
        event.site,
        f"{place_seen(event)}#{event.what}",
        event.what,
        sight.severity,
        Text(f"现场报告：{sight.title.zh}{at_zh}", f"Seen on site: {sight.title.en.lower()}{at_en}"),
        facts={"what": event.what, "by": event.by, "subject": event.subject},
    )


def place_seen(event: Observed) -> str:
    """Where something was observed: the site, or its subject within the site."""
    return f"{event.site}/{event.subject}" if event.subject else event.site


def stored(site: str, un: str) -> str:
    """The subject of over-storage: one substance at one site."""
    return f"{site}/UN{un}"


def pair(site: str, conflict: Conflict) -> str:
    """The subject of a conflict: two boxes of one site."""
    return f"{site}/{conflict.first}+{conflict.second}"


def _steps(value: float, of: float) -> int:
    """The steps of a tenth between the value and ``of``: a step up or down is worth an update, so that what an open
    alarm says is there is never off by more; each box is not.
    """
    return math.floor(math.log(value / of, 1.1)) if value > 0 else 0
