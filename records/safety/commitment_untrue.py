"""A commitment against what else is known: permits of the day, and instruments that show the plant at work."""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from records.registry import Site
from records.safety.days import DAY_MS, begins, day_of, moment
from records.safety.standing import Picture, Rule, Run, Standing
from records.safety.terms import CommitmentTerms
from records.safety.works import WORK_TITLES
from topics.finding import Text
from topics.safety_events import WORKS, Commitment, Work, WorkPermit

DAY_OVER = Text("承诺日已过", "the day of the commitment is over")


class CommitmentUntrue(Rule):
    """Two records that cannot both be true, each named. A commitment that is amended ends it."""

    names: ClassVar[tuple[str, ...]] = ("commitment-permits", "commitment-running", "exemption-running")
    part: ClassVar[str] = "commitment"
    over: ClassVar[Text] = Text("承诺已更正或票据已撤销", "the commitment was amended, or the permit withdrawn")

    def standing(self, picture: Picture, now: int) -> Iterator[Standing]:
        terms = picture.terms.commitment
        assert terms is not None
        permits: dict[tuple[str, Work], list[WorkPermit]] = {}
        for permit in picture.permits:
            permits.setdefault((permit.site, permit.work), []).append(permit)
        for (name, _), given in sorted(picture.commitments.items()):
            site = picture.sites.get(name)
            if site is None or now < given.last.time:
                continue
            for work in WORKS:
                yield from _permits(permits.get((name, work), ()), terms, site, given.last, work, now)
            if given.last.stands_still:
                yield from _running(picture, terms, site, given.last, now)
        yield from _exempt(picture, terms, now)


def _permits(
    permits: Sequence[WorkPermit], terms: CommitmentTerms, site: Site, said: Commitment, work: Work, now: int
) -> Iterator[Standing]:
    """More permits of a kind than the commitment speaks of."""
    held = permits_of(permits, said, work)
    count, over = said.works.get(work, 0), begins(said.day) + DAY_MS
    if len(held) <= count:
        return
    since = _wrong_since(held[count], said, terms)
    if since > now:
        return
    names, title = [each.permit for each in held], WORK_TITLES[work]
    yield Standing(
        "commitment-permits",
        "commitment",
        "commitment-truth",
        site.id,
        f"{site.id}/{said.day}/{work}",
        terms.contradiction_severity,
        Text(
            f"{site.title.zh}：{said.day} 承诺（{said.id}）{title.zh} {count} 处，作业票却有 {len(held)} 张"
            f"（{'、'.join(names)}）",
            f"{site.title.en}: the commitment {said.id} of {said.day} says {count} of {title.en}, but there are "
            f"{len(held)} permits ({', '.join(names)})",
        ),
        since=since,
        ended=over if now >= over else None,
        ended_text=DAY_OVER,
        mark=f"{count}<{len(held)}",
        facts={"commitment": said.id, "said": count, "permits": len(held), "permit": names[count]},
    )


def _running(picture: Picture, terms: CommitmentTerms, site: Site, said: Commitment, now: int) -> Iterator[Standing]:
    """All is said to stand still, and an instrument shows it at work."""
    first = begins(said.day)
    over = first + DAY_MS
    for run in _seen(picture, site.id, max(said.time, first), min(now, over)):
        yield Standing(
            "commitment-running",
            "commitment",
            "commitment-truth",
            site.id,
            f"{site.id}/{said.day}/running",
            terms.contradiction_severity,
            Text(
                f"{site.title.zh}：{said.day} 承诺（{said.id}）全部停产，{_at_work(run).zh}",
                f"{site.title.en}: the commitment {said.id} of {said.day} says that all stands still, "
                f"{_at_work(run).en}",
            ),
            since=run.since,
            ended=over if now >= over else None,
            ended_text=DAY_OVER,
            mark=run.series,
            facts={"commitment": said.id, "series": run.series, "time": run.since, "value": run.value},
        )


def _exempt(picture: Picture, terms: CommitmentTerms, now: int) -> Iterator[Standing]:
    """A firm that need say nothing because it stands still is looked at all the same, day by day."""
    today = begins(day_of(now))
    for each in picture.exemptions:
        site = picture.sites.get(each.site)
        if site is None:
            continue
        end = now if each.end is None else min(now, each.end)
        for run in _seen(picture, site.id, max(each.start, today), end):
            yield Standing(
                "exemption-running",
                "commitment",
                "commitment-truth",
                site.id,
                f"{each.id}/{day_of(now)}",
                terms.contradiction_severity,
                Text(
                    f"{site.title.zh}：停产免报（{each.id}），{_at_work(run).zh}",
                    f"{site.title.en}: exempt because it stands still ({each.id}), {_at_work(run).en}",
                ),
                since=run.since,
                mark=run.series,
                facts={"exemption": each.id, "series": run.series, "time": run.since, "value": run.value},
            )


def _seen(picture: Picture, site: str, start: int, end: int) -> Sequence[Run]:
    """The first run of a span: one is enough to be untrue."""
    return picture.runs(site, start, end)[:1] if start < end else ()


def _at_work(run: Run) -> Text:
    value = f"{run.value:g} {run.unit}".strip()
    return Text(
        f"但 {run.series} 自 {moment(run.since)} 起为 {value}",
        f"but {run.series} has shown {value} since {moment(run.since)}",
    )


def permits_of(permits: Sequence[WorkPermit], said: Commitment, work: Work) -> list[WorkPermit]:
    """The permits of this kind whose work begins on the day of the commitment, in the order of their beginning."""
    first = begins(said.day)
    held = [
        each
        for each in permits
        if each.site == said.site and each.work == work and not each.cancelled and first <= each.start < first + DAY_MS
    ]
    return sorted(held, key=lambda each: (each.start, each.permit))


def _wrong_since(permit: WorkPermit, said: Commitment, terms: CommitmentTerms) -> int:
    """Work that nobody foresaw is applied for first; the day's word may be amended for a while after."""
    applied = min((each.time for each in permit.signatures), default=permit.time)
    return said.time if applied <= said.time else applied + terms.amend_within_s * 1000
