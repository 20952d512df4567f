"""A firm has not given its commitment of the day in time (notice of the ministry, 2018-09-19; Guangdong: 10:00)."""

from collections.abc import Iterator
from typing import ClassVar

from records.registry import Site
from records.safety.days import DAY_MS, at, begins, day_of, hours, moment
from records.safety.standing import Picture, Rule, Standing
from records.safety.terms import CommitmentTerms
from topics.finding import Text


class CommitmentMissing(Rule):
    """Opens at the time it was due, closes when it comes, with the delay, or with the day."""

    names: ClassVar[tuple[str, ...]] = ("commitment-missing",)
    part: ClassVar[str] = "commitment"
    over: ClassVar[Text] = Text("不再要求承诺", "it is no longer expected")

    def standing(self, picture: Picture, now: int) -> Iterator[Standing]:
        terms = picture.terms.commitment
        assert terms is not None
        for day in (day_of(now - DAY_MS), day_of(now)):
            due = at(day, terms.due_by)
            if now < due + terms.settle_s * 1000:
                continue
            for site in picture.sites.values():
                if site.source_type in terms.source_types and picture.exempt(site.id, due) is None:
                    yield from self._one(picture, terms, site, day, due, now)

    def _one(
        self, picture: Picture, terms: CommitmentTerms, site: Site, day: str, due: int, now: int
    ) -> Iterator[Standing]:
        given = picture.commitments.get((site.id, day))
        if given is not None and given.first.time <= due:
            return
        over, said = None, None
        if given is not None:
            over = given.first.time
            late = hours(over - due)
            said = Text(
                f"{given.first.by}于 {moment(over)} 补报，迟报 {late}（时:分）",
                f"given by {given.first.by} at {moment(over)}, {late} (h:min) late",
            )
        elif now >= begins(day) + DAY_MS:
            over = begins(day) + DAY_MS
            said = Text(f"{day} 全天未作安全承诺", f"no commitment was given on {day} at all")
        facts: dict[str, str | float | int | None] = {"day": day, "due": due}
        if given is not None:
            facts |= {"given": given.first.time, "delay_s": (given.first.time - due) // 1000}
        yield Standing(
            "commitment-missing",
            "commitment",
            "commitment",
            site.id,
            f"{site.id}/{day}",
            terms.severity,
            Text(
                f"{site.title.zh}：{terms.due_by} 前未作当日（{day}）安全承诺",
                f"{site.title.en}: no safety commitment for {day} by {terms.due_by}",
            ),
            since=due,
            ended=over,
            ended_text=said,
            opens=day == day_of(now),  # who begins to watch today does not accuse anybody of yesterday
            facts=facts,
        )
