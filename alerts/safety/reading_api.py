"""What is known of safety work, over HTTP: each list leaves what lies within the caller's jurisdiction."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, HTTPException, Path, Query, Request

from alerts.accounts.identity import jurisdiction_of
from alerts.accounts.jurisdiction import Jurisdiction
from alerts.safety.desk import SafetyDesk, shown
from alerts.views import text_view
from records.registry import Site
from records.safety.days import DAY_MS, at, begins, day_of
from records.safety.forms import Danger, Exemption, Plan, StaticGrade, Visit
from records.safety.guarantor_missing import holder
from records.safety.rules import RULES
from records.safety.works import WORK_TITLES
from topics.reading import EARLIEST_MS, LATEST_MS
from topics.safety_events import Commitment, WorkPermit

Day = Annotated[str, Query(pattern=r"^(20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01]))?$")]
Asked = Annotated[int | None, Query(ge=EARLIEST_MS, le=LATEST_MS)]
Limit = Annotated[int, Query(ge=1, le=1000)]
Name = Annotated[str, Path(min_length=1, max_length=64)]


class Reading:
    """The answers; ``within`` is the caller's jurisdiction."""

    def __init__(self, desk: SafetyDesk) -> None:
        self.desk = desk
        self.city = desk.city

    def ids(self, within: Jurisdiction) -> list[str]:
        """The ids of the sites of this domain that lie within a jurisdiction."""
        return [site.id for site in self.desk.sites(within)]

    def named(self, record: Any) -> dict[str, Any]:
        """A record with what its site is called."""
        return shown(record) | {"site_title": text_view(self.city.site_title(record.site))}

    def terms(self) -> dict[str, Any]:
        """What forms and words the packs give, by domain."""
        found = {}
        for domain in self.desk.pictures.domains():
            if (terms := self.desk.pictures.terms(domain)) is not None:
                found[domain] = msgspec.to_builtins(terms)
        works = {name: text_view(title) for name, title in WORK_TITLES.items()}
        return {"domains": found, "works": works}

    def commitments(self, within: Jurisdiction, day: str) -> list[dict[str, Any]]:
        """Every firm that must give one on a day: what it gave, or that it did not."""
        now = self.city.time
        start, book = begins(day), self.desk.book
        end = start + DAY_MS
        first = {each.site: each for each in book.newest(Commitment, start=start, end=end, first=True)}
        last = {each.site: each for each in book.newest(Commitment, start=start, end=end)}
        exempt = book.newest(Exemption, start=start, end=end)
        rows = []
        for site in self.desk.sites(within):
            terms = self.desk.terms(site.id).commitment
            if terms is None or (site.source_type not in terms.source_types and site.id not in first):
                continue
            due = at(day, terms.due_by)
            free = next((each for each in exempt if each.site == site.id and each.start <= due), None)
            given = first.get(site.id)
            row = {
                "site": site.id,
                "site_title": text_view(site.title),
                "day": day,
                "due": due,
                "district": site.district,
            }
            row |= {"state": _state(given, free, due, now), "given": given.time if given else None}
            row |= {"delay_ms": max(0, given.time - due) if given else None, "exemption": free.id if free else ""}
            rows.append(row | {"commitment": shown(last[site.id]) if given else None})
        return rows

    def guarantors(self, within: Jurisdiction) -> list[dict[str, Any]]:
        """Every hazard, its posts and who holds them now."""
        now, rows = self.city.time, []
        for domain in self.desk.pictures.domains():
            terms = self.desk.pictures.terms(domain)
            if terms is None or terms.guarantor is None:
                continue
            everybody = self.desk.pictures.guarantors(domain, terms)
            for hazard, site in sorted(self.desk.pictures.hazards(domain).items()):
                if not within.covers(domain, self.city.district(site)):
                    continue
                named = [each for each in everybody if each.hazard == hazard]
                posts = []
                for role, about in terms.guarantor.roles.items():
                    held = holder(named, role, now)
                    post = {"role": role, "title": text_view(about.title), "families": list(about.families)}
                    posts.append(post | {"holder": shown(held) if held is not None else None})
                rows.append(
                    {
                        "hazard": hazard, "site": site, "site_title": text_view(self.city.site_title(site)),
                        "posts": posts, "confirmed": terms.guarantor.confirmed,
                    }
                )  # fmt: skip
        return rows

    def plan(self, name: str, within: Jurisdiction) -> dict[str, Any]:
        """A plan with its visits; raises 404 where none of them is the caller's."""
        found = self.desk.book.one(Plan, name)
        visits = [self.named(each) for each in self.desk.book.newest(Visit, sites=self.ids(within), about=name)]
        if found is None or (not visits and not within.whole):
            raise HTTPException(404, f"no plan {name!r}")
        mine = set(self.ids(within))
        seen = shown(found)
        seen["members"] = {stratum: [s for s in sites if s in mine] for stratum, sites in found.members.items()}
        seen["weights"] = {site: weight for site, weight in found.weights.items() if site in mine}
        return seen | {"visits": sorted(visits, key=lambda each: str(each["id"]))}

    def plans(self, within: Jurisdiction, limit: int) -> list[dict[str, Any]]:
        """Plans of which a visit is the caller's, with how many are done and late."""
        now, mine = self.city.time, self.ids(within)
        rows = []
        for plan in self.desk.book.newest(Plan, limit=limit):
            visits = self.desk.book.newest(Visit, sites=mine, about=plan.id)
            if not visits and not within.whole:
                continue
            about = {name: getattr(plan, name) for name in ("id", "title", "seed", "drawn", "due", "by", "sizes")}
            late = sum(not each.over and now > each.due for each in visits)
            rows.append(about | {"visits": len(visits), "done": sum(each.over for each in visits), "late": late})
        return rows

    def dangers(self, within: Jurisdiction, unfinished: bool, limit: int) -> list[dict[str, Any]]:
        """Dangers with where their tickets stand."""
        rows = []
        for each in self.desk.book.newest(Danger, sites=self.ids(within), limit=limit):
            ticket = self.desk.tickets.view(each.id)
            if not unfinished or ticket["closed"] is None:
                rows.append(self.named(each) | {"ticket": ticket})
        return rows

    def grades(self, within: Jurisdiction) -> list[dict[str, Any]]:
        """Every site with its grade, ``None`` where nobody has graded it."""
        grades = {each.site: each for each in self.desk.book.newest(StaticGrade)}
        return [self._grade(site, grades.get(site.id)) for site in self.desk.sites(within)]

    def _grade(self, site: Site, held: StaticGrade | None) -> dict[str, Any]:
        about = {"site": site.id, "site_title": text_view(site.title), "firm": site.firm, "district": site.district}
        return about | {
            "grade": shown(held) if held is not None else None,
            "expired": held is not None and self.city.time >= held.expires,
        }


