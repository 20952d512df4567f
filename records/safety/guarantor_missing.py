"""Each major hazard has a person of its own for each post (包保责任人); a post that nobody holds is a finding."""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from records.safety.days import moment
from records.safety.forms import Guarantor
from records.safety.standing import Picture, Rule, Standing
from records.safety.terms import GuarantorTerms, Role
from topics.finding import Text


class GuarantorMissing(Rule):
    """Nobody holds a post, or one person holds two. It stands until somebody is named."""

    names: ClassVar[tuple[str, ...]] = ("guarantor-missing", "guarantor-twice")
    part: ClassVar[str] = "guarantor"
    over: ClassVar[Text] = Text("已由不同人员担任", "each post is held by a person of its own")

    def standing(self, picture: Picture, now: int) -> Iterator[Standing]:
        terms = picture.terms.guarantor
        assert terms is not None
        for hazard, site in sorted(picture.hazards.items()):
            named = [each for each in picture.guarantors if each.hazard == hazard]
            for role, about in terms.roles.items():
                if holder(named, role, now) is None:
                    yield _missing(terms, hazard, site, role, about, named, now)
            yield from _twice(terms, hazard, site, named, now)


def holder(named: Sequence[Guarantor], role: str, now: int) -> Guarantor | None:
    """Who holds a post at this moment; the one who came last where two do."""
    held = [each for each in named if each.role == role and each.holds(now)]
    return max(held, key=lambda each: (each.since, each.person)) if held else None


def _missing(
    terms: GuarantorTerms, hazard: str, site: str, role: str, about: Role, named: Sequence[Guarantor], now: int
) -> Standing:
    gone = [each for each in named if each.role == role and each.until is not None and each.until <= now]
    last = max(gone, key=lambda each: each.until or 0, default=None)
    title = about.title
    if last is None or last.until is None:
        text = Text(f"重大危险源 {hazard} 没有{title.zh}", f"major hazard {hazard} has no {title.en}")
    else:
        text = Text(
            f"重大危险源 {hazard} 的{title.zh} {last.person} 已于 {moment(last.until)} 离任，尚无人接任",
            f"major hazard {hazard}: {title.en} {last.person} left at {moment(last.until)}, and nobody has followed",
        )
    return Standing(
        "guarantor-missing",
        "guarantor",
        "guarantor",
        site,
        f"{hazard}/{role}",
        terms.severity,
        text,
        since=last.until if last is not None else None,
        mark=last.person if last is not None else "",
        facts={"hazard": hazard, "role": role, "departed": last.person if last is not None else ""},
    )


def _twice(terms: GuarantorTerms, hazard: str, site: str, named: Sequence[Guarantor], now: int) -> Iterator[Standing]:
    posts: dict[str, list[Guarantor]] = {}
    for role in terms.roles:
        if (held := holder(named, role, now)) is not None:
            posts.setdefault(held.person, []).append(held)
    for person, held_posts in sorted(posts.items()):
        if len(held_posts) < 2:
            continue
        titles = [terms.roles[each.role].title for each in held_posts]
        yield Standing(
            "guarantor-twice",
            "guarantor",
            "guarantor",
            site,
            f"{hazard}/{person}",
            terms.severity,
            Text(
                f"重大危险源 {hazard}：{person} 一人兼任{'、'.join(each.zh for each in titles)}",
                f"major hazard {hazard}: {person} is {' and '.join(each.en for each in titles)} at once",
            ),
            since=max(each.since for each in held_posts),
            mark="+".join(each.role for each in held_posts),
            facts={"hazard": hazard, "person": person, "posts": len(held_posts)},
        )
