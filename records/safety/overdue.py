"""What inspectors and firms have not done by its date: visits and the putting right of hidden dangers. Both climb.

Each stage of it (overdue, worse, passed on one step) is told once, in order and as of its own time, however late that
is: a danger's steps are those of its ticket, as ``records/overdue.py`` has them of any other.
"""

from collections.abc import Iterator
from typing import ClassVar

from records.registry import Site
from records.safety.days import DAY_MS, moment
from records.safety.forms import Visit
from records.safety.standing import OpenDanger, Picture, Rule, Standing, climbed
from records.safety.terms import Climb, severity_of
from topics.finding import Text


class VisitOverdue(Rule):
    """A visit that was drawn and is not done by its date."""

    names: ClassVar[tuple[str, ...]] = ("visit-overdue",)
    part: ClassVar[str] = "visit"
    over: ClassVar[Text] = Text("已完成检查", "the visit is done")

    def standing(self, picture: Picture, now: int) -> Iterator[Standing]:
        terms = picture.terms.visit
        assert terms is not None
        for each in picture.visits:
            site = picture.sites.get(each.site)
            if site is None or each.over or now <= each.due:
                continue
            yield climbed([self._at(each, site, terms.climbs, at) for at in _moments(each.due, now, terms.climbs)])

    def _at(self, late: Visit, site: Site, climbs: tuple[Climb, ...], at: int) -> Standing:
        return Standing(
            "visit-overdue",
            "inspection",
            "inspection",
            site.id,
            late.id,
            severity_of(climbs, at - late.due),
            Text(
                f"{site.title.zh}：检查任务 {late.id} 应于 {moment(late.due)} 前完成，逾期未查",
                f"{site.title.en}: visit {late.id} was due by {moment(late.due)} and is not done",
            ),
            since=late.due + 1,
            facts={"visit": late.id, "plan": late.plan, "due": late.due, "days": (at - late.due) // DAY_MS},
            at=at,
        )


class DangerOverdue(Rule):
    """A hidden danger that the firm has not put right, or that nobody has checked again, by its date."""

    names: ClassVar[tuple[str, ...]] = ("danger-overdue",)
    part: ClassVar[str] = "danger"
    over: ClassVar[Text] = Text("已答复", "it was answered")

    def standing(self, picture: Picture, now: int) -> Iterator[Standing]:
        terms = picture.terms.danger
        assert terms is not None
        for each in picture.dangers:
            if each.danger.site in picture.sites and now > each.due:
                climbs = terms.climbs.get(each.danger.level, ()) or terms.climbs["general"]
                moments = _moments(each.due, now, climbs, each.climbed)
                yield climbed([_overdue(picture.sites[each.danger.site], each, climbs, at) for at in moments])


def _moments(due: int, now: int, climbs: tuple[Climb, ...], steps: tuple[int, ...] = ()) -> list[int]:
    """When it became overdue, worse, and was passed on: in order, each once, up to ``now``."""
    worse = (due + int(each.after_days * DAY_MS) for each in climbs if each.after_days)
    return sorted({due + 1, *(at for at in (*worse, *steps) if due < at <= now)})


def _overdue(site: Site, late: OpenDanger, climbs: tuple[Climb, ...], at: int) -> Standing:
    danger = late.danger
    level = Text("重大隐患", "major danger") if danger.level == "major" else Text("一般隐患", "general danger")
    firm = late.waiting == "firm"
    what = (
        Text(f"责任人 {danger.responsible} 逾期未整改", f"{danger.responsible} has not put it right")
        if firm
        else Text("整改后逾期未复查", "nobody has checked again what was put right")
    )
    taken = sum(each <= at for each in late.climbed)
    up = Text(f"，已升级 {taken} 级", f"; it has climbed {taken} steps") if taken else Text("", "")
    subject = f"{danger.id}/{late.waiting}/{late.due}"
    return Standing(
        "danger-overdue",
        "inspection",
        f"danger/{subject}",  # an alarm of its own, which climbs as this danger does
        site.id,
        subject,
        severity_of(climbs, at - late.due),
        Text(
            f"{site.title.zh}{level.zh}（{danger.place}：{danger.text}）应于 {moment(late.due)} 前，{what.zh}{up.zh}",
            f"{site.title.en}, {level.en} ({danger.place}: {danger.text}) due by {moment(late.due)}: {what.en}{up.en}",
        ),
        since=late.due + 1,
        mark=str(taken),
        facts={
            "danger": danger.id,
            "level": danger.level,
            "waiting": late.waiting,
            "due": late.due,
            "climbed": taken,
            "steps": " ".join(late.steps),
            "channels": " ".join(late.channels),
        },
        at=at,
    )
