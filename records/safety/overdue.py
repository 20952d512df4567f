"""What inspectors and firms have not done by its date: visits and the putting right of hidden dangers. Both climb."""

from collections.abc import Iterator
from typing import ClassVar

from records.safety.days import DAY_MS, moment
from records.safety.standing import OpenDanger, Picture, Rule, Standing
from records.safety.terms import DangerTerms, severity_of
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
            yield Standing(
                "visit-overdue",
                "inspection",
                "inspection",
                site.id,
                each.id,
                severity_of(terms.climbs, now - each.due),
                Text(
                    f"{site.title.zh}：检查任务 {each.id} 应于 {moment(each.due)} 前完成，逾期未查",
                    f"{site.title.en}: visit {each.id} was due by {moment(each.due)} and is not done",
                ),
                since=each.due + 1,
                facts={"visit": each.id, "plan": each.plan, "due": each.due, "days": (now - each.due) // DAY_MS},
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
                yield _overdue(picture, each, terms, now)


def _overdue(picture: Picture, late: OpenDanger, terms: DangerTerms, now: int) -> Standing:
    danger, site = late.danger, picture.sites[late.danger.site]
    level = Text("重大隐患", "major danger") if danger.level == "major" else Text("一般隐患", "general danger")
    firm = late.waiting == "firm"
    what = (
        Text(f"责任人 {danger.responsible} 逾期未整改", f"{danger.responsible} has not put it right")
        if firm
        else Text("整改后逾期未复查", "nobody has checked again what was put right")
    )
    return Standing(
        "danger-overdue",
        "inspection",
        "inspection",
        site.id,
        f"{danger.id}/{late.waiting}/{late.due}",
        severity_of(terms.climbs.get(danger.level, ()) or terms.climbs["general"], now - late.due),
        Text(
            f"{site.title.zh}{level.zh}（{danger.place}：{danger.text}）应于 {moment(late.due)} 前，{what.zh}",
            f"{site.title.en}, {level.en} ({danger.place}: {danger.text}) due by {moment(late.due)}: {what.en}",
        ),
        since=late.due + 1,
        facts={"danger": danger.id, "level": danger.level, "waiting": late.waiting, "due": late.due},
    )