def reading_routes(routes: APIRouter, desk: SafetyDesk) -> None:
    """Everything that is read under ``/api/safety``."""
    reading = Reading(desk)

    @routes.get("/terms", summary="What the packs say of safety work: posts, conditions, checks")
    def terms() -> dict[str, Any]:
        return reading.terms()

    @routes.get("/commitments", summary="The commitments of a day: given, late, missing or exempt, firm by firm")
    def commitments(request: Request, day: Day = "") -> dict[str, Any]:
        asked = day or day_of(desk.city.time)
        return {"day": asked, "items": reading.commitments(jurisdiction_of(request), asked)}

    @routes.get("/exemptions", summary="Firms that stand still and need give no commitment")
    def exemptions(request: Request) -> dict[str, Any]:
        found = desk.book.newest(Exemption, sites=reading.ids(jurisdiction_of(request)), limit=500)
        return {"items": [reading.named(each) for each in found]}

    @routes.get("/permits", summary="Permits of special work, the youngest first")
    def permits(request: Request, start: Annotated[Asked, Query(alias="from")] = None, end: Annotated[Asked, Query(alias="to")] = None, limit: Limit = 200) -> dict[str, Any]:  # fmt: skip  # noqa: E501
        mine = reading.ids(jurisdiction_of(request))
        found = desk.book.newest(WorkPermit, sites=mine, start=start, end=end, limit=limit)
        return {"items": [reading.named(each) for each in found]}

    @routes.get("/guarantors", summary="Major hazards, their posts and who holds them")
    def guarantors(request: Request) -> dict[str, Any]:
        return {"items": reading.guarantors(jurisdiction_of(request))}

    @routes.get("/grades", summary="The static grade of every firm")
    def grades(request: Request) -> dict[str, Any]:
        return {"items": reading.grades(jurisdiction_of(request))}

    _inspections(routes, reading)


def _inspections(routes: APIRouter, reading: Reading) -> None:
    desk = reading.desk

    @routes.get("/plans", summary="Sampling plans, the youngest first")
    def plans(request: Request, limit: Limit = 100) -> dict[str, Any]:
        return {"items": reading.plans(jurisdiction_of(request), limit)}

    @routes.get("/plans/{plan}", summary="One plan: from whom it was drawn, with which seed, and its visits")
    def plan(request: Request, plan: Name) -> dict[str, Any]:
        return reading.plan(plan, jurisdiction_of(request))

    @routes.get("/visits", summary="Visits, those that are due first")
    def visits(request: Request, unfinished: bool = False, limit: Limit = 200) -> dict[str, Any]:
        mine = reading.ids(jurisdiction_of(request))
        found = desk.book.newest(Visit, sites=mine, unfinished=unfinished, limit=limit)
        rows = [reading.named(each) | {"late": not each.over and desk.city.time > each.due} for each in found]
        return {"items": sorted(rows, key=lambda each: (each["done"] is not None, each["due"], each["id"]))}

    @routes.get("/dangers", summary="Hidden dangers and where they stand, the youngest first")
    def dangers(request: Request, unfinished: bool = False, limit: Limit = 200) -> dict[str, Any]:
        return {"items": reading.dangers(jurisdiction_of(request), unfinished, limit)}

    @routes.get("/findings", summary="What follows from the records: findings, the youngest first")
    def findings(request: Request, limit: Limit = 200) -> dict[str, Any]:
        rules = [name for rule in RULES for name in rule.names]
        within = jurisdiction_of(request)
        found = desk.watch.findings(None if within.whole else reading.ids(within), rules, limit)
        return {"items": [_finding(reading, each) for each in found]}


def _finding(reading: Reading, finding: Any) -> dict[str, Any]:
    names = ("id", "site", "detector", "subject", "quantity", "severity", "opened", "closed", "facts")
    about = {name: getattr(finding, name) for name in names}
    return about | {"text": text_view(finding.text), "site_title": text_view(reading.city.site_title(finding.site))}


def _state(given: Commitment | None, free: Exemption | None, due: int, now: int) -> str:
    if given is not None:
        return "given" if given.time <= due else "late"
    if free is not None:
        return "exempt"
    return "missing" if now > due else "expected"
