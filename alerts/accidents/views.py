"""A case as people see it: its grade and where the bound is from, what is owed, every version of its figures."""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from alerts import schema
from alerts.accidents.desk import Accidents
from alerts.city import City
from alerts.views import text_view
from records.accident_duties import Duty, duties
from records.accident_events import Event
from records.accident_terms import Grade, Terms
from records.accidents import Case, Version, fold
from topics.finding import Text
from topics.sources import source_text

STAGES = {
    "initial": Text("首报", "initial report"),
    "follow-up": Text("续报", "follow-up"),
    "final": Text("终报", "final report"),
}
STATES = {
    "report-awaited": Text("待首报", "initial report awaited"),
    "reported": Text("已报，处置中", "reported, at work"),
    "concluded": Text("已终报", "concluded"),
    "withdrawn": Text("已撤销", "withdrawn"),
}


def summary(accidents: Accidents, name: str) -> dict[str, Any]:
    """A line of the list. Raises ``LookupError`` where there is no such case."""
    case = accidents.case(name)
    terms, opened = accidents.terms(case.opened.domain), case.opened
    found = duties(case, terms)
    waiting = sorted((each for each in found if each.done is None), key=lambda each: each.due)
    now = accidents.city.time
    return {
        "id": name,
        "title": opened.title,
        "firm": opened.firm,
        "site": opened.site,
        "district": opened.district,
        "place": opened.place,
        "domain": opened.domain,
        "kind": opened.kind,
        "kind_title": text_view(terms.kind(opened.kind).title),
        "occurred": opened.occurred,
        "known": opened.known,
        "state": case.state,
        "state_title": text_view(STATES[case.state]),
        "grade": grade_view(accidents.city, opened.domain, case.grade(terms)) if case.versions else None,
        "figures": _plain(case.figures),
        "reports": len(case.versions),
        "late_initial": found[0].late(now) if found and found[0].name == "initial" else False,
        "next": _duty(waiting[0], case, terms, now) if waiting else None,
        "overdue": any(each.late(now) for each in waiting),
        "closed": case.closed,
    }


def view(accidents: Accidents, name: str) -> dict[str, Any]:
    """All of a case. Raises ``LookupError`` where there is none of this name."""
    events = accidents.events(name)
    made = summary(accidents, name)
    terms = accidents.terms(made["domain"])
    case = fold(events, terms)
    opened, city = case.opened, accidents.city
    levels = terms.up_to(case.grade(terms).code) if case.versions else ()
    return made | {
        "lat": opened.lat,
        "lon": opened.lon,
        "text": opened.text,
        "site_title": text_view(city.site_title(opened.site)) if opened.site else None,
        "feared": grade_view(city, opened.domain, case.feared(terms)) if case.versions else None,
        "changes_until": case.changes_until(terms),
        "rescue_over": case.rescue_over,
        "duties": [_duty(each, case, terms, city.time) for each in duties(case, terms)],
        "up": [{"to": each, "title": text_view(terms.title(each))} for each in levels if each not in case.passed],
        "versions": [_version(each, case, terms, city) for each in case.versions],
        "alarms": alarm_lines(accidents, case.alarms),
        "events": [_event(each, terms) for each in events],
    }


def terms_view(terms: Terms) -> dict[str, Any]:
    """Grades, kinds and clocks with their sources, for forms and for whoever asks where a number is from."""
    shown: dict[str, Any] = msgspec.to_builtins(terms)
    return shown


def grade_view(city: City, domain: str, grade: Grade) -> dict[str, Any]:
    """``severity`` is the level of the domain's scheme that stands at the same place: red for the gravest."""
    levels = sorted(city.scheme(domain).levels, key=lambda each: each.rank)
    return {
        "code": grade.code,
        "rank": grade.rank,
        "title": text_view(grade.title),
        "severity": levels[min(grade.rank, len(levels)) - 1].code,
        "source": grade.source,
        "source_text": text_view(source_text(grade.source)),
        "confirmed": grade.confirmed,
    }


def duty_title(name: str, terms: Terms) -> Text:
    """What is owed, in words."""
    if name.startswith("up:"):
        to = terms.title(name.removeprefix("up:"))
        return Text(f"上报：{to.zh}", f"pass up to: {to.en}")
    return STAGES[name]


def alarm_lines(accidents: Accidents, alarms: Sequence[str]) -> list[dict[str, Any]]:
    """The linked alarms, the oldest first."""
    table = schema.alarm.c
    asked = (
        sa.select(table.id, table.site, table.severity, table.state, table.opened, table.text_zh, table.text_en)
        .where(table.id.in_(alarms))
        .order_by(table.opened, table.id)
    )
    with accidents.store.read() as connection:
        rows = connection.execute(asked).all()
    return [
        {
            "id": row.id, "site": row.site, "severity": row.severity, "state": row.state, "opened": row.opened,
            "text": {"zh": row.text_zh, "en": row.text_en},
        }
        for row in rows
    ]  # fmt: skip


def _duty(duty: Duty, case: Case, terms: Terms, now: int) -> dict[str, Any]:
    follow_up = terms.follow_up[case.grade(terms).code]
    clock = {"initial": terms.initial, "follow-up": follow_up, "final": terms.final}.get(duty.name, terms.pass_up)
    return {
        "name": duty.name,
        "title": text_view(duty_title(duty.name, terms)),
        "since": duty.since,
        "due": duty.due,
        "done": duty.done,
        "late": duty.late(now),
        "source": clock.source,
        "source_text": text_view(source_text(clock.source)),
        "confirmed": clock.confirmed,
    }


def _event(event: Event, terms: Terms) -> dict[str, Any]:
    shown: dict[str, Any] = msgspec.to_builtins(event)
    if "to" in shown:
        shown["to_title"] = text_view(terms.title(shown["to"]))
    if "duty" in shown:
        shown["duty_title"] = text_view(duty_title(shown["duty"], terms))
    return shown


def _version(version: Version, case: Case, terms: Terms, city: City) -> dict[str, Any]:
    before = case.versions[version.number - 2].grade if version.number > 1 else version.grade
    shown: dict[str, Any] = msgspec.to_builtins(version)
    return shown | {
        "figures": _plain(version.figures),
        "counted": _plain(version.counted),
        "stage_title": text_view(STAGES[version.stage]),
        "grade": grade_view(city, case.opened.domain, terms.grade(version.grade)),
        "regraded": before != version.grade,
    }


def _plain(figures: Any) -> dict[str, Any]:
    return {name: getattr(figures, name) for name in figures.__struct_fields__}
