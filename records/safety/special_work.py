"""Permits of special work (GB 30871-2022): order and time of approvals, length, analysis, completion, crossing works.

Each fault is a standing condition of its own, named by the permit and the fault. It stands from the moment at which
it came to be until the work is over or the permit is amended.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import ClassVar

import msgspec

from records.registry import Site
from records.safety.days import hours, moment
from records.safety.standing import Picture, Rule, Standing
from records.safety.terms import PermitTerms
from records.safety.works import WORK_TITLES, apart_m
from topics.finding import Text
from topics.safety_events import Signature, WorkPermit

#: Fewer than a degree of longitude has anywhere in the country (at 54° north), so that a square holds all that is near.
METRES_A_DEGREE = 60_000.0

WORK_OVER = Text("作业已结束", "the work is over")


class Fault(msgspec.Struct, frozen=True):
    """One fault of a permit: a code, since when, and what is wrong."""

    code: str
    since: int
    text: Text


class SpecialWork(Rule):
    """All faults of all permits, each permit by itself and each pair that crosses."""

    names: ClassVar[tuple[str, ...]] = ("special-work",)
    part: ClassVar[str] = "permit"
    over: ClassVar[Text] = Text("作业票已更正", "the permit was amended")

    def standing(self, picture: Picture, now: int) -> Iterator[Standing]:
        terms = picture.terms.permit
        assert terms is not None
        held = [each for each in picture.permits if not each.cancelled and each.site in picture.sites]
        for permit in held:
            for fault in faults(permit, terms, now):
                yield _standing(picture.sites[permit.site], permit, permit.permit, fault, terms, now, over_at(permit))
        for one, other, apart in crossings(held, terms):
            fault = crossing_fault(one, other, apart)
            if fault.since <= now:
                over = min(over_at(one), over_at(other))
                name = f"{one.permit}+{other.permit}"
                yield _standing(picture.sites[one.site], one, name, fault, terms, now, over)


def faults(permit: WorkPermit, terms: PermitTerms, now: int) -> list[Fault]:
    """What is wrong with one permit at this moment, in the order of the file's rules."""
    found = [*_approvals(permit, terms), *_times(permit, terms), *_analysis(permit, terms)]
    found += _completion(permit, terms, now)
    return [each for each in found if each.since <= now]


def _approvals(permit: WorkPermit, terms: PermitTerms) -> Iterator[Fault]:
    """The roles sign in order, nobody for themselves, and all before the start."""
    roles: Sequence[str] = terms.of(terms.approvals, permit.work, permit.level) or ()
    signed: dict[str, Signature] = {}
    for each in sorted(permit.signatures, key=lambda each: each.time):
        signed[each.role] = each
    if absent := [role for role in roles if role not in signed]:
        names = ", ".join(absent)
        yield Fault("approval-missing", permit.start, Text(f"缺少审批：{names}", f"not signed by {names}"))
    present = [signed[role] for role in roles if role in signed]
    for before, after in pairwise(present):
        if after.time < before.time:
            yield Fault(
                "approval-order",
                before.time,
                Text(
                    f"审批次序颠倒：{after.role} {moment(after.time)} 先于 {before.role} {moment(before.time)}",
                    f"signed out of order: {after.role} at {moment(after.time)}, before {before.role} at "
                    f"{moment(before.time)}",
                ),
            )
            break
    if present and (last := max(present, key=lambda each: each.time)).time > permit.start:
        yield Fault(
            "approved-late",
            permit.start,
            Text(
                f"{moment(permit.start)} 开始作业，{last.role} {moment(last.time)} 才批准",
                f"begun at {moment(permit.start)}, approved by {last.role} only at {moment(last.time)}",
            ),
        )
    yield from _own_hand(permit, present)


def _own_hand(permit: WorkPermit, present: Sequence[Signature]) -> Iterator[Fault]:
    hands: dict[str, Signature] = {}
    for each in present:
        if each.who == permit.applicant:
            said = Text(f"申请人 {each.who} 自己审批（{each.role}）", f"{each.who} applied and signed as {each.role}")
            yield Fault("self-approved", each.time, said)
            return
        if each.who in hands:
            roles = f"{hands[each.who].role}, {each.role}"
            said = Text(f"{each.who} 一人签两级（{roles}）", f"{each.who} signed for two posts ({roles})")
            yield Fault("one-hand", each.time, said)
            return
        hands[each.who] = each


def _times(permit: WorkPermit, terms: PermitTerms) -> Iterator[Fault]:
    longest = terms.of(terms.longest_s, permit.work, permit.level)
    if permit.end <= permit.start:
        said = Text("结束不晚于开始", "its end is not after its start")
        yield Fault("ends-before-start", permit.start, said)
    elif longest is not None and permit.end - permit.start > longest * 1000:
        span, most = hours(permit.end - permit.start), hours(longest * 1000)
        yield Fault("too-long", permit.start, Text(f"有效期 {span}，最长 {most}", f"good for {span}, at most {most}"))
    if ahead := [each for each in permit.signatures if each.time > permit.time]:
        name = ahead[0].role
        said = Text(
            f"{name} 的签字时间在票据时间之后", f"signed by {name} later than the permit itself says it was sent"
        )
        yield Fault("signed-ahead", permit.time, said)


