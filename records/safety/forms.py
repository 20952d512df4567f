"""The records of safety production work. Each is kept in every form it ever had; a change is one more form.

Times are city time, ms UTC; ``end`` and ``until`` are the first moment that no longer counts, ``None`` = open.
Commitments and permits come from firms and are messages of topics too (topics/safety_events.py).
"""

from typing import Annotated, Any, Literal, TypeAlias

import msgspec

from records.safety.days import DAY_MS, begins
from topics.safety_events import Commitment, WorkPermit

Level = Literal["general", "major"]
Source = Literal["visit", "self", "public", "screen"]

Word = Annotated[str, msgspec.Meta(min_length=1, max_length=120)]


class Exemption(msgspec.Struct, frozen=True, omit_defaults=True):
    """A firm that stands still need give no commitment, by a decision of the office."""

    id: Word
    site: str
    start: int
    end: int | None
    by: str
    reason: str
    time: int


class Guarantor(msgspec.Struct, frozen=True, omit_defaults=True):
    """A person who answers for a major hazard in one role, from ``since`` until they leave the post."""

    hazard: Word
    site: str
    role: Word
    person: Word
    since: int
    until: int | None
    time: int
    by: str
    phone: str = ""
    email: str = ""

    @property
    def id(self) -> str:
        """``hazard/role/person``: who answers for one hazard in one role."""
        return f"{self.hazard}/{self.role}/{self.person}"

    def holds(self, now: int) -> bool:
        """Whether the post is held at this moment."""
        return self.since <= now and (self.until is None or now < self.until)


class StaticGrade(msgspec.Struct, frozen=True, omit_defaults=True):
    """The grade of a firm: points of 100, conditions that make it red at once, and the colour that follows."""

    site: str
    score: float
    direct_red: tuple[str, ...]
    grade: str
    graded: int
    expires: int
    by: str
    time: int
    text: str = ""


class Plan(msgspec.Struct, frozen=True, omit_defaults=True):
    """A sampling plan as it was drawn: from whom, how many of each stratum, with which seed."""

    id: str
    title: str
    domain: str
    seed: int
    sizes: dict[str, int]
    drawn: int
    due: int
    by: str
    members: dict[str, tuple[str, ...]]
    weights: dict[str, float]
    districts: tuple[str, ...] = ()


class Visit(msgspec.Struct, frozen=True, omit_defaults=True):
    """A visit to a firm: due, and once done its result. ``plan`` is empty for one that no plan drew."""

    id: str
    site: str
    due: int
    made: int
    by: str
    time: int
    plan: str = ""
    stratum: str = ""
    done: int | None = None
    outcome: Literal["", "clean", "dangers", "not-found", "stopped"] = ""
    inspectors: tuple[str, ...] = ()
    text: str = ""
    answers: dict[str, bool] = msgspec.field(default_factory=dict)
    cancelled: str = ""

    @property
    def over(self) -> bool:
        """Whether it has taken place or never will."""
        return self.done is not None or bool(self.cancelled)


class Danger(msgspec.Struct, frozen=True, omit_defaults=True):
    """A hidden danger: found at a ``visit`` or reported, to be put right by ``due`` by ``responsible``.

    Its life (reply, re-check, overdue, close) is that of the ticket with the same id (records/tickets.py).
    """

    id: str
    site: str
    level: Level
    place: str
    text: str
    responsible: str
    found: int
    due: int
    by: str
    source: Source
    visit: str = ""


Record: TypeAlias = Commitment | Exemption | WorkPermit | Guarantor | StaticGrade | Plan | Visit | Danger

#: The kinds, as the store calls them.
KINDS: dict[str, Any] = {
    "commitment": Commitment,
    "exemption": Exemption,
    "permit": WorkPermit,
    "guarantor": Guarantor,
    "grade": StaticGrade,
    "plan": Plan,
    "visit": Visit,
    "danger": Danger,
}


class Key(msgspec.Struct, frozen=True):
    """Under what a record is kept and found: see ``alerts/safety/tables.py``."""

    kind: str
    id: str
    site: str
    about: str
    start: int
    end: int | None
    closed: int | None
    made: int
    who: str


def key_of(record: Record) -> Key:
    """Where a record belongs."""
    match record:
        case Commitment(site=site, day=day):
            first = begins(day)
            return Key("commitment", f"{site}|{day}", site, day, first, first + DAY_MS, None, record.time, record.by)
        case WorkPermit(site=site, permit=permit):
            over = record.completed if record.completed is not None else record.time if record.cancelled else None
            return Key(
                "permit", f"{site}|{permit}", site, record.work, record.start, record.end, over, record.time,
                record.applicant,
            )  # fmt: skip
        case Exemption(site=site):
            return Key("exemption", record.id, site, "", record.start, record.end, None, record.time, record.by)
        case Guarantor(site=site, hazard=hazard):
            return Key("guarantor", record.id, site, hazard, record.since, record.until, None, record.time, record.by)
        case StaticGrade(site=site):
            return Key("grade", site, site, record.grade, record.graded, record.expires, None, record.time, record.by)
        case Plan(id=name):
            return Key("plan", name, "", record.domain, record.drawn, record.due, None, record.drawn, record.by)
        case Visit(id=name, site=site):
            over = record.done if record.done is not None else record.time if record.cancelled else None
            return Key("visit", name, site, record.plan, record.made, record.due, over, record.time, record.by)
        case Danger(id=name, site=site):
            return Key("danger", name, site, record.visit, record.found, record.due, None, record.found, record.by)
