"""Declarations as people see them: a line of the list, one with all its versions, and an authority's part of it."""

from collections.abc import Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from alerts.accounts.jurisdiction import WHOLE_CITY, Jurisdiction
from alerts.city import City
from alerts.declarations import tables
from alerts.declarations.desk import Declarations
from alerts.views import text_view
from records.declaration_awaited import awaited, lapsed
from records.declaration_check import PACK, CheckedBy
from records.declaration_life import Declaration, Version, fold
from records.declaration_terms import Duty, part_of
from topics.editions import Edition
from topics.finding import Text
from topics.sources import source_text


class DeclarationViews:
    """Reads what ``Declarations`` keeps."""

    def __init__(self, declarations: Declarations) -> None:
        self.declarations = declarations
        self.city = declarations.city

    def figures(self, within: Jurisdiction = WHOLE_CITY) -> dict[str, Any]:
        """How many stand where, how many are overdue, how many boxes came unaccepted."""
        table = tables.declaration.c
        late = sa.case((table.due <= self.city.time, 1), else_=0)
        unlawful = sa.case((table.unlawful, 1), else_=0)
        asked = sa.select(table.state, sa.func.count(), sa.func.sum(late), sa.func.sum(unlawful)).group_by(table.state)
        if not within.whole:
            asked = asked.where(table.site.in_(self.sites_within(within)))
        with self.declarations.store.read() as connection:
            rows = connection.execute(asked).all()
        return {
            "declarations": sum(row[1] for row in rows),
            "states": {row[0]: row[1] for row in rows},
            "overdue": int(sum(row[2] or 0 for row in rows)),
            "unlawful": int(sum(row[3] or 0 for row in rows)),
        }

    def view(self, number: str) -> dict[str, Any]:
        """One with all versions, events and each authority's part. Raises ``LookupError`` where there is none."""
        events = self.declarations.events(number)
        if not events:
            raise LookupError(f"no declaration {number!r}")
        declaration = fold(events)
        duties = self.declarations.duties(declaration.newest.form.site)
        return self.summary(number, declaration) | {
            "form": msgspec.to_builtins(declaration.newest.form),
            "versions": [_version(declaration, each, self.city) for each in declaration.versions],
            "parts": {name: _part(duty, declaration.newest) for name, duty in duties.items()},
            "box": [msgspec.to_builtins(each) for each in declaration.seen],
            "events": [msgspec.to_builtins(each) for each in events],
        }

    def summary(self, number: str, declaration: Declaration) -> dict[str, Any]:
        """One line of the list."""
        version, now = declaration.newest, self.city.time
        form, in_force, terms = version.form, declaration.in_force, self.declarations.terms(version.form.site)
        awaiting = awaited(declaration)
        return {
            "id": number, "site": form.site, "site_title": msgspec.to_builtins(self.city.site_title(form.site)),
            "container": form.container, "state": declaration.state, "answer": _answer(declaration, version),
            "version": version.number, "in_force": in_force.number if in_force is not None else None,
            "entered": declaration.versions[0].time, "operation": form.operation, "consignor": form.consignor,
            "un": [line.un for line in form.goods], "net_t": round(form.net_t, 6), "doubts": len(version.doubts),
            "awaiting": list(awaiting), "due": version.due if awaiting else None,
            "overdue": bool(awaiting) and now >= version.due, "escalation": version.climbed,
            "place": declaration.place, "came": declaration.came, "unlawful": declaration.unlawful,
            "cancelled": declaration.cancelled,
            "confirmed": terms is not None and terms.confirmed, "source": terms.source if terms is not None else "",
        }  # fmt: skip

    def authorities(self) -> dict[str, Any]:
        """Every authority that answers declarations somewhere, with its title."""
        found: dict[str, Any] = {}
        for domain in self.city.domains.values():
            site = next((each.id for each in self.city.registry.sites() if each.domain == domain.name), "")
            for name, duty in self.declarations.duties(site).items() if site else ():
                found[name] = {"title": msgspec.to_builtins(duty.title), "sees": list(duty.sees)}
        return found

    def sites(self, within: Jurisdiction = WHOLE_CITY) -> list[dict[str, Any]]:
        """The sites where something can be declared."""
        return [
            {"id": each.id, "title": msgspec.to_builtins(each.title)}
            for each in self.city.registry.sites()
            if within.covers(each.domain, each.district) and self.declarations.terms(each.id) is not None
        ]

    def sites_within(self, within: Jurisdiction) -> list[str]:
        """The sites that somebody may look at."""
        return [each.id for each in self.city.registry.sites() if within.covers(each.domain, each.district)]


def _answer(declaration: Declaration, version: Version) -> str:
    """How a version stands: ``lapsed`` is the newest one where the box has left without an answer."""
    return "lapsed" if version is declaration.newest and lapsed(declaration) else version.answer


def _version(declaration: Declaration, version: Version, city: City) -> dict[str, Any]:
    return {
        "number": version.number, "form": msgspec.to_builtins(version.form), "time": version.time, "who": version.who,
        "why": version.why, "answer": _answer(declaration, version), "answered": version.answered,
        "asked": list(version.asked), "doubts": msgspec.to_builtins(version.doubts), "due": version.due,
        "checked": _checked(version.checked, city),
        "signed": {name: {"who": who, "time": time} for name, (who, time) in version.signed.items()},
        "reasons": [
            {"rule": each.rule, "authority": each.authority, "who": each.who, "text": msgspec.to_builtins(each.why)}
            for each in version.reasons
        ],
    }  # fmt: skip


def _checked(by: CheckedBy | None, city: City) -> dict[str, Any] | None:
    """The editions in the words of both languages; ``None`` where they were not recorded."""
    if by is None:
        return None
    editions = [
        {
            "table": each.table, "name": each.name, "name_text": text_view(_name(each, city)),
            "source": each.source, "source_text": text_view(source_text(each.source)), "digest": each.digest,
            "confirmed": each.confirmed, "until": each.until.isoformat() if each.until is not None else None,
        }
        for each in by.editions
    ]  # fmt: skip
    return {"as_of": by.as_of.isoformat(), "editions": editions}


def _name(edition: Edition, city: City) -> Text:
    return city.domain_title(edition.name) if edition.table == PACK else source_text(edition.name)


def _part(duty: Duty, version: Version) -> Mapping[str, Any]:
    return {
        "title": msgspec.to_builtins(duty.title),
        "sees": list(duty.sees),
        "signers": list(duty.signers),
        "fields": msgspec.to_builtins(part_of(version.form, duty.sees)),
    }