def _analysis(permit: WorkPermit, terms: PermitTerms) -> Iterator[Fault]:
    within = terms.of(terms.gas_test_within_s, permit.work, permit.level)
    if within is None:
        return
    before = [time for time in permit.gas_tests if time <= permit.start]
    if not before:
        said = Text("作业前没有气体分析", "no gas was analysed before the work began")
    elif permit.start - max(before) > within * 1000:
        old = hours(permit.start - max(before))
        said = Text(f"气体分析在作业前 {old}", f"the gas was analysed {old} before the work began")
    else:
        return
    yield Fault("gas-test", permit.start, said)


def _completion(permit: WorkPermit, terms: PermitTerms, now: int) -> Iterator[Fault]:
    due = permit.end + terms.completion_within_s * 1000
    if permit.completed is None:
        if now > due:
            yield Fault("not-completed", due, Text("到期未验收签字", "nobody signed that the work was completed"))
    elif permit.completed < permit.start:
        said = Text("完工时间早于开始", "completed before it began")
        yield Fault("completed-before-start", permit.start, said)
    elif permit.completed > due:
        said = Text(f"{moment(permit.completed)} 才验收", f"completed only at {moment(permit.completed)}")
        yield Fault("completed-late", due, said)
    if permit.completed is not None and not permit.completed_by:
        said = Text("完工没有验收人", "nobody's name stands under the completion")
        yield Fault("not-completed", permit.completed, said)


def crossings(permits: Sequence[WorkPermit], terms: PermitTerms) -> Iterator[tuple[WorkPermit, WorkPermit, float]]:
    """Pairs of works of crossing kinds that overlap in time and lie too close, with the metres between them."""
    within = {tuple(sorted(each.works)): each.within_m for each in terms.crossing}
    kinds = {work for pair in within for work in pair}
    placed = [each for each in permits if each.work in kinds and each.lat is not None and each.lon is not None]
    cells: dict[tuple[int, int], list[WorkPermit]] = {}
    size = max(within.values(), default=1.0) / METRES_A_DEGREE
    for one in sorted(placed, key=lambda each: (each.start, each.site, each.permit)):
        here = _cell(one, size)
        for cell in ((here[0] + i, here[1] + j) for i in (-1, 0, 1) for j in (-1, 0, 1)):
            # What is over when this one begins crosses neither it nor anything later.
            near = cells[cell] = [each for each in cells.get(cell, ()) if over_at(each) > one.start]
            for other in near:
                bound = within.get(tuple(sorted((other.work, one.work))))
                apart = apart_m(other, one) if bound is not None and one.start < over_at(one) else None
                if bound is not None and apart is not None and apart <= bound:
                    yield other, one, apart
        cells[here].append(one)


def crossing_fault(one: WorkPermit, other: WorkPermit, apart: float) -> Fault:
    """What stands from the moment at which both works go on."""
    kinds = WORK_TITLES[one.work], WORK_TITLES[other.work]
    return Fault(
        "crossing",
        max(one.start, other.start),
        Text(
            f"与 {other.permit} 交叉作业：{kinds[0].zh}与{kinds[1].zh}相距 {apart:.0f} 米、时间重叠",
            f"crosses {other.permit}: {kinds[0].en} and {kinds[1].en} at the same time, {apart:.0f} m apart",
        ),
    )


def over_at(permit: WorkPermit) -> int:
    """When the work is over: as signed, else as permitted."""
    return permit.completed if permit.completed is not None else permit.end


def _cell(permit: WorkPermit, size: float) -> tuple[int, int]:
    """The square of the grid, ``size`` degrees wide, in which a permit's place lies."""
    return math.floor((permit.lat or 0.0) / size), math.floor((permit.lon or 0.0) / size)


def _standing(
    site: Site, permit: WorkPermit, name: str, fault: Fault, terms: PermitTerms, now: int, over: int
) -> Standing:
    title = WORK_TITLES[permit.work]
    # What is found out after the work is told all the same, and is over as soon as it is told; a signature that is
    # missing stands until somebody signs.
    ended = max(over, fault.since) if now >= over and fault.code != "not-completed" else None
    return Standing(
        "special-work",
        "special-work",
        "special-work",
        site.id,
        f"{site.id}/{name}/{fault.code}",
        terms.grave_severity if fault.code in terms.grave else terms.severity,
        Text(
            f"{site.title.zh}{title.zh}票 {permit.permit}：{fault.text.zh}",
            f"{site.title.en}, permit {permit.permit} of {title.en}: {fault.text.en}",
        ),
        since=fault.since,
        ended=ended,
        ended_text=WORK_OVER,
        mark=fault.text.en,
        facts={"permit": permit.permit, "fault": fault.code, "place": permit.place},
    )
